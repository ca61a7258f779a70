import assert from "node:assert/strict";
import { said } from "./studio/shell/since.js";
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

export function a_moment_is_told_as_people_say_it() {
  const now = Date.parse("2026-03-01T12:00:00Z");
  const ago = (seconds) => said(new Date(now - seconds * 1000).toISOString(), now);
  assert.deepEqual([0, 59, 60, 100, 3600, 7200].map(ago), ["now", "now", "1 minute ago", "2 minutes ago", "1 hour ago", "2 hours ago"]);
  assert.deepEqual([1, 2, 7, 21, 31, 365, 730].map((days) => ago(days * 86_400)), ["yesterday", "2 days ago", "last week", "3 weeks ago", "last month", "last year", "2 years ago"]);
}

export function a_clock_that_is_ahead_tells_no_future() {
  assert.equal(said("2026-03-01T12:05:00Z", Date.parse("2026-03-01T12:00:00Z")), "now");
}
