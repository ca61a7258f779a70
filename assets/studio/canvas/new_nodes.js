/* New nodes: from the palette, and copies of what is there. The browser makes ids and free names, the server checks them. */
import { given, TEAM_SIZE, withMembers } from "./graph.js";

const CLIPBOARD_FORMAT = "convene.nodes";
const MOST_PASTED = 500;
const LONGEST_NAME = 64;
const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

export function newId(prefix) {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return `${prefix}_${Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("")}`;
}

/** `wish`, or `wish_2`, `wish_3` … when another node has that name, whatever the case of its letters: as the server names it. */
export function freeName(wish, taken) {
  const used = new Set([...taken].map((name) => name.toLowerCase()));
  if (!wish || !used.has(wish.toLowerCase())) return wish;
  const stem = wish.replace(/_\d{1,6}$/, "") || wish;
  for (let count = 2; ; count += 1) {
    const name = `${stem.slice(0, LONGEST_NAME - `_${count}`.length)}_${count}`;
    if (!used.has(name.toLowerCase())) return name;
  }
}

/** The flow node and its first NodeView, for an entry of the palette. The server finds a free name: the one shown here, unless another tab took it. */
export function fromEntry(entry, { x, y }, parent, hasTeam, size = TEAM_SIZE, taken = new Set()) {
  const node = { id: newId("n"), kind: entry.kind, name: "", config: entry.config ?? {}, position: { x, y }, parent: parent ?? null };
  const isTeam = entry.category === "team";
  if (isTeam) node.size = { ...size };
  const gives = given(entry.category, entry.kind, parent, hasTeam, entry.gives);
  return { node, view: viewOf(node, { ...entry, gives, name: freeName(entry.name ?? "", taken), line: entry.summary }) };
}

function viewOf(node, like) {
  return {
    id: node.id, kind: node.kind, category: like.category, name: like.name, title: like.title, line: like.line ?? "", chips: like.chips ?? [], color: like.color ?? null,
    x: node.position.x, y: node.position.y, width: node.size?.width ?? null, height: node.size?.height ?? null, parent: node.parent,
    gives: like.gives ?? null, takes: like.takes ?? [], text: like.text ?? node.config.text ?? "", config: node.config, problems: [],
  };
}

/** What the clipboard holds of a selection: members of chosen teams come along, wires only between what comes. */
export function copied(nodes, edges, chosen) {
  const ids = withMembers(nodes, chosen);
  const taken = nodes.filter((node) => ids.has(node.id));
  return {
    format: CLIPBOARD_FORMAT,
    version: 1,
    nodes: taken.map((node) => ({ ...node.data.view, x: node.position.x, y: node.position.y, parent: node.parentId ?? null, width: node.width ?? null, height: node.height ?? null })),
    edges: edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target) && edge.data.view.kind).map((edge) => edge.data.view),
  };
}

/** What a clipboard's text holds, or null when it is not ours. */
export function fromClipboard(text) {
  if (!text || text.length > 900_000 || !text.includes(CLIPBOARD_FORMAT)) return null;
  try {
    const held = JSON.parse(text);
    const sound = held.format === CLIPBOARD_FORMAT && Array.isArray(held.nodes) && Array.isArray(held.edges) && held.nodes.length > 0 && held.nodes.length <= MOST_PASTED;
    return sound ? held : null;
  } catch {
    return null;
  }
}

/**
 * Whole new nodes and wires for what the clipboard holds, shifted by `offset`; the server makes their names unique as is shown here. A node whose team was not copied stays in that team
 * while it is there (`teams`), otherwise it goes to the canvas.
 */
export function pasted(held, offset, taken, teams) {
  const ids = new Map(held.nodes.map((view) => [view.id, newId("n")]));
  const hasTeam = teams.size > 0 || held.nodes.some((view) => view.category === "team");
  const names = new Set(taken);
  const views = held.nodes.map((view) => {
    const name = freeName(String(view.name ?? ""), names);
    names.add(name);
    const cameAlong = ids.has(view.parent);
    const parent = cameAlong ? ids.get(view.parent) : teams.has(view.parent) ? view.parent : null;
    const gives = given(view.category, view.kind, parent, hasTeam, view.gives);
    const shift = cameAlong ? { x: 0, y: 0 } : offset;
    const node = { id: ids.get(view.id), kind: view.kind, name: view.category === "note" ? "" : view.name, config: view.config ?? {}, position: { x: Math.round(view.x + shift.x), y: Math.round(view.y + shift.y) }, parent };
    if (view.width && view.height) node.size = { width: view.width, height: view.height };
    return { node, view: viewOf(node, { ...view, gives, name }) };
  });
  const edges = held.edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)).map((edge) => ({
    id: newId("e"), kind: edge.kind, source: ids.get(edge.source), target: ids.get(edge.target), ...(edge.config && Object.keys(edge.config).length ? { config: edge.config, label: edge.label } : {}),
  }));
  return { nodes: views.map((each) => each.node), views: views.map((each) => each.view), edges };
}
