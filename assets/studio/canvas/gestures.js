/* What a person does to the drawing: each gesture changes what is seen at once and becomes one edit for the server. */
import { copied, fromClipboard, fromEntry, newId, pasted } from "./new_nodes.js";
import { absolute, drawn, fits, freePlace, GRID, inside, NODE_SIZE, parentsFirst, placeIn, redrawn, replacedBy, sizeOf, teamAt, TEAM_SIZE, without } from "./graph.js";

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
  const unselected = (items) => items.map((item) => (item.selected ? { ...item, selected: false } : item));

  function insert(nodes, newViews, edges, wrap = (edit) => edit) {
    const fresh = newViews.map((view) => ({ ...drawn(view), selected: true }));
    const drawing = now();
    change({ nodes: parentsFirst([...unselected(drawing.nodes), ...fresh]), edges: redrawn([...views(), ...edges], unselected(drawing.edges)) });
    send(wrap({ type: "add", nodes, edges }));
  }

  /** Adds an entry of the palette at `point` (canvas coordinates), or at the centre of the view, or inside the chosen team. */
  function add(entry, point = null) {
    const { nodes } = now();
    const isTeam = entry.category === "team";
    const size = isTeam ? TEAM_SIZE : NODE_SIZE;
    let team = null;
    if (!isTeam) team = point ? teamAt(nodes, point) : chosenTeam();
    if (team && !point) return addInto(team, entry);
    const middle = point ?? centre();
    const corner = { x: Math.round(middle.x - size.width / 2), y: Math.round(middle.y - (isTeam && point ? 20 : size.height / 2)) };
    const at = team ? inside(team, { x: corner.x - team.position.x, y: corner.y - team.position.y }) : point ? corner : freePlace(nodes, corner, size);
    const { node, view } = fromEntry(entry, at, team?.id);
    insert([node], [view], []);
  }

  /** Adds an entry to a team, which grows when it is full. */
  function addInto(team, entry) {
    const { at, height } = placeIn(now().nodes, team);
    const { node, view } = fromEntry(entry, at, team.id);
    const { width, height: before } = sizeOf(team);
    const grows = height > before;
    if (grows) change({ ...now(), nodes: now().nodes.map((each) => (each.id === team.id ? { ...each, width, height } : each)) });
    const resize = { type: "resize", id: team.id, ...team.position, width, height };
    insert([node], [view], [], grows ? (add) => ({ type: "several", edits: [resize, add] }) : undefined);
  }

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
      if (!node || ids.has(node.parentId)) continue;
      const corner = absolute(node, known);
      const size = sizeOf(node);
      const team = node.type === "team" ? null : teamAt(nodes, { x: corner.x + size.width / 2, y: corner.y + size.height / 2 }, ids);
      const parent = team?.id ?? null;
      const at = team ? inside(team, { x: corner.x - team.position.x, y: corner.y - team.position.y }, size) : { x: Math.round(corner.x), y: Math.round(corner.y) };
      const { view } = node.data;
      places.set(id, { at, parent });
      if (view.x !== at.x || view.y !== at.y || (view.parent ?? null) !== parent) moves.push({ id, ...at, parent });
    }
    place(places);
    if (moves.length) send({ type: "move", moves });
  }

  function place(places) {
    const nodes = now().nodes.map((node) => {
      const to = places.get(node.id);
      if (!to) return node;
      const { parentId: _, ...rest } = node;
      const view = { ...node.data.view, ...to.at, parent: to.parent };
      return { ...rest, ...(to.parent ? { parentId: to.parent } : {}), position: to.at, dragging: false, data: { ...node.data, view } };
    });
    change({ ...now(), nodes: parentsFirst(nodes) });
  }

  /** The team that the dragged nodes would fall into, as an id, or "". */
  function teamBelow(dragged) {
    const node = dragged[0];
    if (!node || node.type === "team") return "";
    const known = byId();
    const corner = absolute(known.get(node.id) ?? node, known);
    const size = sizeOf(node);
    return teamAt(now().nodes, { x: corner.x + size.width / 2, y: corner.y + size.height / 2 }, new Set(dragged.map((each) => each.id)))?.id ?? "";
  }

  /** Moves the selection by a step with the keyboard; the edit is sent when the keys rest. */
  function nudge([dx, dy], step = GRID) {
    const known = byId();
    const moved = chosenNodes().filter((node) => !known.get(node.parentId)?.selected);
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
    const nodes = now().nodes.map((node) => (node.id === id ? { ...node, data: { ...node.data, view: { ...node.data.view, x, y, width, height } } } : node));
    change({ ...now(), nodes });
    send({ type: "resize", id, x, y, width, height });
  }

  function mayConnect(source, target) {
    const known = byId();
    return fits(known.get(source)?.data.view, known.get(target)?.data.view, views());
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
    const fresh = pasted(held, offset, names(), teams);
    insert(fresh.nodes, fresh.views, fresh.edges);
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
    const half = new Set(nodes.filter((node) => node.type === "team" && node.selected && nodes.some((member) => member.parentId === node.id && !member.selected)).map((node) => node.id));
    if (half.size) change({ ...now(), nodes: nodes.map((node) => (half.has(node.id) ? { ...node, selected: false } : node)) });
  }

  const selectAll = () => select(now().nodes.map((node) => node.id));

  /** The nodes to which a wire from `id` may go, itself last. */
  const targetsOf = (id) => now().nodes.filter((node) => mayConnect(id, node.id)).sort((a, b) => (a.id === id) - (b.id === id));

  return { add, drop, teamBelow, nudge, resized, mayConnect, connect, remove, duplicate, copy, paste, select, selectAll, leaveHalfTeams, targetsOf, chosenNodes };
}
