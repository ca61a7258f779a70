/* The box for the task, at the foot of the transcript. */
import { useEffect, useRef, useState } from "react";
import { Icon } from "../icons.jsx";
import { t } from "../texts.js";
import { runTask } from "../run/actions.js";
import { attachedTo, attachTo, detach } from "../run/attachments.js";
import { sizeOf } from "../run/files.js";
import { draft } from "../run/drafts.js";
import { forgetRefusal } from "../run/orders.js";
import { shown, tab, useRuns } from "../run/store.js";
import { enters } from "./question.jsx";

const COMES_WITHIN = 3_000;

/** The code of a refusal for want of a task. */
export const NO_TASK = "no_task";

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
  const [files, setFiles] = useState(() => attachedTo(flow));
  const [attaching, setAttaching] = useState(false);
  const [trouble, setTrouble] = useState("");
  const chooser = useRef(null);
  const attach = async (chosen) => {
    if (!chosen.length) return;
    setAttaching(true);
    setTrouble("");
    try {
      await attachTo(flow, chosen);
    } catch (problem) {
      setTrouble(problem.message);
    }
    setFiles(attachedTo(flow));
    setAttaching(false);
  };
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
    if (!tab.starting && !attaching) runTask({ flow, task, session }).then(() => setFiles(attachedTo(flow)));
  };
  const samples = goesOn || text ? [] : (sampleTasks ?? []);
  const wanted = useRuns(() => tab.refusal?.code === NO_TASK);
  useEffect(() => {
    if (wanted && text) forgetRefusal();
  }, [wanted, text]);
  return (
    <div className="tr-task" data-wanted={wanted || undefined}>
      {wanted && <p className="tr-wanted" id="task-wanted" role="status" data-testid="task-wanted">{t(samples.length ? "task.wanted_or_sample" : "task.wanted")}</p>}
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
      {(files.length > 0 || attaching) && (
        <ul className="tr-files-attached" aria-label={t("attach.files")}>
          {files.map((file) => (
            <li key={file.id} className="tr-chip" data-testid="attached-file">
              <span className="clip">{file.name}</span> <span className="tr-muted">{sizeOf(file.size)}</span>
              <button type="button" className="tr-icon" aria-label={t("attach.remove", { name: file.name })} onClick={() => {
                detach(flow, file.id);
                setFiles(attachedTo(flow));
              }}><Icon name="close" size={10} /></button>
            </li>
          ))}
          {attaching && <li className="tr-quiet" role="status">{t("attach.uploading")}</li>}
        </ul>
      )}
      {trouble && <p className="tr-quiet tr-trouble" role="alert" data-testid="attach-trouble">{trouble}</p>}
      <div className="tr-box" onDragOver={(event) => event.dataTransfer.types.includes("Files") && event.preventDefault()} onDrop={(event) => {
        if (!event.dataTransfer.files.length) return;
        event.preventDefault();
        event.stopPropagation();
        attach([...event.dataTransfer.files]);
      }}>
        <button type="button" className="tr-send tr-attach" data-testid="attach" disabled={starting || attaching} onClick={() => chooser.current.click()} aria-label={t("attach.add")} title={t("attach.add")}><Icon name="plus" /></button>
        <input ref={chooser} type="file" multiple hidden data-testid="attach-input" onChange={(event) => {
          attach([...event.target.files]);
          event.target.value = "";
        }} />
        <textarea ref={box} rows={1} value={text} disabled={starting} data-testid="task-input" aria-describedby={wanted ? "task-wanted" : undefined} aria-label={t(goesOn ? "task.next" : "task.first")} placeholder={t(goesOn ? "task.next" : "task.first")} onChange={(event) => draft(flow, event.target.value)} onKeyDown={(event) => enters(event, submit)} onPaste={(event) => {
          if (!event.clipboardData.files.length) return;
          event.preventDefault();
          attach([...event.clipboardData.files]);
        }} />
        <button type="button" className="tr-send" data-testid="task-run" disabled={starting} onClick={submit} aria-label={t("run.run")} title={t("task.run_help")}><Icon name="enter" /></button>
      </div>
    </div>
  );
}
