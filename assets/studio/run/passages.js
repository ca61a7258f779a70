/* Passages of documents that an agent was told in a turn, by the numbers by which its answer cites them. Pure. */

/** What a passage is called: its document, and the place in it. */
export const named = (entry) => [entry.document, entry.place].filter(Boolean).join(", ");

/** {number: {text, name}} of what the parts of a turn recalled; null where no passage has a number. */
export function passagesOf(parts) {
  const found = parts.flatMap((part) => (part.kind === "recalled" ? part.entries : [])).filter((entry) => entry.number);
  return found.length ? Object.fromEntries(found.map((entry) => [entry.number, { text: entry.text ?? "", name: named(entry) }])) : null;
}
