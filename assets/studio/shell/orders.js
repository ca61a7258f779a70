/* Commands that change the flow, by name: they go the way of every change, so that no reload loses one. */
import { send } from "./unsent.js";

const CHANGES = new Map([["undo", "undo"], ["redo", "redo"], ["arrange", "arrange"], ["repair", "repair_all"]]);

/** Sends the change that a command names; `flow` is empty where nothing can be changed. */
export function order(flow, command) {
  const type = CHANGES.get(command);
  if (flow && type) send(flow, { type });
}
