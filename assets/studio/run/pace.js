/* When the page is told of news: at once while it is idle, and never so often that a fast run leaves the person no time. */

const LONGEST_PAUSE = 40;

const listeners = new Set();
const publishers = [];

let toldAt = 0;
let telling = null;
let pause = 0;

/** At once when the page is idle, otherwise after a pause: the first message comes without delay. */
export function notify() {
  telling ??= setTimeout(tell, Math.max(0, pause - (performance.now() - toldAt)));
}

/** The pause lasts as long as the page was busy with the last news: however fast a run is, half of the time is left for the person. */
export function tell() {
  clearTimeout(telling);
  telling = null;
  toldAt = performance.now();
  pause = LONGEST_PAUSE;
  setTimeout(rested);
  for (const publish of publishers) publish();
  for (const listener of listeners) listener();
}

function rested() {
  pause = Math.min(LONGEST_PAUSE, performance.now() - toldAt);
  if (telling === null) return;
  clearTimeout(telling);
  telling = null;
  notify();
}

export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** `publish()` is called before the page is told: what it then sees. */
export const onTell = (publish) => publishers.push(publish);
