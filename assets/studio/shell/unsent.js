/* What was changed in this tab and is not known to be kept: held over a reload, and sent again until the server says that it has it. Pure but for its storage. */

/** Characters of the changes of one flow that outlive the page; a browser gives a tab five million. */
const MOST_HELD = 2_000_000;
/** Bytes of one message: a socket that is sent more than a megabyte closes without a word. */
const MOST_TOLD = 500_000;
/** Changes of one message. */
const MOST_AT_ONCE = 200;
/** Bytes that a browser still sends for a page that is gone. */
const MOST_LAST = 60_000;
/** Milliseconds after which a change is sent again, at first and at most. */
const AGAIN = 5_000;
const LONGEST = 30_000;
/** Milliseconds that a run waits for what it is to run. */
const PATIENCE = 10_000;

const boxes = new Map();
const typing = new Set();
const listeners = new Set();

const keyOf = (flow) => `convene.unsent.${flow}`;
const bytes = (sent) => new Blob([JSON.stringify(sent)]).size;
/** An id by which the server knows what it has done already. */
export const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

function boxOf(flow) {
  if (!boxes.has(flow)) boxes.set(flow, { kept: held(flow), tell: null, refused: null, timer: 0, pause: AGAIN, isTooMuch: false });
  return boxes.get(flow);
}

/** What an earlier page of this tab left. */
function held(flow) {
  try {
    const found = JSON.parse(sessionStorage.getItem(keyOf(flow)) ?? "[]");
    return found.filter((each) => typeof each.id === "string" && each.change).map(({ id, change }) => ({ id, change, again: true, at: performance.now() }));
  } catch {
    return [];
  }
}

function hold(flow) {
  const box = boxOf(flow);
  const text = JSON.stringify(box.kept.map(({ id, change }) => ({ id, change })));
  try {
    if (!box.kept.length) sessionStorage.removeItem(keyOf(flow));
    else if (text.length <= MOST_HELD) sessionStorage.setItem(keyOf(flow), text);
    box.isTooMuch = text.length > MOST_HELD;
  } catch {
    box.isTooMuch = true;
  }
}

const notify = () => listeners.forEach((listener) => listener());

export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Changes the flow: told at once where there is somebody to tell, and until it is known to be kept. */
export function send(flow, change) {
  const made = { id: newId(), change, again: false, at: performance.now() };
  boxOf(flow).kept.push(made);
  hold(flow);
  tell(flow, [made]);
  notify();
}

/** The changes of a flow that are not known to be kept, the oldest first. */
export const unsent = (flow) => boxes.get(flow)?.kept.map(({ change }) => change) ?? [];

/** Whether anything of a flow is still to be kept, what is just being typed among it. */
export const isSaving = (flow) => typing.size > 0 || Boolean(boxes.get(flow)?.kept.length);

/**
 * `told(changes)` brings changes of a flow to the server; what an earlier page left goes there first. `refused(text, remedy)` says why the server
 * did not make one that went there another way. Returns how to stop.
 */
export function attach(flow, told, refused) {
  const box = boxOf(flow);
  Object.assign(box, { tell: told, refused });
  if (box.kept.length) tell(flow, box.kept);
  notify();
  return () => {
    if (box.tell !== told) return;
    box.tell = null;
    clearTimeout(box.timer);
  };
}

/** The server has these changes, or has said why not. */
export function acknowledge(flow, ids) {
  const box = boxOf(flow);
  const rest = box.kept.filter((each) => !ids.includes(each.id));
  if (rest.length === box.kept.length) return;
  box.kept = rest;
  box.pause = AGAIN;
  hold(flow);
  wait(flow);
  notify();
}

function tell(flow, changes) {
  const box = boxOf(flow);
  if (!box.tell) return;
  for (const part of parts(changes, MOST_TOLD)) {
    const plain = part.map(({ id, change, again }) => ({ id, change, again }));
    if (bytes(plain) <= 2 * MOST_TOLD - MOST_LAST) box.tell(plain);
    else void post(flow, plain).then((answer) => heard(flow, answer), () => {});
  }
  wait(flow);
}

function post(flow, changes, options = {}) {
  const body = JSON.stringify({ changes });
  return fetch(`/api/changes?flow=${encodeURIComponent(flow)}`, { method: "POST", body, headers: { "Content-Type": "application/json" }, ...options });
}

/** What the server answers to changes that are too large for the page's socket: `{taken: [id…], refused: [{text, remedy}…]}`. */
async function heard(flow, answer) {
  if (!answer.ok) return;
  const { taken, refused } = await answer.json();
  for (const error of refused) boxOf(flow).refused?.(error.text, error.remedy);
  acknowledge(flow, taken);
}

function wait(flow) {
  const box = boxes.get(flow);
  clearTimeout(box.timer);
  if (!box.kept.length || !box.tell) return;
  box.timer = setTimeout(() => {
    box.pause = Math.min(2 * box.pause, LONGEST);
    tell(flow, box.kept);
  }, box.pause);
}

/** Rows of changes that are at most `most` bytes each, and not too many; one that is larger stands alone. */
export function parts(changes, most) {
  const found = [];
  let room = 0;
  for (const each of changes) {
    const size = bytes(each);
    if (size > room || found.at(-1).length === MOST_AT_ONCE) {
      found.push([]);
      room = most;
    }
    found.at(-1).push(each);
    room -= size;
  }
  return found;
}

/** Somebody is typing; `flush` sends what they typed. Returns how to say that it was sent, or that it makes no sense yet. */
export function types(flush) {
  typing.add(flush);
  notify();
  return () => typing.delete(flush) && notify();
}

/** Resolves when the server has every change of a flow, after `PATIENCE` at the latest: what you see is what runs. */
export function settled(flow) {
  for (const flush of [...typing]) flush();
  if (!isSaving(flow)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(done, PATIENCE);
    const stop = subscribe(() => isSaving(flow) || done());
  });
}

/** The page goes: what it has not sent, or does not know to be kept, goes with its last breath, and stays held in this tab. */
function leave() {
  for (const flush of [...typing]) flush();
  for (const [flow, { kept }] of boxes) {
    const [last] = parts(kept, MOST_LAST);
    if (!last || bytes(last) > MOST_LAST) continue;
    post(flow, last.map(({ id, change, again }) => ({ id, change, again })), { keepalive: true }).catch(() => {});
  }
}

/** Asked only where something would be lost by closing: nobody answers, or it is more than a tab holds. */
function ask(event) {
  const isLate = ({ kept, isTooMuch }) => kept.length > 0 && (isTooMuch || !navigator.onLine || performance.now() - kept[0].at > AGAIN);
  if ([...boxes.values()].some(isLate)) event.preventDefault();
}

if (typeof window !== "undefined") {
  window.addEventListener("pagehide", leave);
  window.addEventListener("beforeunload", ask);
}
