/* The fold of a run's durable events into what the page shows: turns, conversations within turns, questions, totals. Pure. */
import { passagesOf } from "./passages.js";
import { attach, begin, breakOff, change, closeTurn, count, lastTurn, push, put, spent, TALK, think, tokensOf, turnOf, unpricedOf } from "./turns.js";

export const EMPTY = Object.freeze({
  ...TALK,
  seq: 0,
  events: 0,
  latest: null,
  status: "",
  stopReason: "",
  task: "",
  started: null,
  ended: null,
  held: null,
  stepping: false,
  hop: null,
  questions: [],
  failing: "",
  failure: null,
  lines: {},
  talks: {},
  tokens: 0,
  cost: null,
  unpriced: 0,
});

/** The state after `events`, which follow those that made `state`. Neither is changed; items that did not change keep their identity. */
export function fold(state, events) {
  if (!events.length) return state;
  const next = { ...state, items: state.items.slice(), questions: state.questions.slice(), lines: { ...state.lines }, talks: { ...state.talks } };
  const fresh = new Set();
  for (const event of events) {
    next.seq = event.seq;
    next.events += 1;
    const talk = talkOf(next, event.scope, fresh);
    if (event.type !== "run_finished") {
      count(next, event.usage);
      for (let each = talk; each !== next; each = talkOf(next, each.around, fresh)) count(each, event.usage);
    }
    (STEPS[event.type] ?? unknown)(next, event, talk, fresh);
    next.latest = Date.parse(event.time);
  }
  return next;
}

/** The state after the events up to and with number `seq`. */
export const foldUpTo = (events, seq) => fold(EMPTY, events.filter((event) => event.seq <= seq));

/** A conversation by its id, to be changed: the run's own when there is no id, or no such conversation. */
function talkOf(state, scope, fresh) {
  const talk = scope ? state.talks[scope] : null;
  if (!talk) return state;
  if (fresh.has(scope)) return talk;
  fresh.add(scope);
  return (state.talks[scope] = { ...talk, items: talk.items.slice() });
}

const since = (state, event) => (state.started === null ? null : Math.max(0, (Date.parse(event.time) - state.started) / 1000));

const STEPS = {
  run_started(state, event) {
    Object.assign(state, { status: "running", task: event.task, started: Date.parse(event.time), ended: null });
    for (const [index, said] of (event.history ?? []).entries()) earlier(state, said, index);
    if (event.history?.length) state.items.push({ key: "earlier", kind: "earlier", count: event.history.length });
    if (event.via) state.items.push({ key: "guest", kind: "guest", via: event.via });
    if (event.parent) state.items.push({ key: "forked", kind: "forked", parent: event.parent, copied: event.copied ?? 0 });
    if (event.task || event.attachments?.length) {
      const turn = begin(state, event, event.source || "you", since(state, event));
      Object.assign(turn, { role: "task", closed: true });
      if (event.task) turn.parts.push({ kind: "text", text: event.task, seq: event.seq });
      attach(turn, event);
    }
  },
  speaker_chosen(state, event, talk) {
    talk.turn += 1;
    Object.assign(state, { failing: "", failure: null });
    talk.reason = { speaker: event.speaker, text: event.reason ?? "", by: event.by ?? "" };
    talk.choices = { ...talk.choices, [event.speaker]: talk.reason };
    state.hop = { from: talk.previous, to: event.speaker, seq: event.seq };
    talk.speaker = event.speaker;
    closeTurn(talk, event.speaker);
    talk.active = [...talk.active.filter((name) => name !== event.speaker), event.speaker];
    delete state.lines[event.speaker];
  },
  selection_rejected(state, event, talk) {
    push(talk, event, since(state, event), { kind: "rejected", answer: event.answer ?? "", why: event.why ?? "" });
  },
  message(state, event, talk) {
    const last = talk.items.at(-1);
    if (event.role === "task" && last?.role === "task" && (last.parts[0]?.text ?? "") === event.text) return;
    const turn = event.role === "task" ? begin(talk, event, event.source, since(state, event)) : turnOf(talk, event, since(state, event));
    spent(turn, event);
    turn.role = event.role ?? "agent";
    turn.practice = Boolean(event.practice);
    turn.model = event.model ?? turn.model;
    think(turn, event);
    const ran = event.role === "code" && turn.parts.some((part) => part.kind === "code");
    const passages = passagesOf(turn.parts);
    turn.parts.push({ kind: ran ? "heard" : "text", text: event.text, seq: event.seq, ...(passages ? { passages } : {}) });
    attach(turn, event);
    turn.closed = true;
    if (event.role === "task") return;
    if (talk !== state) talk.messages += 1;
    spoke(talk, event.source);
    state.lines[event.source] = lastLine(event.text);
  },
  tool_calls(state, event, talk) {
    const turn = turnOf(talk, event, since(state, event));
    spent(turn, event);
    think(turn, event);
    turn.practice ||= Boolean(event.practice);
    turn.model = event.model ?? turn.model;
    if (event.text) turn.parts.push({ kind: "text", text: event.text, seq: event.seq });
    for (const call of event.calls ?? []) turn.parts.push({ kind: "tool", call: call.id, name: call.name, arguments: call.arguments ?? "{}", state: "called", seq: event.seq });
  },
  tool_started(state, event, talk) {
    change(talk, (part) => isCall(part, event.call) && part.output === undefined, { state: "running", since: Date.parse(event.time) });
  },
  tool_result(state, event, talk) {
    const facts = { state: event.is_error ? "failed" : "done", output: event.output ?? "", seconds: event.seconds, files: event.files ?? [], pictures: event.attachments ?? [] };
    if (!change(talk, (part) => isCall(part, event.call) && !part.output, facts))
      turnOf(talk, event, since(state, event)).parts.push({ kind: "tool", call: event.call, name: event.name, arguments: "", seq: event.seq, ...facts });
  },
  handoff(state, event, talk) {
    const turn = lastTurn(talk, event.source) ?? turnOf(talk, event, since(state, event));
    spent(turn, event);
    turn.practice ||= Boolean(event.practice);
    turn.model = event.model ?? turn.model;
    turn.parts.push({ kind: "handoff", target: event.target, text: event.wordless ? "" : (event.text ?? ""), seq: event.seq });
    turn.closed = true;
    spoke(talk, event.source);
  },
  code_started(state, event, talk) {
    turnOf(talk, event, since(state, event)).parts.push({ kind: "code", blocks: event.blocks ?? [], where: event.where ?? "", state: "running", seq: event.seq });
  },
  code_result(state, event, talk) {
    const facts = { state: event.refused ? "refused" : event.exit_code === 0 ? "done" : "failed", exit: event.exit_code, output: event.output ?? "", files: event.files ?? [], seconds: event.seconds };
    if (event.where) facts.where = event.where;
    const turn = turnOf(talk, event, since(state, event));
    spent(turn, event);
    if (!change(talk, (part) => part.kind === "code" && part.state === "running", facts)) turn.parts.push({ kind: "code", blocks: [], where: "", seq: event.seq, ...facts });
  },
  question(state, event, talk) {
    const { id, text, form = "text", choices = [], subject = "", details = "", fields = null, timeout = null, source, scope = null } = event;
    const question = { id, text, form, choices, subject, details, fields, seq: event.seq };
    turnOf(talk, event, since(state, event)).parts.push({ kind: "question", ...question, answer: null });
    state.questions.push({ ...question, source, scope, until: timeout === null ? null : Date.parse(event.time) + 1000 * timeout, default: event.default ?? "" });
    state.status = "waiting";
  },
  answer(state, event, talk, fresh) {
    const answer = { text: event.text ?? "", approved: event.approved ?? null, by: event.source };
    const asked = state.questions.find((question) => question.id === event.question);
    change(talkOf(state, asked?.scope, fresh), (part) => part.kind === "question" && part.id === event.question, { answer });
    state.questions = state.questions.filter((question) => question.id !== event.question);
    if (!state.questions.length) state.status = "running";
  },
  conversation_opened(state, event, talk, fresh) {
    const { id, team, source, task = "", call = null, heard = false } = event;
    change(talk, (part) => call && isCall(part, call), { state: "running" });
    turnOf(talk, event, since(state, event)).parts.push({ kind: "talk", id, call, seq: event.seq });
    state.talks[id] = { ...TALK, items: [], id, team, source, task, call, heard, around: event.scope ?? null, open: true, text: "", stopReason: "", messages: 0, tokens: 0, cost: null, unpriced: 0 };
    fresh.add(id);
  },
  conversation_closed(state, event, talk, fresh) {
    const inner = talkOf(state, event.id, fresh);
    if (inner === state) return;
    Object.assign(inner, { open: false, active: [], text: event.text ?? "", stopReason: event.stop_reason ?? "" });
    if (!inner.heard) return;
    closeTurn(talk, event.source);
    spoke(talk, event.source);
  },
  team_outlined(state, event, talk) {
    const turn = turnOf(talk, event, since(state, event));
    spent(turn, event);
    turn.parts.push({ kind: "outlined", team: event.team, outline: event.outline ?? null, changes: event.changes ?? [], seq: event.seq });
  },
  variables(state, event, talk) {
    put(talk, event, since(state, event), { kind: "variables", values: event.values ?? {} });
  },
  tools_offered() {},
  recalled(state, event, talk) {
    const turn = turnOf(talk, event, since(state, event));
    spent(turn, event);
    turn.parts.push({ kind: "recalled", memory: event.memory, query: event.query ?? "", entries: event.entries ?? [], seq: event.seq });
  },
  remembered(state, event, talk) {
    put(talk, event, since(state, event), { kind: "remembered", memory: event.memory, text: event.text, person: event.person ?? "" });
  },
  function_result(state, event, talk) {
    put(talk, event, since(state, event), { kind: "function", purpose: event.purpose, name: event.name ?? "", value: event.value ?? null, bad: Boolean(event.is_error) });
  },
  summary(state, event, talk) {
    put(talk, event, since(state, event), { kind: "summary", text: event.text });
  },
  ledger(state, event, talk) {
    put(talk, event, since(state, event), { kind: "ledger", page: event.page, text: event.text ?? "", data: event.data ?? null });
  },
  command(state, event, talk, fresh) {
    const { command, speaker = "", instead_of = "", after = "", question = "" } = event;
    const again = command === "pause" && state.stepping; // one who goes step by step is paused after each
    if (command === "pause") state.held ??= Date.parse(event.time);
    else if (command !== "next_speaker") goOn(state, Date.parse(event.time));
    if (command !== "next_speaker") state.stepping = command === "step";
    if (question) withdraw(state, question, fresh);
    if (instead_of && instead_of !== speaker) giveWay(state, talk, instead_of, fresh);
    if (!again && command !== "step") push(talk, event, since(state, event), { kind: "command", command, speaker, instead: instead_of === speaker ? "" : instead_of, after });
  },
  notice(state, event, talk) {
    put(talk, event, since(state, event), { kind: "notice", text: event.text, code: event.code ?? "" });
  },
  partial(state, event, talk) {
    const turn = turnOf(talk, event, since(state, event));
    turn.parts.push({ kind: "partial", text: event.text, seq: event.seq });
    turn.closed = true;
  },
  error(state, event, talk) {
    Object.assign(state, { failing: event.source || talk.speaker, failure: { text: event.text, remedy: event.remedy ?? "" } });
    push(talk, event, since(state, event), { kind: "error", text: event.text, remedy: event.remedy ?? "", account: event.account ?? "", code: event.code });
  },
  run_interrupted(state, event, talk, fresh) {
    state.status = "interrupted";
    state.ended = Date.parse(event.time);
    breakOffAll(state, fresh);
    push(state, event, since(state, event), { kind: "interrupted", step: event.step ?? "" });
  },
  run_resumed(state, event) {
    state.held ??= state.latest;
    goOn(state, Date.parse(event.time));
    Object.assign(state, { status: state.questions.length ? "waiting" : "running", ended: null, failing: "", failure: null, stepping: false });
    push(state, event, since(state, event), { kind: "resumed" });
  },
  run_finished(state, event, talk, fresh) {
    state.status = event.status;
    state.stopReason = event.stop_reason ?? "";
    state.ended = Date.parse(event.time);
    if (event.status !== "waiting") {
      for (const { id, scope } of state.questions) change(talkOf(state, scope, fresh), (part) => part.kind === "question" && part.id === id, { dropped: true });
      state.questions = [];
      breakOffAll(state, fresh);
    }
    push(state, event, since(state, event), { kind: "finished", status: event.status, text: event.stop_reason ?? "" });
  },
};

const isCall = (part, call) => part.kind === "tool" && part.call === call;

/** Nobody need answer a question any more. */
function withdraw(state, question, fresh) {
  const asked = state.questions.find((each) => each.id === question);
  change(talkOf(state, asked?.scope, fresh), (part) => part.kind === "question" && part.id === question, { dropped: true });
  state.questions = state.questions.filter((each) => each.id !== question);
  if (!state.questions.length) state.status = "running";
}

/** Who had been chosen and had not begun has no turn any more, and neither have those in the conversation that it held. */
function giveWay(state, talk, name, fresh) {
  closeTurn(talk, name);
  talk.active = talk.active.filter((each) => each !== name);
  talk.choices = { ...talk.choices };
  delete talk.choices[name];
  talk.speaker = "";
  for (const inner of Object.values(state.talks)) {
    if (!inner.open || inner.source !== name || (inner.around ?? null) !== (talk.id ?? null)) continue;
    const held = talkOf(state, inner.id, fresh);
    for (const each of held.active) giveWay(state, held, each, fresh);
    Object.assign(held, { open: false, active: [] });
  }
}

/** Whatever is still under way, in the run's own conversation and in those within it, is marked as broken off. */
function breakOffAll(state, fresh) {
  breakOff(state);
  for (const id of Object.keys(state.talks)) if (state.talks[id].open) breakOff(talkOf(state, id, fresh));
}

/** What lay between counts as no time of the run. */
function goOn(state, now) {
  if (state.held !== null && state.started !== null) state.started += Math.max(0, now - state.held);
  state.held = null;
}

function spoke(talk, source) {
  talk.previous = source;
  talk.active = talk.active.filter((name) => name !== source);
}

function unknown(state, event, talk) {
  if (event.text) push(talk, event, since(state, event), { kind: "notice", text: String(event.text), code: event.type });
}

function earlier(state, said, index) {
  const key = `h${index}`;
  const base = { key, kind: "turn", source: said.source, seq: 0, at: null, reason: "", by: "", role: said.role ?? "agent", seconds: said.seconds ?? null, tokens: tokensOf(said.usage), cost: said.usage?.cost ?? null, unpriced: unpricedOf(said.usage), practice: Boolean(said.practice), closed: true, earlier: true };
  if (said.type === "message") {
    const turn = { ...base, parts: [{ kind: "text", text: said.text, seq: 0 }] };
    attach(turn, { ...said, seq: 0 });
    state.items.push(turn);
  } else if (said.type === "tool_calls") state.items.push({ ...base, parts: (said.calls ?? []).map((call) => ({ kind: "tool", call: call.id, name: call.name, arguments: call.arguments ?? "{}", state: "called", seq: 0 })) });
  else if (said.type === "tool_result") STEPS.tool_result(state, { ...said, seq: 0 }, state);
  else if (said.type === "handoff") state.items.push({ ...base, parts: [{ kind: "handoff", target: said.target, text: said.wordless ? "" : (said.text ?? ""), seq: 0 }] });
}

/** Whether `name` has its turn now, or its conversation goes on: in the run's own or in one within it. */
export function isActive(state, name) {
  if (state.active.includes(name)) return true;
  return Object.values(state.talks).some((talk) => talk.open && (talk.team === name || talk.active.includes(name)));
}

/** The last line of a text that says something, at most 140 characters; of the words rather than of the code between them. */
export function lastLine(text) {
  const words = text.replace(/```[^]*?(?:```|$)/g, "").trim();
  const lines = (words || text).trimEnd().split("\n");
  const line = lines.findLast((each) => each.trim() && !each.startsWith("```")) ?? "";
  return line.length > 140 ? `…${line.slice(-139)}` : line;
}
