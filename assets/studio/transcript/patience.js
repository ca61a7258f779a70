/* Long transcripts without a long wait: all of it plainly first, the newest dressed up in the same frame, the rest when there is time. */
import { createContext } from "react";
import { rendered } from "./markdown.js";

const AT_ONCE = 12;
const SLICE = 8;

/** Whether what stands here lies so far up that nobody looks at it yet: it shows what was said, and no more. */
export const FarUp = createContext(false);

const waiting = [];
const later = [];
let spent = 0;
let frame = 0;
let timer = 0;
let isAsked = false;

const whenIdle = globalThis.requestIdleCallback ? (work) => window.requestIdleCallback(work, { timeout: 300 }) : (work) => setTimeout(work, 30);

/** Shows `text` as Markdown in `root`, then `dress` may change it: before the next frame where there is time for it, else after the others that came before. Returns how to give it up. */
export function renderSoon(root, text, dress) {
  const job = { root, text, dress };
  root.textContent = text;
  waiting.push(job);
  // After all that is drawn with it: the newest, which is what is looked at, comes last.
  if (!isAsked) queueMicrotask(atOnce);
  isAsked = true;
  return () => (job.root = null);
}

/** Calls `come` when there is time, and before those who asked earlier. Returns how to give it up. */
export function whenThereIsTime(come) {
  const job = { come };
  later.push(job);
  timer ||= whenIdle(work);
  return () => (job.come = null);
}

function atOnce() {
  isAsked = false;
  frame ||= requestAnimationFrame(() => (spent = frame = 0));
  const began = performance.now();
  while (waiting.length && spent + performance.now() - began < AT_ONCE) dressUp(waiting.pop());
  spent += performance.now() - began;
  if (waiting.length) timer ||= whenIdle(work);
}

/** The newest first. */
function work() {
  timer = 0;
  const until = performance.now() + SLICE;
  while (waiting.length && performance.now() < until) dressUp(waiting.pop());
  if (!waiting.length) later.pop()?.come?.();
  if (waiting.length + later.length) timer = whenIdle(work);
}

function dressUp({ root, text, dress }) {
  if (!root) return;
  root.replaceChildren(rendered(text));
  dress?.(root);
}
