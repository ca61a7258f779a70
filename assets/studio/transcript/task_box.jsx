/* The box for the task, at the foot of the transcript. */
import { useEffect, useRef } from "react";
import { Icon } from "../icons.jsx";
import { t } from "../texts.js";
import { runTask } from "../run/actions.js";
import { draft, shown, tab, useRuns } from "../run/store.js";
import { enters } from "./question.jsx";

export function TaskBox({ flow, session, sampleTasks }) {
  const box = useRef(null);
  const text = useRuns(() => draft(flow));
  const starting = useRuns(() => tab.starting);
  const reveal = useRuns(() => tab.reveal);
  const goesOn = useRuns(() => shown().session !== "");
  useEffect(() => {
    if (reveal) box.current?.focus();
  }, [reveal]);
  useEffect(() => {
    const area = box.current;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight + 2, 180)}px`;
  }, [text]);
  const submit = () => {
    const task = draft(flow).trim();
    if (task && !tab.starting) runTask({ flow, task, session });
  };
  const samples = goesOn || text ? [] : (sampleTasks ?? []);
  return (
    <div className="tr-task">
      {samples.length > 0 && (
        <div className="tr-samples" role="group" aria-label={t("task.samples")}>
          {samples.map((sample, index) => (
            <button key={index} type="button" data-testid="sample-task" title={sample} onClick={() => {
              draft(flow, sample);
              box.current?.focus();
            }}>{sample}</button>
          ))}
        </div>
      )}
      <div className="tr-box">
        <textarea ref={box} rows={1} value={text} disabled={starting} data-testid="task-input" aria-label={t(goesOn ? "task.next" : "task.first")} placeholder={t(goesOn ? "task.next" : "task.first")} onChange={(event) => draft(flow, event.target.value)} onKeyDown={(event) => enters(event, submit)} />
        <button type="button" className="tr-send" data-testid="task-run" disabled={starting || !text.trim()} onClick={submit} aria-label={t("run.run")} title={t("task.run_help")}><Icon name="enter" /></button>
      </div>
    </div>
  );
}
