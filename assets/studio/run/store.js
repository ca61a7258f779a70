/* The runs of this tab as the page sees them: which one is shown, who is at what, and where the conversation just went. */
import { useSyncExternalStore } from "react";
import { EMPTY, isActive } from "./fold.js";
import { NOBODY_SPEAKS } from "./live.js";
import { onTell, subscribe } from "./pace.js";
import "./receive.js";
import { runs, state } from "./state.js";

/** What `choose()` returns, again whenever it changes. It must return primitives or objects that keep their identity. */
export const useRuns = (choose) => useSyncExternalStore(subscribe, choose, choose);

// The page sees the state as it was told last. What came since must wait: a component that read it while others have not would be
// drawn anew in the middle of a frame.

const NOBODY = Object.freeze({ id: "", events: Object.freeze([]), state: EMPTY, status: "", session: "", flow: "", live: new Map(), at: new Map(), speaking: NOBODY_SPEAKS, upTo: null, past: null, displaced: -Infinity });

let seen = NOBODY;

/** What this tab is about: `connection`, `refusal`, `starting`, `stopping`, `pausing`, `answering`, `reveal`. */
export const tab = { ...state };

function publish() {
  const run = runs.get(state.shown);
  const at = ({ what, text }) => (text ? "speaking" : what || "thinking");
  const live = run ? byName(run.live) : null;
  seen = run ? { ...run, live, at: new Map([...live].map(([key, each]) => [key, at(each)])) } : NOBODY;
  Object.assign(tab, state);
}

onTell(publish);

/** What is spoken, by key, and by name alone for those who do not ask in which conversation. */
function byName(live) {
  const all = new Map(live);
  for (const [key, each] of live) {
    const name = key.slice(key.indexOf("/") + 1);
    if (!all.has(name)) all.set(name, each);
  }
  return all;
}

/** The run that is shown, or one in which nothing happened. `at` says what each one who is at work does. */
export const shown = () => seen;

/** Its folded state: now, or at the event to which the person stepped back. */
export const shownState = () => shown().past ?? shown().state;

/** "running", "waiting", "done" … of the shown run, "" when none is shown. */
export const shownStatus = () => (shown().past ? shown().past.status || "running" : shown().status);

export const isGoingOn = () => GOING_ON.has(shown().status);
const GOING_ON = new Set(["running", "waiting", "paused"]);

/** What the participant `name` is doing in the shown run: "", "speaking", "asked", "error", or what it works at. */
export function phaseOf(name) {
  const run = shown();
  const now = shownState();
  const status = shownStatus();
  if (now.questions.some((question) => question.source === name)) return "asked";
  if (status === "running" || status === "paused") {
    const at = run.past ? "" : run.at.get(name);
    if (at) return at;
    if (isActive(now, name)) return "speaking";
  }
  return now.failing === name && (status === "failed" || run.past) ? "error" : "";
}

/** Why the participant `name` could not go on in the shown run, as {text, remedy}; null when it did. */
export const failureOf = (name) => (phaseOf(name) === "error" ? shownState().failure : null);

/** Whether the conversation just went from one participant to the other: "now" while it is on, "" else. */
export function travelled(from, to) {
  const { hop } = shownState();
  return hop && hop.from === from && hop.to === to && GOING_ON.has(shownStatus()) ? "now" : "";
}
