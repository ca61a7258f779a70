/* Code that was edited and not applied yet: kept by its flow while its pane is closed, and in its tab while the page is loaded anew. */

const drafts = new Map();
const keyOf = (flow) => `convene.code.${flow}`;

/** Keeps what is in the editor: `{text, asked}`, with the id under which this very text was sent to be applied, "" for none. */
export function keepDraft(flow, draft) {
  drafts.set(flow, draft);
  try {
    sessionStorage.setItem(keyOf(flow), JSON.stringify(draft));
  } catch {
    // Storage is full or forbidden: the draft then lives as long as the page.
  }
}

/** What was kept, once; undefined for nothing. */
export function takeDraft(flow) {
  let draft = drafts.get(flow);
  drafts.delete(flow);
  try {
    draft ??= JSON.parse(sessionStorage.getItem(keyOf(flow)) ?? "null") ?? undefined;
    sessionStorage.removeItem(keyOf(flow));
  } catch {
    // As above.
  }
  return typeof draft?.text === "string" ? draft : undefined;
}
