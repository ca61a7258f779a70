/* Files that were dropped on a node of the canvas, until the node's form in the inspector takes them. */

const KINDS = new Set(["documents", "search_documents"]);
const waiting = new Map();
const takers = new Map();

/** The node that takes the files which are dropped on node `id`: itself, or the documents that it is told of; null for none. */
export function takerOf(id, views, wires) {
  const kinds = new Map(views.map((view) => [view.id, view.kind]));
  if (KINDS.has(kinds.get(id))) return id;
  return wires.find((wire) => wire.target === id && KINDS.has(kinds.get(wire.source)))?.source ?? null;
}

/** Hands files to a node's form, at once or when it is there. */
export function handOver(node, files) {
  const take = takers.get(node);
  if (take) take(files);
  else waiting.set(node, [...(waiting.get(node) ?? []), ...files]);
}

/** The form of a node takes files from now on, those that wait first. Returns how to stop. */
export function takeFiles(node, take) {
  takers.set(node, take);
  const held = waiting.get(node);
  waiting.delete(node);
  if (held?.length) take(held);
  return () => takers.get(node) === take && takers.delete(node);
}
