/* Where palette and canvas meet: the canvas of this page, if there is one, and what is being dragged over it. */
import { useSyncExternalStore } from "react";

export const DRAG_TYPE = "application/x-convene";

const listeners = new Set();
let adder = null;
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
