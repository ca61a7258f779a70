/* The drawing in the browser: what fits where, what an edit changes, what a patch of the server changes. Pure. */

export const TEAM_SIZE = { width: 560, height: 300 };
/** What a team within a team begins with: two members fit side by side. */
export const INNER_TEAM_SIZE = { width: 432, height: 176 };
export const NODE_SIZE = { width: 180, height: 60 };
const HEADER = 44;
const INSET = 12;

export const GRID = 16;

/** What is drawn over what. A team within a team comes one above it, so that there is room below the wires. */
export const ABOVE = { wires: 18, arrows: 19, nodes: 20 };

const TYPES = { agent: "agent", team: "team", note: "note" };

/** The node of React Flow that draws a NodeView; `old` keeps selection and measures. */
export function drawn(view, old) {
  if (old?.data.view === view) return old;
  const size = view.category === "team" ? { width: view.width ?? TEAM_SIZE.width, height: view.height ?? TEAM_SIZE.height } : view.width ? { width: view.width, height: view.height ?? undefined } : {};
  return {
    ...(old ? { selected: old.selected, measured: old.measured } : {}),
    id: view.id,
    type: TYPES[view.category] ?? "part",
    position: { x: view.x, y: view.y },
    ...(view.parent ? { parentId: view.parent } : {}),
    ...size,
    zIndex: view.category === "team" ? 0 : ABOVE.nodes,
    ariaLabel: view.name && view.name !== view.title ? `${view.name}, ${view.title}` : view.title,
    domAttributes: { "data-testid": `node-${view.name || view.id}`, "data-kind": view.kind },
    data: { view },
  };
}

/** The edge of React Flow that draws an EdgeView. */
export function wired(view, edges, old) {
  const twin = view.kind === "speaks" && edges.some((each) => each.kind === "speaks" && each.source === view.target && each.target === view.source);
  if (old?.data.view === view && old.data.twin === twin) return old;
  return { id: view.id, type: "wire", source: view.source, target: view.target, selected: old?.selected, zIndex: view.kind === "speaks" ? ABOVE.arrows : ABOVE.wires, data: { view, twin }, domAttributes: { "data-testid": `edge-${view.id}`, "aria-labelledby": `wire-${view.id}` } };
}

/** The nodes that a node lies in, the innermost first. `byId` is a Map of nodes. */
export function ancestors(node, byId) {
  const found = [];
  for (let at = byId.get(node?.parentId); at && !found.includes(at); at = byId.get(at.parentId)) found.push(at);
  return found;
}

/** The ids of nodes and of everything that lies in them, however deep. */
export function withMembers(nodes, ids) {
  const all = new Set(ids);
  for (let grew = true; grew; ) {
    grew = false;
    for (const node of nodes) if (node.parentId && all.has(node.parentId) && !all.has(node.id)) grew = Boolean(all.add(node.id));
  }
  return all;
}

/** React Flow wants every parent before its members. */
export function parentsFirst(nodes) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const rows = [];
  for (const node of nodes) {
    const depth = node.parentId ? ancestors(node, byId).length : 0;
    (rows[depth] ??= []).push(node);
  }
  return rows.flat();
}

/** The wire that begins at somebody: a member's says who speaks next; outside of every team it makes a tool, but for agents in a drawing without a team. */
export function given(category, kind, parent, hasTeam, gives) {
  if (category !== "team" && (category !== "agent" || kind === "human")) return gives;
  return parent || (category === "agent" && !hasTeam) ? "speaks" : "tool";
}

/** A NodeView from which a wire is drawn, with the ids of all that it holds or calls, at first or at second hand: none of them can call it. */
export function starting(view, nodes, edges) {
  const within = new Set([view.id]);
  for (const id of within) {
    for (const node of nodes) if (node.parentId === id) within.add(node.id);
    for (const edge of edges) if (edge.kind === "tool" && edge.target === id) within.add(edge.source);
  }
  return { ...view, within };
}

/** Why `source` may be wired to `target`: the port's kind, or null when it may not. Both are NodeViews, `source` as `starting` gives it. */
export function fits(source, target, edges = []) {
  if (!source?.gives || !target || (source.id === target.id && source.gives !== "speaks")) return null;
  const port = target.takes?.find((each) => each.port === source.gives && each.categories.includes(source.category));
  if (!port) return null;
  if (port.port === "speaks" && (source.parent ?? null) !== (target.parent ?? null)) return null;
  if (port.port === "speaks" && !source.parent && [source.category, target.category].includes("team")) return null;
  if (port.port === "tool" && (target.parent === source.id || source.within?.has(target.id))) return null;
  if (edges.some((edge) => edge.kind === port.port && edge.source === source.id && edge.target === target.id)) return null;
  return port.port;
}

/** The wire that a new one of the same kind replaces, where the target takes only one. */
export function replacedBy(kind, target, edges) {
  const port = target.takes.find((each) => each.port === kind);
  return port.many ? null : (edges.find((edge) => edge.kind === kind && edge.target === target.id) ?? null);
}

/** Absolute position of a node on the canvas. */
export function absolute(node, byId) {
  return ancestors(node, byId).reduce((at, team) => ({ x: at.x + team.position.x, y: at.y + team.position.y }), node.position);
}

export const sizeOf = (node) => ({ width: node.measured?.width ?? node.width ?? NODE_SIZE.width, height: node.measured?.height ?? node.height ?? NODE_SIZE.height });

/** How far what begins at `from` has to be moved so that all of it is seen between 0 and `most`; its beginning where it is longer. */
export function shiftInto(from, length, most, edge = 1.5 * GRID) {
  if (from < edge) return edge - from;
  return Math.min(0, Math.max(most - edge - from - length, edge - from));
}

/** The innermost team that holds a point of the canvas, but for those of `except` and what lies in them. */
export function teamAt(nodes, point, except = new Set()) {
  const teams = nodes.filter((node) => node.type === "team");
  if (!teams.length) return undefined;
  const byId = new Map(teams.map((team) => [team.id, team]));
  return teams.findLast((team) => {
    if (except.has(team.id) || ancestors(team, byId).some((outer) => except.has(outer.id))) return false;
    const { width, height } = sizeOf(team);
    const { x, y } = absolute(team, byId);
    return point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height;
  });
}

/** By which point a node falls into a team: its middle; a team's is in its header, by which it is held. */
export function grasp(node, corner) {
  const size = sizeOf(node);
  return { x: corner.x + size.width / 2, y: corner.y + (node.type === "team" ? HEADER / 2 : size.height / 2) };
}

/** The sizes that teams need so that all that lies in them fits, from `id` outwards: [{id, x, y, width, height}], empty when all fits. */
export function growths(nodes, id) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const grown = new Map();
  const size = (node) => grown.get(node.id) ?? sizeOf(node);
  for (const team of [byId.get(id), ...ancestors(byId.get(id), byId)].filter(Boolean)) {
    const members = nodes.filter((node) => node.parentId === team.id);
    const now = sizeOf(team);
    const width = Math.max(now.width, ...members.map((node) => Math.round(node.position.x + size(node).width + INSET)));
    const height = Math.max(now.height, ...members.map((node) => Math.round(node.position.y + size(node).height + INSET)));
    if (width > now.width || height > now.height) grown.set(team.id, { id: team.id, ...team.position, width, height });
  }
  return [...grown.values()];
}

/** The nodes with teams as large as `sizes` says. */
export function resizedTo(nodes, sizes) {
  const known = new Map(sizes.map((size) => [size.id, size]));
  return nodes.map((node) => {
    const size = known.get(node.id);
    if (!size) return node;
    const { width, height } = size;
    return { ...node, width, height, measured: { width, height }, data: { ...node.data, view: { ...node.data.view, width, height } } };
  });
}

/** `point` moved as little as needed, so that a node of that size lies inside the team, below its header. Relative to the team. */
export function inside(team, point, size = NODE_SIZE) {
  const room = sizeOf(team);
  const clamp = (value, low, high) => Math.round(Math.max(low, Math.min(value, Math.max(low, high))));
  return { x: clamp(point.x, INSET, room.width - size.width - INSET), y: clamp(point.y, HEADER, room.height - size.height - INSET) };
}

const free = (taken, size) => (at) => taken.every((other) => at.x >= other.x + other.width + GRID || at.x + size.width + GRID <= other.x || at.y >= other.y + other.height + GRID || at.y + size.height + GRID <= other.y);
const boxesIn = (nodes, parentId) => nodes.filter((node) => (node.parentId ?? null) === parentId).map((node) => ({ ...node.position, ...sizeOf(node) }));

/** The free place on the canvas nearest to `wish`, rather to its right or below it than before it: what is added is read in its order. */
export function freePlace(nodes, wish, size = NODE_SIZE) {
  const step = { x: size.width + 2 * GRID, y: NODE_SIZE.height + 2 * GRID };
  return around(wish, step).find(free(boxesIn(nodes, null), size)) ?? wish;
}

/** The first free place in a team, and the height that the team needs for it: {at, height}. */
export function placeIn(nodes, team, size = NODE_SIZE) {
  const members = boxesIn(nodes, team.id);
  const room = sizeOf(team);
  const isFree = free(members, size);
  const left = 1.5 * GRID;
  for (let y = HEADER + GRID; y + size.height <= room.height - INSET; y += GRID)
    for (let x = left; x + size.width <= room.width - INSET; x += GRID) if (isFree({ x, y })) return { at: { x, y }, height: room.height };
  const y = Math.round(Math.max(HEADER, ...members.map((box) => box.y + box.height)) + 2 * GRID);
  return { at: { x: left, y }, height: y + size.height + 2 * GRID };
}

function around(wish, step, reach = 6) {
  const places = [];
  for (let row = -reach; row <= reach; row += 1) for (let column = -reach; column <= reach; column += 1) places.push({ x: wish.x + (column * step.x) / 2, y: wish.y + row * step.y });
  const away = (by, size) => (by < 0 ? 3 : 1) * (by / size);
  const far = (at) => Math.hypot(away(at.x - wish.x, step.x), away(at.y - wish.y, step.y));
  return places.sort((a, b) => far(a) - far(b));
}

/** A whole drawing as it came, with what the person made of `old` and the server does not have yet: they do not see it go and come again. */
export function replaced(graph, old, made) {
  const known = new Map(old.nodes.map((node) => [node.id, node]));
  const came = new Set([...graph.nodes, ...(graph.edges ?? [])].map((view) => view.id));
  const isWaiting = (item) => made.has(item.id) && !came.has(item.id);
  const there = new Set(came);
  const waiting = [];
  for (const node of old.nodes.filter(isWaiting)) {
    if (node.parentId && !there.has(node.parentId)) continue;
    waiting.push(node);
    there.add(node.id);
  }
  const wires = old.edges.filter((edge) => isWaiting(edge) && there.has(edge.source) && there.has(edge.target)).map((edge) => edge.data.view);
  return {
    nodes: parentsFirst([...graph.nodes.map((view) => drawn(view, known.get(view.id))), ...waiting]),
    edges: redrawn([...(graph.edges ?? []), ...wires], old.edges),
  };
}

/** {nodes, edges} after a Patch of the server. `keep(id)` says that the person is just moving that node: its place stays. */
export function patched({ nodes, edges }, patch, keep) {
  const views = new Map(Object.entries(patch.nodes ?? {}));
  const seen = new Set();
  const next = [];
  for (const node of nodes) {
    const view = views.get(node.id);
    seen.add(node.id);
    if (view === null) continue;
    if (view === undefined) next.push(node);
    else {
      const fresh = drawn(view, node);
      next.push(keep(node.id) ? { ...fresh, position: node.position, parentId: node.parentId, width: node.width, height: node.height } : fresh);
    }
  }
  for (const [id, view] of views) if (view && !seen.has(id)) next.push(drawn(view));
  return { nodes: parentsFirst(next), edges: rewired(edges, patch.edges ?? {}) };
}

function rewired(edges, changes) {
  const ids = Object.keys(changes);
  if (!ids.length) return edges;
  const views = new Map(edges.map((edge) => [edge.id, edge.data.view]));
  for (const id of ids) {
    if (changes[id] === null) views.delete(id);
    else views.set(id, changes[id]);
  }
  return redrawn([...views.values()], edges);
}

/** The drawn edges of these EdgeViews; unchanged ones keep their identity. */
export function redrawn(views, old = []) {
  const known = new Map(old.map((edge) => [edge.id, edge]));
  return views.map((view) => wired(view, views, known.get(view.id)));
}

/** {nodes, edges} without these ids, without the members of removed teams and without the wires of whatever went. */
export function without({ nodes, edges }, gone) {
  const dead = withMembers(nodes, gone);
  const left = edges.filter((edge) => !dead.has(edge.id) && !dead.has(edge.source) && !dead.has(edge.target));
  return { nodes: nodes.filter((node) => !dead.has(node.id)), edges: left.length === edges.length ? edges : redrawn(left.map((edge) => edge.data.view), left) };
}
