import assert from "node:assert/strict";
import { clock, counted, duration, money, t, whole } from "./studio/texts.js";

export function a_text_gets_its_facts() {
  assert.equal(t("transcript.turn_of", { turn: "4", most: "12" }), "turn 4 of 12");
  assert.equal(t("palette.none", { search: "{search}" }), "Nothing is called “{search}”.");
}

export function a_key_that_is_missing_is_seen() {
  assert.equal(t("no.such.key"), "no.such.key");
}

export function things_are_counted_in_words() {
  assert.equal(counted("run.events", 1), "1 event");
  assert.equal(counted("run.events", 1400), "1,400 events");
  assert.equal(whole(3210), "3,210");
}

export function money_shows_the_digits_that_say_something() {
  assert.deepEqual([0.00042, 0.0042, 0.042, 0.5, 12].map(money), ["$0.0004", "$0.004", "$0.042", "$0.50", "$12.00"]);
}

export function times_are_short() {
  assert.deepEqual([0, 41, 75, 3700].map(clock), ["0:00", "0:41", "1:15", "1:01:40"]);
  assert.deepEqual([0.94, 59.9, 75].map(duration), ["0.9 s", "59.9 s", "1:15"]);
}
