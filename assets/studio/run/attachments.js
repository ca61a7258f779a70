/* Files that are attached to the next task of a flow: uploaded at once, named by their ids when the task starts. */
import { t } from "../texts.js";

const MOST = 16;
const kept = new Map();

export const attachedTo = (flow) => kept.get(flow) ?? NONE;
const NONE = Object.freeze([]);

export function forgetAttached(flow) {
  kept.delete(flow);
}

export function detach(flow, id) {
  kept.set(flow, attachedTo(flow).filter((file) => file.id !== id));
}

/** Uploads files for the next task of `flow`. Throws an Error with the server's own sentence. */
export async function attachTo(flow, files) {
  for (const file of files) {
    if (attachedTo(flow).length >= MOST) throw new Error(t("attach.too_many", { count: MOST }));
    const answer = await fetch(`/api/attachments?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file, headers: { "Content-Type": file.type || "application/octet-stream" } });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error([told.text || t("attach.failed", { name: file.name }), told.remedy].filter(Boolean).join(" "));
    kept.set(flow, [...attachedTo(flow), { id: told.id, name: told.name, size: told.size }]);
  }
}
