/* What is being typed as the next task of a flow; kept while panels come and go, and over a reload. */
import { tell } from "./pace.js";

const drafts = new Map();

/** The draft of a flow, or with `text` what it becomes. Told at once: a text box waits for it. */
export function draft(flow, text) {
  if (text !== undefined) {
    drafts.set(flow, text);
    try {
      sessionStorage.setItem(`convene.draft.${flow}`, text);
    } catch {
      /* storage is full or forbidden: the draft then lives as long as the page */
    }
    tell();
  } else if (!drafts.has(flow)) {
    let kept = "";
    try {
      kept = sessionStorage.getItem(`convene.draft.${flow}`) ?? "";
    } catch {
      /* as above */
    }
    drafts.set(flow, kept);
  }
  return drafts.get(flow);
}
