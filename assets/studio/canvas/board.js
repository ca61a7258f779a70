/* Where palette and canvas meet: the canvas of this page, if there is one, and what is being dragged over it. */
import { useSyncExternalStore } from "react";

export const DRAG_TYPE = "application/x-convene";
const MOST_WAIT = 600;

const listeners = new Set();
let adder = null;
let unanswered = 0;
let editedAt = -Infinity;
let answeredAt = 0;
const waiters = [];
const hover = { team: "", connecting: null, isAway: false };

/** The canvas says how an entry of the palette is added at the centre of its view; null when the canvas goes. */
export function setAdder(add) {
  adder = add;
}

/** Adds an entry at the centre of the view, or inside the chosen team. Returns whether there was a canvas. */
export function addEntry(entry) {
  adder?.(entry);
  return Boolean(adder);
}

/** The id of the team that a dragged node would fall into (or ""), and the NodeView from which a wire is drawn (or null); `isAway` when its pointer has left it. */
export function setHover(changes) {
  const changed = Object.keys(changes).some((key) => hover[key] !== changes[key]);
  Object.assign(hover, changes);
  if (changed) for (const listener of listeners) listener();
}

/** The pointer left a node: a wire that began there may now come back to it. */
export function left(id) {
  if (hover.connecting?.id === id) setHover({ isAway: true });
}

export const useHover = (choose) => useSyncExternalStore(subscribe, () => choose(hover), () => choose(hover));

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Something was sent to the server that changes the flow. */
export function edited() {
  editedAt = performance.now();
}

/** The server told how the flow is now; `open` edits of the canvas are still on their way. */
export function answered(open) {
  unanswered = open;
  if (unanswered) return;
  answeredAt = performance.now();
  for (const done of waiters.splice(0)) done();
}

/** Resolves when the server has taken every edit, `MOST_WAIT` after the last one at the latest: what you see is what runs. */
export function settled() {
  const rest = editedAt + MOST_WAIT - performance.now();
  if ((!unanswered && answeredAt >= editedAt) || rest <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    waiters.push(resolve);
    setTimeout(resolve, rest);
  });
}
