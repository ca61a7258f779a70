/* Markdown of long transcripts without a long wait: the newest at once, what does not fit into a frame as plain text first, dressed up when there is time. */
import { rendered } from "./markdown.js";

const AT_ONCE = 12;
const SLICE = 8;

const waiting = [];
let spent = 0;
let frame = 0;
let timer = 0;

const whenIdle = window.requestIdleCallback ? (work) => window.requestIdleCallback(work, { timeout: 300 }) : (work) => setTimeout(work, 30);

/** Shows `text` as Markdown in `root`: now, or after the others that came before; then `dress` may change it. Returns how to give it up. */
export function renderSoon(root, text, dress) {
  frame ||= requestAnimationFrame(() => (spent = frame = 0));
  if (spent < AT_ONCE) {
    const began = performance.now();
    root.replaceChildren(rendered(text));
    dress?.(root);
    spent += performance.now() - began;
    return undefined;
  }
  const job = { root, text, dress };
  root.textContent = text;
  waiting.push(job);
  timer ||= whenIdle(work);
  return () => (job.root = null);
}

/** The newest first: they are what is looked at. */
function work() {
  timer = 0;
  const until = performance.now() + SLICE;
  while (waiting.length && performance.now() < until) {
    const { root, text, dress } = waiting.pop();
    if (!root) continue;
    root.replaceChildren(rendered(text));
    dress?.(root);
  }
  if (waiting.length) timer = whenIdle(work);
}
