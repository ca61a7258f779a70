import assert from "node:assert/strict";
import { isOpenFence, lastBreak, mended } from "./studio/transcript/paragraphs.js";

export function a_finished_paragraph_is_cut_off_and_the_one_being_written_is_not() {
  assert.equal(lastBreak("First.\n\nSecond"), "First.\n\n".length);
  assert.equal(lastBreak("First.\nSecond"), 0);
  assert.equal(lastBreak("First.\n\n"), 0);
}

export function a_fence_is_cut_off_only_when_it_is_closed() {
  assert.equal(lastBreak("```python\na = 1\n\nb = 2\n"), 0);
  const closed = "```python\na = 1\n\nb = 2\n```\n";
  assert.equal(lastBreak(`${closed}And`), closed.length);
  assert.equal(lastBreak("````\n```\n\n"), 0);
}

export function a_fence_ends_the_paragraph_above_it() {
  assert.equal(lastBreak("Here:\n```python\na = 1\n"), "Here:\n".length);
  assert.equal(lastBreak("Here:\n```pyth"), 0);
}

export function a_list_is_not_torn_apart() {
  assert.equal(lastBreak("- one\n\n- two\n\n- th"), 0);
  assert.equal(lastBreak("1. one\n\n   more of one"), 0);
  assert.equal(lastBreak("- one\n- two\n\nAfter"), "- one\n- two\n\n".length);
}

export function cutting_never_loses_a_letter() {
  const text = "Intro\n\n```js\nx\n\ny\n```\n\nMiddle **bold**\n\n- a\n- b\n\nEnd of it.\n\nVery last";
  let tail = "";
  let done = "";
  for (const letter of text) {
    tail += letter;
    const cut = letter === "\n" ? lastBreak(tail) : 0;
    done += tail.slice(0, cut);
    tail = tail.slice(cut);
  }
  assert.equal(done + tail, text);
  assert.ok(done.includes("```js\nx\n\ny\n```\n"));
}

export function it_is_known_whether_code_is_being_written() {
  assert.equal(isOpenFence("Text\n```python\nx = 1"), true);
  assert.equal(isOpenFence("Text\n```python\nx = 1\n```\n"), false);
  assert.equal(isOpenFence("a `word` of code"), false);
}

export function what_is_half_written_shows_no_bare_marks() {
  assert.equal(mended("**Customers:"), "**Customers:**");
  assert.equal(mended("Then **"), "Then ");
  assert.equal(mended("**Bold**"), "**Bold**");
  assert.equal(mended("**Bold*"), "**Bold**");
  assert.equal(mended("Call `run"), "Call `run`");
  assert.equal(mended("Call `"), "Call ");
  assert.equal(mended("Text\n-"), "Text\n");
  assert.equal(mended("Text\n1."), "Text\n");
  assert.equal(mended("See [the page](https://exa"), "See the page");
  assert.equal(mended("2 * 3 ** 2 ** 1 and `a ** b`"), "2 * 3 ** 2 ** 1 and `a ** b`");
  assert.equal(mended("- one\n- two"), "- one\n- two");
}
