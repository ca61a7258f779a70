/* The fold of a run's durable events into what the page shows: turns, questions, totals, who speaks now. Pure. */

export const EMPTY = Object.freeze({
  seq: 0,
  events: 0,
  status: "",
  stopReason: "",
  task: "",
  started: null,
  ended: null,
  items: [],
  turn: 0,
  speaker: "",
  previous: "",
  hop: null,
  reason: null,
  questions: [],
  failing: "",
  lines: {},
  tokens: 0,
  cost: null,
});

/** The state after `events`, which follow those that made `state`. Neither is changed; items that did not change keep their identity. */
export function fold(state, events) {
  if (!events.length) return state;
  const next = { ...state, items: state.items.slice(), questions: state.questions.slice(), lines: { ...state.lines } };
  for (const event of events) {
    next.seq = event.seq;
    next.events += 1;
    if (event.type !== "run_finished") count(next, event.usage);
    (STEPS[event.type] ?? unknown)(next, event);
  }
  return next;
}

/** The state after the events up to and with number `seq`. */
export const foldUpTo = (events, seq) => fold(EMPTY, events.filter((event) => event.seq <= seq));

const STEPS = {
  run_started(state, event) {
    Object.assign(state, { status: "running", task: event.task, started: Date.parse(event.time), ended: null });
    for (const [index, said] of (event.history ?? []).entries()) earlier(state, said, index);
    if (event.history?.length) state.items.push({ key: "earlier", kind: "earlier", count: event.history.length });
    if (event.task) {
      const turn = open(state, event, event.source || "you");
      Object.assign(turn, { role: "task", closed: true });
      turn.parts.push({ kind: "text", text: event.task, seq: event.seq });
    }
  },
  speaker_chosen(state, event) {
    state.turn += 1;
    state.failing = "";
    state.reason = { speaker: event.speaker, text: event.reason ?? "", by: event.by ?? "" };
    state.hop = { from: state.previous, to: event.speaker, seq: event.seq };
    state.speaker = event.speaker;
    delete state.lines[event.speaker];
    close(state);
  },
  selection_rejected(state, event) {
    push(state, event, { kind: "rejected", answer: event.answer ?? "", why: event.why ?? "" });
  },
  message(state, event) {
    const last = state.items.at(-1);
    if (event.role === "task" && last?.role === "task" && last.parts[0]?.text === event.text) return;
    const turn = turnOf(state, event);
    spent(turn, event);
    turn.role = event.role ?? "agent";
    turn.practice = Boolean(event.practice);
    turn.model = event.model ?? turn.model;
    think(turn, event);
    const ran = event.role === "code" && turn.parts.some((part) => part.kind === "code");
    turn.parts.push({ kind: ran ? "heard" : "text", text: event.text, seq: event.seq });
    turn.closed = true;
    state.previous = event.source;
    state.lines[event.source] = lastLine(event.text);
  },
  tool_calls(state, event) {
    const turn = turnOf(state, event);
    spent(turn, event);
    think(turn, event);
    turn.practice ||= Boolean(event.practice);
    turn.model = event.model ?? turn.model;
    if (event.text) turn.parts.push({ kind: "text", text: event.text, seq: event.seq });
    for (const call of event.calls ?? []) turn.parts.push({ kind: "tool", call: call.id, name: call.name, arguments: call.arguments ?? "{}", state: "called", seq: event.seq });
  },
  tool_started(state, event) {
    change(state, (part) => part.kind === "tool" && part.call === event.call && part.state === "called", { state: "running", since: Date.parse(event.time) });
  },
  tool_result(state, event) {
    const facts = { state: event.is_error ? "failed" : "done", output: event.output ?? "", seconds: event.seconds };
    if (!change(state, (part) => part.kind === "tool" && part.call === event.call && !part.output, facts))
      turnOf(state, event).parts.push({ kind: "tool", call: event.call, name: event.name, arguments: "", seq: event.seq, ...facts });
  },
  handoff(state, event) {
    const turn = last(state, event.source) ?? turnOf(state, event);
    spent(turn, event);
    turn.practice ||= Boolean(event.practice);
    turn.model = event.model ?? turn.model;
    turn.parts.push({ kind: "handoff", target: event.target, text: event.text ?? "", seq: event.seq });
    state.previous = event.source;
  },
  code_started(state, event) {
    turnOf(state, event).parts.push({ kind: "code", blocks: event.blocks ?? [], where: event.where ?? "", state: "running", seq: event.seq });
  },
  code_result(state, event) {
    const facts = { state: event.refused ? "refused" : event.exit_code === 0 ? "done" : "failed", exit: event.exit_code, output: event.output ?? "", files: event.files ?? [], seconds: event.seconds };
    if (event.where) facts.where = event.where;
    spent(turnOf(state, event), event);
    if (!change(state, (part) => part.kind === "code" && part.state === "running", facts))
      turnOf(state, event).parts.push({ kind: "code", blocks: [], where: "", seq: event.seq, ...facts });
  },
  question(state, event) {
    const turn = turnOf(state, event);
    const { id, text, form = "text", choices = [], subject = "", details = "", source } = event;
    turn.parts.push({ kind: "question", id, text, form, choices, subject, details, answer: null, seq: event.seq });
    state.questions.push({ id, text, form, choices, subject, details, source, seq: event.seq });
    state.status = "waiting";
  },
  answer(state, event) {
    const answer = { text: event.text ?? "", approved: event.approved ?? null, by: event.source };
    change(state, (part) => part.kind === "question" && part.id === event.question, { answer });
    state.questions = state.questions.filter((question) => question.id !== event.question);
    if (!state.questions.length) state.status = "running";
  },
  notice(state, event) {
    const turn = last(state, event.source, true);
    if (turn) turn.parts.push({ kind: "notice", text: event.text, seq: event.seq });
    else push(state, event, { kind: "notice", text: event.text, code: event.code ?? "" });
  },
  partial(state, event) {
    const turn = turnOf(state, event);
    turn.parts.push({ kind: "partial", text: event.text, seq: event.seq });
    turn.closed = true;
  },
  error(state, event) {
    state.failing = event.source || state.speaker;
    push(state, event, { kind: "error", text: event.text, remedy: event.remedy ?? "", account: event.account ?? "", code: event.code });
  },
  run_interrupted(state, event) {
    state.status = "interrupted";
    state.ended = Date.parse(event.time);
    push(state, event, { kind: "interrupted", step: event.step ?? "" });
  },
  run_resumed(state, event) {
    Object.assign(state, { status: state.questions.length ? "waiting" : "running", ended: null, failing: "" });
    push(state, event, { kind: "resumed" });
  },
  run_finished(state, event) {
    state.status = event.status;
    state.stopReason = event.stop_reason ?? "";
    state.ended = Date.parse(event.time);
    if (event.status !== "waiting") {
      for (const { id } of state.questions) change(state, (part) => part.kind === "question" && part.id === id, { dropped: true });
      state.questions = [];
    }
    push(state, event, { kind: "finished", status: event.status, text: event.stop_reason ?? "" });
  },
};

function unknown(state, event) {
  if (event.text) push(state, event, { kind: "notice", text: String(event.text), code: event.type });
}

/** The open turn of the event's source, copied so that it may be changed; a new one when another spoke or the last one is over. */
function turnOf(state, event) {
  return last(state, event.source, true) ?? open(state, event, event.source);
}

function last(state, source, mustBeOpen = false) {
  const index = state.items.length - 1;
  const item = state.items[index];
  if (item?.kind !== "turn" || item.source !== source || (mustBeOpen && item.closed)) return null;
  return (state.items[index] = { ...item, parts: item.parts.slice() });
}

function open(state, event, source) {
  const reason = state.reason?.speaker === source ? state.reason : null;
  if (reason) state.reason = null;
  const turn = {
    key: `e${event.seq}`, kind: "turn", source, seq: event.seq, at: since(state, event), reason: reason?.text ?? "", by: reason?.by ?? "",
    role: "agent", parts: [], seconds: null, tokens: 0, cost: null, model: null, practice: false, closed: false,
  };
  state.items.push(turn);
  return turn;
}

function close(state) {
  const item = state.items.at(-1);
  if (item?.kind === "turn" && !item.closed) state.items[state.items.length - 1] = { ...item, closed: true };
}

function earlier(state, said, index) {
  const key = `h${index}`;
  const base = { key, kind: "turn", source: said.source, seq: 0, at: null, reason: "", by: "", role: said.role ?? "agent", seconds: said.seconds ?? null, tokens: tokensOf(said.usage), cost: said.usage?.cost ?? null, practice: Boolean(said.practice), closed: true, earlier: true };
  if (said.type === "message") state.items.push({ ...base, parts: [{ kind: "text", text: said.text, seq: 0 }] });
  else if (said.type === "tool_calls") state.items.push({ ...base, parts: (said.calls ?? []).map((call) => ({ kind: "tool", call: call.id, name: call.name, arguments: call.arguments ?? "{}", state: "called", seq: 0 })) });
  else if (said.type === "tool_result") STEPS.tool_result(state, { ...said, seq: 0 });
  else if (said.type === "handoff") state.items.push({ ...base, parts: [{ kind: "handoff", target: said.target, text: said.text ?? "", seq: 0 }] });
}

/** Changes the newest part that `wanted` accepts. Returns whether there was one. */
function change(state, wanted, facts) {
  for (let index = state.items.length - 1; index >= 0; index -= 1) {
    const item = state.items[index];
    const at = item.kind === "turn" ? item.parts.findLastIndex(wanted) : -1;
    if (at < 0) continue;
    const parts = item.parts.with(at, { ...item.parts[at], ...facts });
    state.items[index] = { ...item, parts };
    return true;
  }
  return false;
}

function push(state, event, item) {
  state.items.push({ key: `e${event.seq}`, source: event.source ?? "", seq: event.seq, at: since(state, event), ...item });
}

function think(turn, event) {
  if (event.reasoning) turn.parts.push({ kind: "reasoning", text: event.reasoning, seq: event.seq });
}

function spent(turn, event) {
  if (event.seconds != null) turn.seconds = (turn.seconds ?? 0) + event.seconds;
  turn.tokens += tokensOf(event.usage);
  if (event.usage?.cost != null) turn.cost = (turn.cost ?? 0) + event.usage.cost;
}

function count(state, usage) {
  if (!usage) return;
  state.tokens += tokensOf(usage);
  if (usage.cost != null) state.cost = (state.cost ?? 0) + usage.cost;
}

const tokensOf = (usage) => (usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0);
const since = (state, event) => (state.started === null ? null : Math.max(0, (Date.parse(event.time) - state.started) / 1000));

/** The last line of a text that says something, at most 140 characters; of the words rather than of the code between them. */
export function lastLine(text) {
  const words = text.replace(/```[^]*?(?:```|$)/g, "").trim();
  const lines = (words || text).trimEnd().split("\n");
  const line = lines.findLast((each) => each.trim() && !each.startsWith("```")) ?? "";
  return line.length > 140 ? `…${line.slice(-139)}` : line;
}
