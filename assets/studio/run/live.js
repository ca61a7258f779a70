/* What is being spoken, printed or worked at right now: kept beside the log, gone as soon as the log has it. */

const FLUSH_EVERY = 50;
const MOST_TEXT = 200_000;

export const NOBODY_SPEAKS = Object.freeze([]);

const unheard = new Set();

/** What `source` is at in a run. A new one when it was silent; `run.speaking` then names it too. */
export function liveOf(run, source) {
  let live = run.live.get(source);
  if (!live) {
    live = { source, text: "", reasoning: "", output: "", what: "", since: performance.now(), pending: { text: "", output: "" }, listeners: new Set() };
    run.live.set(source, live);
    run.speaking = [...run.live.keys()];
  }
  return live;
}

/** Adds a piece of "text", "reasoning" or "output". Returns whether the page looks different now, beyond the growing text. */
export function speak(run, source, kind, text) {
  const wasSilent = !run.live.get(source)?.text && kind === "text";
  const isNew = !run.live.has(source);
  const live = liveOf(run, source);
  live[kind] = (live[kind] + text).slice(-MOST_TEXT);
  if (kind !== "reasoning") {
    live.pending[kind] += text;
    if (!unheard.size) setTimeout(flush, FLUSH_EVERY);
    unheard.add(live);
  }
  return isNew || wasSilent;
}

/** Hands over what came since the last time: a token costs no render, and the page no more than 20 writes a second. */
function flush() {
  for (const live of unheard) {
    const said = live.pending;
    live.pending = { text: "", output: "" };
    for (const hear of live.listeners) hear(said);
  }
  unheard.clear();
}

/** Forgets what `source` was at: it is in the log now, or void. */
export function hush(run, source) {
  const live = run.live.get(source);
  if (!live) return;
  unheard.delete(live);
  run.live.delete(source);
  run.speaking = run.live.size ? [...run.live.keys()] : NOBODY_SPEAKS;
}

export function hushAll(run) {
  for (const source of [...run.live.keys()]) hush(run, source);
}

/** `hear({text, output})` for every further piece. Returns what was said so far, and how to stop listening; null when nobody speaks. */
export function listenTo(live, hear) {
  if (!live) return null;
  live.listeners.add(hear);
  const heard = (kind) => live[kind].slice(0, live[kind].length - live.pending[kind].length);
  return { said: { text: heard("text"), output: heard("output") }, stop: () => live.listeners.delete(hear) };
}
