/* The runs of this tab, outside of React: the channel's frames folded, the text that is being spoken, and which run is shown. */
import { useSyncExternalStore } from "react";
import { openChannel } from "./channel.js";
import { EMPTY, fold, foldUpTo, isActive } from "./fold.js";
import { hush, hushAll, liveOf, NOBODY_SPEAKS, speak } from "./live.js";

const LONGEST_PAUSE = 40;
const START_WITHIN = 20_000;

const runs = new Map();
const starting = new Map();
const listeners = new Set();
const drafts = new Map();
const state = { shown: "", connection: "open", refusal: null, stopping: "", pausing: "", starting: false, answering: [], reveal: 0 };

let channel = null;
const line = () => (channel ??= openChannel({ onFrame: receive, onState: connection, watched }));

function runOf(id) {
  let run = runs.get(id);
  if (!run) {
    run = { id, events: [], state: EMPTY, status: "", session: "", flow: "", live: new Map(), speaking: NOBODY_SPEAKS, upTo: null, past: null, watching: false, replayed: false };
    runs.set(id, run);
  }
  return run;
}

// What the server says -------------------------------------------------------------------------------------------------

function receive(frame) {
  const take = TAKES[frame.t];
  if (take) take(frame, frame.run ? runOf(frame.run) : null);
}

const TAKES = {
  started(frame) {
    const waiter = starting.get(frame.nonce);
    starting.delete(frame.nonce);
    Object.assign(runOf(frame.run), { session: frame.session, status: "running" });
    waiter?.resolve({ run: frame.run, session: frame.session });
  },
  refused(frame) {
    const waiter = starting.get(frame.nonce);
    starting.delete(frame.nonce);
    if (waiter) waiter.reject(frame);
    else refuse(frame);
    state.answering = [];
    state.stopping = state.pausing = "";
    notify();
  },
  events(frame, run) {
    const fresh = frame.events.filter((event) => event.seq > run.state.seq);
    if (!fresh.length) return;
    run.events.push(...fresh);
    run.state = fold(run.state, fresh);
    run.replayed = true;
    if (fresh.some((event) => SETS_STATUS.has(event.type))) run.status = run.state.status;
    for (const event of fresh) {
      if (ENDS_TEXT.has(event.type)) hush(run, keyOf(event));
      if (event.type === "answer") state.answering = state.answering.filter((each) => each !== event.question);
      if (event.type === "run_finished" || event.type === "run_interrupted") hushAll(run);
    }
    notify();
  },
  delta(frame, run) {
    if (speak(run, keyOf(frame), frame.kind === "reasoning" ? "reasoning" : "text", frame.text)) notify();
  },
  output(frame, run) {
    if (speak(run, keyOf(frame), "output", frame.text)) notify();
  },
  working(frame, run) {
    const key = keyOf(frame);
    if (!frame.what && !run.live.has(key)) return;
    const live = liveOf(run, key);
    if (live.what === frame.what) return;
    live.what = frame.what;
    if (!frame.what && !live.text && !live.output) hush(run, key);
    notify();
  },
  void(frame, run) {
    hush(run, keyOf(frame));
    notify();
  },
  status(frame, run) {
    Object.assign(run, { status: frame.status, session: frame.session ?? run.session, flow: frame.flow ?? run.flow, replayed: true });
    if (frame.status !== "running") {
      hushAll(run);
      if (state.stopping === run.id && frame.status !== "waiting") state.stopping = "";
      if (state.pausing === run.id) state.pausing = "";
    }
    notify();
  },
};

/** Who streams, and in which conversation: one team may talk twice at the same time. No name of a participant has a slash. */
const keyOf = ({ scope, source }) => (scope ? `${scope}/${source}` : source);

const SETS_STATUS = new Set(["run_started", "question", "answer", "run_finished", "run_interrupted", "run_resumed"]);
const ENDS_TEXT = new Set(["speaker_chosen", "selection_rejected", "message", "tool_calls", "partial", "handoff", "code_result", "tool_result", "question", "error", "conversation_closed", "ledger", "summary", "function_result"]);

function connection(now) {
  if (now === "lost") {
    for (const run of runs.values()) hushAll(run);
    for (const [nonce, waiter] of starting) {
      if (!waiter.sent) continue;
      starting.delete(nonce);
      waiter.reject({ lost: true });
    }
    state.answering = [];
  }
  state.connection = now;
  notify();
}

const watched = () => [...runs.values()].filter((run) => run.watching).map((run) => [run.id, run.state.seq]);

function refuse({ text, remedy, lost }) {
  state.refusal = { text: text ?? "", remedy: remedy ?? "", lost: Boolean(lost) };
  notify();
}

// What React is told ---------------------------------------------------------------------------------------------------

let toldAt = 0;
let telling = null;
let pause = 0;

/** At once when the page is idle, otherwise after a pause: the first message comes without delay. */
function notify() {
  telling ??= setTimeout(tell, Math.max(0, pause - (performance.now() - toldAt)));
}

/** The pause lasts as long as the page was busy with the last news: however fast a run is, half of the time is left for the person. */
function tell() {
  clearTimeout(telling);
  telling = null;
  toldAt = performance.now();
  pause = LONGEST_PAUSE;
  setTimeout(rested);
  publish();
  for (const listener of listeners) listener();
}

function rested() {
  pause = Math.min(LONGEST_PAUSE, performance.now() - toldAt);
  if (telling === null) return;
  clearTimeout(telling);
  telling = null;
  notify();
}

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What `choose()` returns, again whenever it changes. It must return primitives or objects that keep their identity. */
export const useRuns = (choose) => useSyncExternalStore(subscribe, choose, choose);

// What the page asks ---------------------------------------------------------------------------------------------------
// It sees the state as it was told last. What came since must wait: a component that read it while others have not would be
// drawn anew in the middle of a frame.

const NOBODY = Object.freeze({ id: "", events: Object.freeze([]), state: EMPTY, status: "", session: "", flow: "", live: new Map(), at: new Map(), speaking: NOBODY_SPEAKS, upTo: null, past: null });

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

/** Whether the conversation just went from one participant to the other: "now" while it is on, "" else. */
export function travelled(from, to) {
  const { hop } = shownState();
  return hop && hop.from === from && hop.to === to && GOING_ON.has(shownStatus()) ? "now" : "";
}

// What a person does ---------------------------------------------------------------------------------------------------

/** Shows a run (or none, with ""), and follows it. */
export function show(id) {
  if (id === state.shown) return;
  const before = runs.get(state.shown);
  if (before) {
    before.watching = false;
    hushAll(before);
    channel?.send({ t: "unwatch", run: before.id });
  }
  state.shown = id;
  state.refusal = null;
  if (id) watch(runOf(id));
  notify();
}

function watch(run) {
  if (run.watching) return;
  run.watching = true;
  line().send({ t: "watch", run: run.id, after: run.state.seq });
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
      starting.set(nonce, { resolve: settle(resolve), reject: settle(reject), sent: line().isOpen() });
      line().send({ ...frame, nonce });
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
  line().send({ t: "stop", run: state.shown });
  notify();
}

export function resume() {
  state.refusal = null;
  line().send({ t: "resume", run: state.shown });
  notify();
}

/** "pause", "resume_paused" or "step": between two steps of the shown run. */
export function steer(order) {
  state.refusal = null;
  state.pausing = order === "pause" ? state.shown : "";
  line().send({ t: order, run: state.shown });
  notify();
}

/** Puts a message into the shown run. */
export function say(text) {
  state.refusal = null;
  line().send({ t: "say", run: state.shown, text });
  notify();
}

/** Names who speaks next in the shown run. */
export function nextSpeaker(speaker) {
  state.refusal = null;
  line().send({ t: "next", run: state.shown, speaker });
  notify();
}

export function answer(question, text, approved, always = false) {
  if (state.answering.includes(question)) return;
  state.answering = [...state.answering, question];
  state.refusal = null;
  line().send({ t: "answer", run: state.shown, question, text, ...(approved === undefined ? {} : { approved }), ...(always ? { always } : {}) });
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

/** What is being typed as the next task of a flow; kept while panels come and go, and over a reload. Told at once: a text box waits for it. */
export function draft(flow, text) {
  if (text !== undefined) {
    drafts.set(flow, text);
    try {
      sessionStorage.setItem(`convene.draft.${flow}`, text);
    } catch {
      /* storage is full or forbidden: the draft then lives as long as the page */
    }
    tell();
  } else if (!drafts.has(flow)) {
    let kept = "";
    try {
      kept = sessionStorage.getItem(`convene.draft.${flow}`) ?? "";
    } catch {
      /* as above */
    }
    drafts.set(flow, kept);
  }
  return drafts.get(flow);
}

/** Asks the task box to take the focus, as soon as it is on the page. */
export function revealTaskBox() {
  state.reveal += 1;
  notify();
}

// The address names the run before the page does: what was said in it is on its way while the page is built.
const named = /^\/run\/([\w-]+)/.exec(window.location.pathname)?.[1] ?? new URLSearchParams(window.location.search).get("run");
if (named) show(named);
