/* What is being typed into the card of a question. */
import { answerDraft, keepAnswer } from "../run/answers.js";
import { shown, useRuns } from "../run/store.js";

/** `[text, change]` of what is typed for a question, or as a `part` of its answer; it stays with that question. */
export function useAnswer(question, part = "") {
  const run = useRuns(() => shown().id);
  const said = useRuns(() => answerDraft(run, question.id + part));
  return [said, (text) => keepAnswer(run, question.id + part, text)];
}
