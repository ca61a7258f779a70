/* What a person does with runs: shows one, starts, answers, steers and stops it. */
import { EDITED, keepAnswer } from "./answers.js";
import { foldUpTo } from "./fold.js";
import { hushAll } from "./live.js";
import { isOpen, send } from "./line.js";
import { notify } from "./pace.js";
import { refuse, starting } from "./receive.js";
import { runOf, runs, state } from "./state.js";
import { shown } from "./store.js";

const START_WITHIN = 20_000;

/** Shows a run (or none, with ""), and follows it. */
export function show(id) {
  if (id === state.shown) return;
  const before = runs.get(state.shown);
  if (before) {
    before.watching = false;
    hushAll(before);
    send({ t: "unwatch", run: before.id });
  }
  state.shown = id;
  state.refusal = null;
  if (id) watch(runOf(id));
  notify();
}

function watch(run) {
  if (run.watching) return;
  run.watching = true;
  send({ t: "watch", run: run.id, after: run.state.seq });
}

/** Starts `task` and shows the new run. Resolves to {run, session}, or to null when it was refused (the refusal is shown). */
export const start = ({ flow, task, session, attachments = [] }) =>
  begin({ t: "start", flow, task, ...(session ? { session } : {}), ...(attachments.length ? { attachments } : {}) }, flow);

/** Goes on from event `seq` of the shown run in a new one, and shows it. Resolves as `start` does. */
export function fork(seq) {
  const { id, flow } = shown();
  stepTo(null);
  return begin({ t: "fork", run: id, seq }, flow);
}

async function begin(frame, flow) {
  if (state.starting) return null;
  const nonce = crypto.getRandomValues(new Uint32Array(3)).join("-");
  state.starting = true;
  state.refusal = null;
  notify();
  try {
    const begun = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        starting.delete(nonce);
        reject({ lost: true });
      }, START_WITHIN);
      const settle = (how) => (value) => {
        clearTimeout(timer);
        how(value);
      };
      starting.set(nonce, { resolve: settle(resolve), reject: settle(reject), sent: isOpen() });
      send({ ...frame, nonce });
    });
    runOf(begun.run).flow = flow;
    show(begun.run);
    return begun;
  } catch (refusal) {
    refuse(refusal);
    return null;
  } finally {
    state.starting = false;
    notify();
  }
}

export function stop() {
  if (!state.shown || state.stopping === state.shown) return;
  state.stopping = state.shown;
  send({ t: "stop", run: state.shown });
  notify();
}

export function resume() {
  state.refusal = null;
  send({ t: "resume", run: state.shown });
  notify();
}

/** "pause", "resume_paused" or "step": between two steps of the shown run. */
export function steer(order) {
  state.refusal = null;
  state.pausing = order === "pause" ? state.shown : "";
  send({ t: order, run: state.shown });
  notify();
}

/** Puts a message into the shown run. */
export function say(text) {
  state.refusal = null;
  send({ t: "say", run: state.shown, text });
  notify();
}

/** Names who speaks next in the shown run. */
export function nextSpeaker(speaker) {
  state.refusal = null;
  send({ t: "next", run: state.shown, speaker });
  notify();
}

export function answer(question, text, approved, always = false) {
  if (state.answering.includes(question)) return;
  keepAnswer(state.shown, question + EDITED, "");
  keepAnswer(state.shown, question, text);
  state.answering = [...state.answering, question];
  state.refusal = null;
  send({ t: "answer", run: state.shown, question, text, ...(approved === undefined ? {} : { approved }), ...(always ? { always } : {}) });
  notify();
}

/** Steps a finished run back to event `seq`; null is the end, as it is. */
export function stepTo(seq) {
  const run = runs.get(state.shown);
  if (!run) return;
  run.upTo = seq;
  run.past = seq === null ? null : foldUpTo(run.events, seq);
  notify();
}

export function forgetRefusal() {
  state.refusal = null;
  notify();
}

/** Asks the task box to take the focus, as soon as it is on the page. */
export function revealTaskBox() {
  state.reveal += 1;
  notify();
}

// The address names the run before the page does: what was said in it is on its way while the page is built.
// Pages are written once before there is a browser: then there is no window.
const { pathname = "", search = "" } = typeof window === "undefined" ? {} : window.location;
const named = /^\/run\/([\w-]+)/.exec(pathname)?.[1] ?? new URLSearchParams(search).get("run");
if (named) show(named);
