/* The line of this tab to the server, opened when the first one writes: who hears which frames, and what to ask for again when it was lost. */
import { openChannel } from "./channel.js";

const takers = {};
const watchers = [];
const followers = [];
let channel = null;

const onFrame = (frame) => takers[frame.t]?.(frame);
const onState = (now) => followers.forEach((follow) => follow(now));
const watched = () => watchers.flatMap((watcher) => watcher());
const line = () => (channel ??= openChannel({ onFrame, onState, watched }));

/** `takes` are {type: take(frame)}; `again()` are the frames that ask for what is watched; `follow("open" | "lost")` hears of the line. */
export function onLine({ takes, again, follow }) {
  Object.assign(takers, takes);
  if (again) watchers.push(again);
  if (follow) followers.push(follow);
}

/** Sends a frame now, or as soon as the line is back. */
export const send = (frame) => line().send(frame);

export const isOpen = () => line().isOpen();
