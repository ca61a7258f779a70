/* Starting a run from wherever a person can: the header, the task box, a key. */
import { attachedTo, forgetAttached } from "./attachments.js";
import { draft } from "./drafts.js";
import { fork, revealTaskBox, start } from "./orders.js";
import { isGoingOn, shown, tab } from "./store.js";
import { settled } from "../shell/unsent.js";

const starters = new Set();

/** `heard({run, session})` is called for every run that is started in this tab. Returns how to stop listening. */
export function onStarted(heard) {
  starters.add(heard);
  return () => starters.delete(heard);
}

/** Starts the typed task and shows the conversation; where a task is missing the server says so. */
export async function runOrReveal({ flow, session, onCommand }) {
  const task = draft(flow).trim();
  onCommand?.("conversation");
  if (isGoingOn() || tab.starting) return;
  if (flow) await runTask({ flow, task, session });
  else revealTaskBox();
}

let left = "";

/** No new run goes on with the session of the shown one any more, however late the server hears that it was left. */
export function leaveSession() {
  left = shown().session;
}

/** Starts `task` of `flow`, in the session of the run that is shown, or in `session`, or in a new one; the cursor is in its box when that is refused. */
export async function runTask({ flow, task, session }) {
  await settled(flow);
  const begun = await start({ flow, task, session: shown().session || (session !== left && session) || undefined, attachments: attachedTo(flow).map((file) => file.id) });
  if (!begun) {
    revealTaskBox();
    return;
  }
  draft(flow, "");
  forgetAttached(flow);
  for (const heard of starters) heard(begun);
}

/** Goes on from an event of the shown run in a new one. Returns its {run, session}, null when it was refused. */
export async function goOnFrom(seq) {
  const begun = await fork(seq);
  if (begun) for (const heard of starters) heard(begun);
  return begun;
}
