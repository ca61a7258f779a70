/* The box for the task, at the foot of the transcript. */
import { useEffect, useRef } from "react";
import { Icon } from "../icons.jsx";
import { t } from "../texts.js";
import { runTask } from "../run/actions.js";
import { draft, shown, tab, useRuns } from "../run/store.js";
import { enters } from "./question.jsx";

const COMES_WITHIN = 3_000;

/** The newest wish to see the box that was fulfilled. */
let revealed = 0;

/** The page takes a moment to show the panel around the box, and what is hidden takes no focus. */
function focusWhenSeen(box) {
  const end = performance.now() + COMES_WITHIN;
  let frame = 0;
  const look = () => {
    if (box.offsetParent) box.focus();
    else if (performance.now() < end) frame = requestAnimationFrame(look);
  };
  look();
  return () => cancelAnimationFrame(frame);
}

export function TaskBox({ flow, session, sampleTasks }) {
  const box = useRef(null);
  const text = useRuns(() => draft(flow));
  const starting = useRuns(() => tab.starting);
  const reveal = useRuns(() => tab.reveal);
  const goesOn = useRuns(() => shown().session !== "");
  useEffect(() => {
    if (reveal === revealed) return undefined;
    revealed = reveal;
    return focusWhenSeen(box.current);
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
