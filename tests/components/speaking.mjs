import assert from "node:assert/strict";
import { hush, hushAll, listenTo, liveOf, NOBODY_SPEAKS, speak } from "./studio/run/live.js";

const aRun = () => ({ live: new Map(), speaking: NOBODY_SPEAKS });
const flushed = () => new Promise((resolve) => setTimeout(resolve, 80));

export function the_page_looks_different_only_when_somebody_begins() {
  const run = aRun();
  assert.equal(speak(run, "coder", "reasoning", "hm"), true);
  assert.equal(speak(run, "coder", "text", "Here"), true);
  assert.equal(speak(run, "coder", "text", " it is"), false);
  assert.deepEqual(run.speaking, ["coder"]);
}

export async function a_listener_hears_everything_once_whenever_it_comes() {
  const run = aRun();
  speak(run, "coder", "text", "one ");
  const early = [];
  const first = listenTo(run.live.get("coder"), ({ text }) => early.push(text));
  assert.equal(first.said.text, "");
  await flushed();
  speak(run, "coder", "text", "two ");
  const late = [];
  const second = listenTo(run.live.get("coder"), ({ text }) => late.push(text));
  speak(run, "coder", "text", "three");
  await flushed();
  assert.equal(first.said.text + early.join(""), "one two three");
  assert.equal(second.said.text + late.join(""), "one two three");
  assert.deepEqual(early, ["one ", "two three"]);
}

export async function what_is_void_is_never_heard() {
  const run = aRun();
  speak(run, "coder", "text", "wrong");
  const heard = [];
  listenTo(run.live.get("coder"), ({ text }) => heard.push(text));
  hush(run, "coder");
  await flushed();
  assert.deepEqual(heard, []);
  assert.equal(run.speaking, NOBODY_SPEAKS);
  speak(run, "coder", "text", "right");
  await flushed();
  assert.equal(run.live.get("coder").text, "right");
}

export function several_may_be_at_work_and_all_end_together() {
  const run = aRun();
  liveOf(run, "team").what = "choosing";
  speak(run, "runner", "output", "1 passed");
  assert.deepEqual(run.speaking, ["team", "runner"]);
  hushAll(run);
  assert.equal(run.live.size, 0);
  assert.equal(listenTo(run.live.get("runner"), () => {}), null);
}

export function endless_text_is_bounded() {
  const run = aRun();
  for (let count = 0; count < 30; count += 1) speak(run, "coder", "text", "x".repeat(10_000));
  assert.equal(run.live.get("coder").text.length, 200_000);
}
