/* Code that was edited and not applied yet: kept by its flow while its pane is closed, and in its tab while the page is loaded anew. */

const drafts = new Map();
const keyOf = (flow) => `convene.code.${flow}`;

/** Keeps what is in the editor. */
export function keepDraft(flow, text) {
  drafts.set(flow, text);
  try {
    sessionStorage.setItem(keyOf(flow), text);
  } catch {
    // Storage is full or forbidden: the draft then lives as long as the page.
  }
}

/** What was kept, once; undefined for nothing. */
export function takeDraft(flow) {
  let text = drafts.get(flow);
  drafts.delete(flow);
  try {
    text ??= sessionStorage.getItem(keyOf(flow)) ?? undefined;
    sessionStorage.removeItem(keyOf(flow));
  } catch {
    // As above.
  }
  return text;
}
