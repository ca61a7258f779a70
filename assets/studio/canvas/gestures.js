/* What a person does to the drawing: each gesture changes what is seen at once and becomes one edit for the server. */
import { copied, fromClipboard, fromEntry, newId, pasted } from "./new_nodes.js";
import {
  absolute, ancestors, drawn, fits, freePlace, given, grasp, GRID, growths, INNER_TEAM_SIZE, inside, NODE_SIZE, parentsFirst, placeIn, redrawn, replacedBy, resizedTo, sizeOf, starting, teamAt, TEAM_SIZE, without,
} from "./graph.js";

const NUDGE_REST = 300;

/** The gestures over `useDrawing`'s `now`, `change`, `send`; `centre()` is the middle of the view in canvas coordinates. */
export function gestures({ now, change, send, centre }) {
  let clipboard = null;
  let pastes = 0;
  let nudged = null;

  const chosenNodes = () => now().nodes.filter((node) => node.selected);
  const byId = () => new Map(now().nodes.map((node) => [node.id, node]));
  const names = () => new Set(now().nodes.map((node) => node.data.view.name));
  const views = () => now().edges.map((edge) => edge.data.view);
  const hasTeam = () => now().nodes.some((node) => node.type === "team");
  const unselected = (items) => items.map((item) => (item.selected ? { ...item, selected: false } : item));

  /** Shows new nodes and wires, chosen all of them or one, and sends one edit that adds them; teams that become too small for them grow in the same edit. */
  function insert(nodes, newViews, edges, chosen = null) {
    const fresh = newViews.map((view) => ({ ...drawn(view), selected: chosen === null || view.id === chosen }));
    const drawing = now();
    const all = parentsFirst([...unselected(drawing.nodes), ...fresh]);
    change({ nodes: all, edges: redrawn([...views(), ...edges], unselected(drawing.edges)) });
    const added = new Set(nodes.map((node) => node.id));
    const sizes = grownAround(new Set(nodes.map((node) => node.parent).filter((parent) => !added.has(parent))));
    send(together(sizes.map(resize), { type: "add", nodes, edges: edges.map(({ label: _, join: __, order: ___, barred: ____, ...edge }) => edge) }));
  }

  const resize = (size) => ({ type: "resize", ...size });
  const together = (before, edit, after = []) => (before.length + after.length ? { type: "several", edits: [...before, edit, ...after] } : edit);

  /** Adds an entry of the palette at `point` (canvas coordinates), or at the centre of the view, or inside the chosen team. */
  function add(entry, point = null) {
    const { nodes } = now();
    const isTeam = entry.category === "team";
    const team = point ? teamAt(nodes, point) : chosenTeam();
    const size = !isTeam ? NODE_SIZE : team ? INNER_TEAM_SIZE : TEAM_SIZE;
    if (team && !point) return put(entry, placeIn(nodes, team, size).at, team, size);
    const middle = point ?? centre();
    const corner = { x: Math.round(middle.x - size.width / 2), y: Math.round(middle.y - (isTeam && point ? 20 : size.height / 2)) };
    if (!team) return put(entry, point ? corner : freePlace(nodes, corner, size), null, size);
    const outer = absolute(team, byId());
    return put(entry, inside(team, { x: corner.x - outer.x, y: corner.y - outer.y }, size), team, size);
  }

  function put(entry, at, team, size) {
    const taken = names();
    const made = (each, place, box) => {
      const found = fromEntry(each, place, team?.id, hasTeam(), box, taken);
      taken.add(found.view.name);
      return { each, ...found };
    };
    const { node, view } = made(entry, at, size);
    const brought = (entry.brings ?? []).map((each, place) => made(each, beneath(at, size, place)));
    const wires = brought.map((other) => ({ id: newId("e"), kind: other.each.gives, source: other.node.id, target: node.id }));
    insert([node, ...brought.map((other) => other.node)], [view, ...brought.map((other) => other.view)], wires, node.id);
  }

  /** Where the `place`th of what an entry brings along lies: under it, in a row. */
  const beneath = (at, size, place) => ({ x: at.x + place * (NODE_SIZE.width + 2 * GRID), y: at.y + size.height + 3 * GRID });

  function chosenTeam() {
    const chosen = chosenNodes();
    if (!chosen.length) return null;
    const teams = new Set(chosen.map((node) => (node.type === "team" ? node.id : node.parentId)));
    const [only] = teams;
    return teams.size === 1 && only ? byId().get(only) : null;
  }

  /** The end of a drag: one `move` for everything that was dragged, into the team below it or out of one. */
  function drop(dragged) {
    const { nodes } = now();
    const known = byId();
    const ids = new Set(dragged.map((node) => node.id));
    const moves = [];
    const places = new Map();
    for (const id of ids) {
      const node = known.get(id);
      if (!node || ancestors(node, known).some((team) => ids.has(team.id))) continue;
      const corner = absolute(node, known);
      const team = teamAt(nodes, grasp(node, corner), ids);
      const parent = team?.id ?? null;
      const outer = team ? absolute(team, known) : { x: 0, y: 0 };
      const at = team ? inside(team, { x: corner.x - outer.x, y: corner.y - outer.y }, sizeOf(node)) : { x: Math.round(corner.x), y: Math.round(corner.y) };
      const { view } = node.data;
      places.set(id, { at, parent });
      if (view.x !== at.x || view.y !== at.y || (view.parent ?? null) !== parent) moves.push({ id, ...at, parent });
    }
    place(places);
    if (!moves.length) return;
    const sizes = grownAround(new Set(moves.map((move) => move.parent)));
    send(together([], { type: "move", moves }, sizes.map(resize)));
  }

  /** Lets the teams that now hold more than fits grow, and says how: [{id, x, y, width, height}]. */
  function grownAround(teams) {
    const sizes = new Map();
    for (const id of teams) {
      const grown = id ? growths(now().nodes, id) : [];
      if (grown.length) change({ ...now(), nodes: resizedTo(now().nodes, grown) });
      for (const size of grown) sizes.set(size.id, size);
    }
    return [...sizes.values()];
  }

  function place(places) {
    const lost = new Set();
    const nodes = now().nodes.map((node) => {
      const to = places.get(node.id);
      if (!to) return node;
      const { parentId: _, ...rest } = node;
      if ((node.data.view.parent ?? null) !== to.parent) lost.add(node.id);
      const gives = given(node.data.view.category, node.data.view.kind, to.parent, hasTeam(), node.data.view.gives);
      const view = { ...node.data.view, ...to.at, parent: to.parent, gives };
      return { ...rest, ...(to.parent ? { parentId: to.parent } : {}), position: to.at, dragging: false, data: { ...node.data, view } };
    });
    const parents = new Map(nodes.map((node) => [node.id, node.parentId]));
    const apart = (edge) => edge.data.view.kind === "speaks" && (lost.has(edge.source) || lost.has(edge.target)) && parents.get(edge.source) !== parents.get(edge.target);
    const edges = lost.size && now().edges.some(apart) ? now().edges.filter((edge) => !apart(edge)) : now().edges;
    change({ nodes: parentsFirst(nodes), edges });
  }

  /** The team that the dragged nodes would fall into, as an id, or "". */
  function teamBelow(dragged) {
    if (!dragged[0]) return "";
    const known = byId();
    const node = known.get(dragged[0].id) ?? dragged[0];
    return teamAt(now().nodes, grasp(node, absolute(node, known)), new Set(dragged.map((each) => each.id)))?.id ?? "";
  }

  /** Moves the selection by a step with the keyboard; the edit is sent when the keys rest. */
  function nudge([dx, dy], step = GRID) {
    const known = byId();
    const moved = chosenNodes().filter((node) => !ancestors(node, known).some((team) => team.selected));
    if (!moved.length) return false;
    const ids = new Set(moved.map((node) => node.id));
    const nodes = now().nodes.map((node) => (ids.has(node.id) ? { ...node, position: { x: Math.round(node.position.x + dx * step), y: Math.round(node.position.y + dy * step) } } : node));
    change({ ...now(), nodes });
    clearTimeout(nudged);
    nudged = setTimeout(() => sendPlaces(ids), NUDGE_REST);
    return true;
  }

  function sendPlaces(ids) {
    const places = new Map();
    const moves = [];
    for (const node of now().nodes) {
      if (!ids.has(node.id)) continue;
      places.set(node.id, { at: node.position, parent: node.parentId ?? null });
      moves.push({ id: node.id, ...node.position, parent: node.parentId ?? null });
    }
    place(places);
    if (moves.length) send({ type: "move", moves });
  }

  function resized(id, box) {
    const [x, y, width, height] = [box.x, box.y, box.width, box.height].map(Math.round);
    const nodes = resizedTo(now().nodes, [{ id, width, height }]).map((node) => (node.id === id ? { ...node, position: { x, y } } : node));
    change({ ...now(), nodes });
    const sizes = grownAround([nodes.find((node) => node.id === id)?.parentId]);
    send(together([], { type: "resize", id, x, y, width, height }, sizes.map(resize)));
  }

  function mayConnect(source, target) {
    const known = byId();
    return fits(start(source), known.get(target)?.data.view, views());
  }

  function connect(source, target) {
    const kind = mayConnect(source, target);
    if (!kind) return false;
    const edge = { id: newId("e"), kind, source, target };
    const before = replacedBy(kind, byId().get(target).data.view, views());
    const kept = before ? views().filter((each) => each.id !== before.id) : views();
    change({ ...now(), edges: redrawn([...kept, edge], now().edges) });
    send({ type: "connect", edge });
    return true;
  }

  function remove() {
    const nodes = chosenNodes().map((node) => node.id);
    const edges = now().edges.filter((edge) => edge.selected).map((edge) => edge.id);
    if (!nodes.length && !edges.length) return false;
    change(without(now(), [...nodes, ...edges]));
    send({ type: "remove", nodes, edges });
    return true;
  }

  function chosen() {
    const ids = new Set(chosenNodes().map((node) => node.id));
    return ids.size ? copied(now().nodes, now().edges, ids) : null;
  }

  function placeCopies(held, offset) {
    const teams = new Set(now().nodes.filter((node) => node.type === "team").map((node) => node.id));
    const fresh = pasted(held, besideOthers(held, offset, teams), names(), teams);
    insert(fresh.nodes, fresh.views, fresh.edges);
  }

  /** Copies of teams lie where there is room, since a team on another one cannot be read; those of anything else by `offset` from it. */
  function besideOthers({ nodes }, offset, teams) {
    const ids = new Set(nodes.map((view) => view.id));
    const roots = nodes.filter((view) => !ids.has(view.parent));
    if (!roots.some((view) => view.category === "team") || roots.some((view) => teams.has(view.parent))) return offset;
    const [left, top] = [Math.min(...roots.map((view) => view.x)), Math.min(...roots.map((view) => view.y))];
    const width = Math.max(...roots.map((view) => view.x + (view.width ?? NODE_SIZE.width))) - left;
    const height = Math.max(...roots.map((view) => view.y + (view.height ?? NODE_SIZE.height))) - top;
    const at = freePlace(now().nodes, { x: left + offset.x, y: top + offset.y }, { width, height });
    return { x: at.x - left, y: at.y - top };
  }

  function duplicate() {
    const held = chosen();
    if (!held) return false;
    placeCopies(held, { x: 2 * GRID, y: 2 * GRID });
    return true;
  }

  /** The text for the clipboard, or "" when nothing is chosen. */
  function copy() {
    const held = chosen();
    if (!held) return "";
    clipboard = held;
    pastes = 0;
    return JSON.stringify(held);
  }

  /** Pastes a clipboard's text; without one (a browser that gives none) what was copied here last. */
  function paste(text) {
    const held = fromClipboard(text) ?? (text ? null : clipboard);
    if (!held) return false;
    pastes += 1;
    placeCopies(held, { x: 2 * GRID * pastes, y: 2 * GRID * pastes });
    return true;
  }

  function select(ids) {
    const wanted = new Set(ids);
    const mark = (items) => items.map((item) => (Boolean(item.selected) === wanted.has(item.id) ? item : { ...item, selected: wanted.has(item.id) }));
    change({ nodes: mark(now().nodes), edges: mark(now().edges) });
  }

  /** After a rubber band: a team of which only some members were caught was not meant itself. */
  function leaveHalfTeams() {
    const { nodes } = now();
    const chosen = new Set(nodes.filter((node) => node.selected).map((node) => node.id));
    const isHalf = (team) => nodes.some((member) => member.parentId === team.id && !chosen.has(member.id));
    let left = false;
    for (const team of nodes.filter((node) => node.type === "team").reverse()) if (chosen.has(team.id) && isHalf(team)) left = chosen.delete(team.id);
    if (left) change({ ...now(), nodes: nodes.map((node) => (node.selected && !chosen.has(node.id) ? { ...node, selected: false } : node)) });
  }

  const selectAll = () => select(now().nodes.map((node) => node.id));

  /** The nodes to which a wire from `id` may go, itself last. */
  const targetsOf = (id) => now().nodes.filter((node) => mayConnect(id, node.id)).sort((a, b) => (a.id === id) - (b.id === id));

  /** The NodeView from which a wire is drawn, or null. */
  function start(id) {
    const view = byId().get(id)?.data.view;
    return view ? starting(view, now().nodes, views()) : null;
  }

  return { add, drop, teamBelow, nudge, resized, start, mayConnect, connect, remove, duplicate, copy, paste, select, selectAll, leaveHalfTeams, targetsOf, chosenNodes };
}
