/* What was typed for a question that somebody else answered first: it can be used elsewhere, copied or put away, and is never sent by itself. */
import { useLayoutEffect, useRef, useState } from "react";
import { t } from "../texts.js";
import { answerDraft, keepAnswer, keepLeftover, leftOver } from "../run/answers.js";
import { draft } from "../run/drafts.js";
import { shown, useRuns } from "../run/store.js";

/** `asking` is the open question that takes text, if there is one; `flow` the one whose next task can be typed, or "". */
export function Leftovers({ asking, flow }) {
  const run = useRuns(() => shown().id);
  const all = useRuns(() => leftOver(shown().id));
  return all.map((left) => <Leftover key={left.question} run={run} left={left} asking={asking} flow={flow} />);
}

function Leftover({ run, left, asking, flow }) {
  const box = useRef(null);
  const [copied, setCopied] = useState(false);
  // Whoever was typing goes on typing here.
  useLayoutEffect(() => {
    const focus = document.activeElement;
    if (focus && focus !== document.body) return;
    box.current.focus({ preventScroll: true });
    box.current.setSelectionRange(left.text.length, left.text.length);
  }, []); // eslint-disable-line react-hooks/exhaustive-deps
  const drop = () => keepLeftover(run, left.question, "");
  const join = (before) => (before.trim() ? `${before.trimEnd()}\n${left.text}` : left.text);
  const use = () => {
    if (asking) keepAnswer(run, asking.id, join(answerDraft(run, asking.id)));
    else draft(flow, join(draft(flow)));
    drop();
  };
  const copy = async () => {
    await navigator.clipboard?.writeText(left.text);
    setCopied(true);
  };
  return (
    <section className="tr-question tr-leftover" data-testid="leftover" aria-label={t("question.leftover", { name: left.name })}>
      <p>{t("question.leftover", { name: left.name })}</p>
      <div className="tr-answer">
        <textarea ref={box} rows={2} value={left.text} data-testid="leftover-text" aria-label={t("question.leftover_text", { name: left.name })} onChange={(event) => (event.target.value ? keepLeftover(run, left.question, event.target.value) : drop())} />
        <div className="tr-actions">
          {(asking || flow) && <button type="button" data-testid="leftover-use" onClick={use}>{t(asking ? "question.leftover_answer" : "question.leftover_task")}</button>}
          <button type="button" className="tr-plain" data-testid="leftover-copy" onClick={copy}>{t(copied ? "code.copied" : "code.copy")}</button>
          <button type="button" className="tr-plain" data-testid="leftover-drop" onClick={drop}>{t("question.leftover_drop")}</button>
        </div>
      </div>
    </section>
  );
}
