/* What is being typed as the answer to a question: it belongs to that question alone, and stays when somebody else answers first. */
import { tell } from "./pace.js";

/** After a question's id: what is proposed in it, changed by the person. */
export const EDITED = " edited";

const KEPT = "convene.answers";

const drafts = read();
const leftovers = new Map();
const NONE = Object.freeze([]);

/** {run: {question: text}} of this tab, over a reload. */
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

function write() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(drafts));
  } catch {
    /* storage is full or forbidden: drafts then live as long as the page */
  }
}

/** What was typed for a question; "" where nothing was. */
export const answerDraft = (run, question) => drafts[run]?.[question] ?? "";

/** Keeps what is typed for a question; "" forgets it. Told at once: a text box waits for it. */
export function keepAnswer(run, question, text) {
  put(run, question, text);
  tell();
}

function put(run, question, text) {
  const { [question]: _, ...others } = drafts[run] ?? {};
  drafts[run] = text ? { ...others, [question]: text } : others;
  if (!Object.keys(drafts[run]).length) delete drafts[run];
  write();
}

/** What was typed for questions that others answered, or that ended unanswered: [{question, name, text}]. */
export const leftOver = (run) => leftovers.get(run) ?? NONE;

/** A question is answered, or its run is over: `said` is the answer, null without one. What was typed beside that is left over. */
export function close(run, question, name, said) {
  const text = answerDraft(run, question) || answerDraft(run, question + EDITED);
  put(run, question + EDITED, "");
  put(run, question, text.trim() && text !== said ? text : "");
  if (!answerDraft(run, question)) return;
  if (!leftOver(run).some((each) => each.question === question)) leftovers.set(run, [...leftOver(run), { question, name, text }]);
}

/** The questions of a run for which something was typed. */
export const typedFor = (run) => [...new Set(Object.keys(drafts[run] ?? {}).map((key) => key.replace(EDITED, "")))];

/** The person goes on writing what is left over; "" puts it away. */
export function keepLeftover(run, question, text) {
  const all = leftOver(run);
  leftovers.set(run, text ? all.map((each) => (each.question === question ? { ...each, text } : each)) : all.filter((each) => each.question !== question));
  put(run, question, text);
  tell();
}
