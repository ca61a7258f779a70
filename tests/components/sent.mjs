import assert from "node:assert/strict";
import { isOvertaken, sends } from "./studio/shell/sent.js";

export function what_comes_back_while_something_newer_is_on_its_way_is_overtaken() {
  const sent = [];
  sends(sent, "a", "", 0);
  sends(sent, "ab", "", 400);
  assert.equal(isOvertaken(sent, "a", 500), true);
  assert.equal(isOvertaken(sent, "ab", 600), false);
  assert.deepEqual(sent, []);
}

export function what_somebody_else_changed_is_shown_whatever_was_sent() {
  const sent = [];
  sends(sent, "a", "", 0);
  sends(sent, "ab", "", 400);
  assert.equal(isOvertaken(sent, "theirs", 500), false);
  assert.equal(isOvertaken(sent, "a", 600), false);
}

export function several_that_come_back_as_one_end_the_waiting_for_those_before() {
  const sent = [];
  for (const [at, what] of ["a", "ab", "abc"].entries()) sends(sent, what, "", at);
  assert.equal(isOvertaken(sent, "abc", 9), false);
  assert.deepEqual(sent, []);
}

export function nothing_is_waited_for_that_is_there_already_or_never_comes() {
  const sent = [];
  sends(sent, "a", "a", 0);
  assert.deepEqual(sent, []);
  sends(sent, "refused", "a", 0);
  sends(sent, "b", "a", 6_000);
  assert.equal(isOvertaken(sent, "b", 6_100), false);
  sends(sent, "c", "b", 7_000);
  assert.equal(isOvertaken(sent, "a", 20_000), false);
}
