/* What this tab knows of runs, outside of React: the runs with their folded logs, and what the person is at. Others change it and `notify()`. */
import { EMPTY } from "./fold.js";
import { NOBODY_SPEAKS } from "./live.js";

export const runs = new Map();

export const state = { shown: "", connection: "open", refusal: null, stopping: "", pausing: "", starting: false, answering: [], reveal: 0 };

export function runOf(id) {
  let run = runs.get(id);
  if (!run) {
    run = { id, events: [], state: EMPTY, status: "", session: "", flow: "", live: new Map(), speaking: NOBODY_SPEAKS, upTo: null, past: null, watching: false, replayed: false, displaced: -Infinity };
    runs.set(id, run);
  }
  return run;
}
