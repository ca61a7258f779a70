/* What the server says of runs, taken into what this tab knows. */
import { answerDraft, close, keepAnswer, typedFor } from "./answers.js";
import { fold } from "./fold.js";
import { onLine } from "./line.js";
import { hush, hushAll, liveOf, speak } from "./live.js";
import { notify } from "./pace.js";
import { runOf, runs, state } from "./state.js";

/** Starts that were not answered yet, by their nonce. */
export const starting = new Map();

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
    for (const lose of unsure.splice(0)) lose();
    state.answering = [];
    state.stopping = state.pausing = "";
    notify();
  },
  events(frame, run) {
    const fresh = frame.events.filter((event) => event.seq > run.state.seq);
    if (!fresh.length) return;
    const wasReplayed = run.replayed;
    run.events.push(...fresh);
    run.state = fold(run.state, fresh);
    run.replayed = true;
    if (fresh.some((event) => SETS_STATUS.has(event.type) || withdraws(event))) run.status = run.state.status;
    for (const event of fresh) {
      if (ENDS_TEXT.has(event.type)) hush(run, keyOf(event));
      if (event.type === "answer") answered(run, event, wasReplayed);
      if (withdraws(event)) withdrawn(run, event.question, wasReplayed);
      if (event.type === "run_finished" || event.type === "run_interrupted") hushAll(run);
      if (event.type === "run_finished") for (const question of typedFor(run.id)) close(run.id, question, askerOf(run, question), null);
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
    Object.assign(run, { status: frame.status, session: frame.session ?? run.session, flow: frame.flow ?? run.flow, left: frame.status === "waiting" && frame.here === false, replayed: true });
    if (frame.status !== "running") {
      hushAll(run);
      if (state.stopping === run.id && frame.status !== "waiting") state.stopping = "";
      if (state.pausing === run.id) state.pausing = "";
    }
    notify();
  },
};

/** Answers that came while this tab had sent one of its own: whose they are is known when that one is refused. */
const unsure = [];
const REFUSED_WITHIN = 5_000;

function answered(run, { question, text }, isNews) {
  const isOurs = state.answering.includes(question);
  const settle = (said) => close(run.id, question, askerOf(run, question), said);
  if (isOurs) {
    const typed = answerDraft(run.id, question);
    unsure.splice(0, unsure.length, () => {
      keepAnswer(run.id, question, typed);
      settle(text);
      displace(run);
    });
    settle(typed);
    setTimeout(() => unsure.splice(0), REFUSED_WITHIN);
    state.answering = state.answering.filter((each) => each !== question);
    return;
  }
  settle(text);
  if (isNews) displace(run);
}

/** Somebody else speaks in the place of who had asked, and what was typed for the question is left over. */
const withdraws = (event) => event.type === "command" && Boolean(event.question);

function withdrawn(run, question, isNews) {
  state.answering = state.answering.filter((each) => each !== question);
  close(run.id, question, askerOf(run, question), null);
  if (isNews) displace(run);
}

const askerOf = (run, question) => run.events.find((event) => event.type === "question" && event.id === question)?.source ?? "";

/** A question went whose card somebody may be about to press: what stands in its place takes no answer for a moment. */
function displace(run) {
  run.displaced = performance.now();
}

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

const watched = () => [...runs.values()].filter((run) => run.watching).map((run) => ({ t: "watch", run: run.id, after: run.state.seq }));

export function refuse({ code, text, remedy, lost }) {
  state.refusal = { code: code ?? "", text: text ?? "", remedy: remedy ?? "", lost: Boolean(lost) };
  notify();
}

onLine({
  takes: Object.fromEntries(Object.entries(TAKES).map(([type, take]) => [type, (frame) => take(frame, frame.run ? runOf(frame.run) : null)])),
  again: watched,
  follow: connection,
});
