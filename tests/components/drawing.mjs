import assert from "node:assert/strict";
import { absolute, drawn, fits, freePlace, given, inside, parentsFirst, patched, placeIn, redrawn, replaced, replacedBy, shiftInto, sizeOf, teamAt, without } from "./studio/canvas/graph.js";
import { copied, freeName, fromClipboard, fromEntry, newId, pasted } from "./studio/canvas/new_nodes.js";
import { gestures } from "./studio/canvas/gestures.js";

const SPEAKS = { port: "speaks", categories: ["agent", "team"], many: true };
const agent = (id, more = {}) => ({ id, kind: "assistant", category: "agent", name: id, title: "Assistant", line: "", chips: [], color: 0, x: 0, y: 0, width: null, height: null, parent: null, gives: "speaks", takes: [{ port: "model", categories: ["model"], many: false }, { port: "tool", categories: ["tool", "team"], many: true }, { port: "memory", categories: ["memory"], many: true }, SPEAKS], text: "", config: { description: id }, problems: [], ...more });
const team = (id, more = {}) => ({ ...agent(id), kind: "team", category: "team", gives: more.parent ? "speaks" : "tool", takes: [{ port: "model", categories: ["model"], many: false }, { port: "stop", categories: ["condition"], many: true }, SPEAKS], width: 400, height: 300, ...more });
const model = (id, more = {}) => ({ ...agent(id), kind: "openai", category: "model", gives: "model", takes: [], ...more });
const wire = (id, kind, source, target) => ({ id, kind, source, target });

const drawing = (views, wires = []) => ({ nodes: parentsFirst(views.map((view) => drawn(view))), edges: redrawn(wires) });

/** A board without a browser: what is drawn, and the edits that were sent. */
function board(views, wires = []) {
  let now = drawing(views, wires);
  const sent = [];
  const does = gestures({ now: () => now, change: (next) => (now = next), send: (edit) => sent.push(edit), centre: () => ({ x: 500, y: 400 }) });
  return { does, sent, now: () => now, node: (id) => now.nodes.find((node) => node.id === id), move: (id, position) => (now = { ...now, nodes: now.nodes.map((node) => (node.id === id ? { ...node, position } : node)) }) };
}

export function what_is_added_is_moved_into_view_by_as_little_as_shows_it() {
  assert.equal(shiftInto(100, 50, 400, 20), 0);
  assert.equal(shiftInto(-30, 50, 400, 20), 50);
  assert.equal(shiftInto(360, 50, 400, 20), -30);
  assert.equal(shiftInto(100, 900, 400, 20), -80);
  assert.equal(shiftInto(20, 900, 400, 20), 0);
}

export function only_what_fits_can_be_wired() {
  const [a, b, m, box] = [agent("a"), agent("b"), model("m"), team("t")];
  assert.equal(fits(a, b), "speaks");
  assert.equal(fits(m, a), "model");
  assert.equal(fits(m, box), "model");
  assert.equal(fits(a, box), null);
  assert.equal(fits(box, m), null);
  assert.equal(fits(a, m), null);
  assert.equal(fits(a, a), "speaks");
  assert.equal(fits(a, a, [wire("e", "speaks", "a", "a")]), null);
  assert.equal(fits(m, m), null);
  assert.equal(fits(a, agent("c", { parent: "t" })), null);
  assert.equal(fits(a, b, [wire("e", "speaks", "a", "b")]), null);
  assert.equal(fits(undefined, b), null);
}

export function where_only_one_wire_fits_the_old_one_goes() {
  const edges = [wire("e1", "model", "m", "a"), wire("e2", "tool", "w", "a")];
  assert.equal(replacedBy("model", agent("a"), edges).id, "e1");
  assert.equal(replacedBy("tool", agent("a"), edges), null);
  const { does, sent, now } = board([agent("a"), model("m"), model("n")], [wire("e1", "model", "m", "a")]);
  assert.equal(does.connect("n", "a"), true);
  assert.deepEqual(now().edges.map((edge) => edge.source), ["n"]);
  assert.deepEqual(sent.map((edit) => edit.type), ["connect"]);
}

export function a_patch_changes_what_it_names_and_nothing_else() {
  const before = drawing([agent("a"), agent("b"), agent("c")], [wire("e", "speaks", "a", "b")]);
  const after = patched(before, { nodes: { a: null, b: agent("b", { x: 40 }), d: agent("d") }, edges: { e: null, f: wire("f", "speaks", "b", "d") } }, () => false);
  assert.deepEqual(after.nodes.map((node) => node.id), ["b", "c", "d"]);
  assert.equal(after.nodes[0].position.x, 40);
  assert.equal(after.nodes[1], before.nodes[2]);
  assert.deepEqual(after.edges.map((edge) => edge.id), ["f"]);
}

export function a_patch_does_not_take_back_what_is_being_moved() {
  const before = drawing([agent("a", { x: 100 })]);
  const after = patched(before, { nodes: { a: agent("a", { x: 5, line: "new" }) } }, (id) => id === "a");
  assert.equal(after.nodes[0].position.x, 100);
  assert.equal(after.nodes[0].data.view.line, "new");
}

export function members_and_wires_go_with_a_team() {
  const after = without(drawing([team("t"), agent("a", { parent: "t" }), agent("b")], [wire("e", "speaks", "a", "b"), wire("f", "speaks", "b", "b2")]), ["t"]);
  assert.deepEqual(after.nodes.map((node) => node.id), ["b"]);
  assert.deepEqual(after.edges.map((edge) => edge.id), ["f"]);
}

export function a_drag_into_a_team_is_one_move_relative_to_it() {
  const { does, sent, node, move } = board([team("t", { x: 100, y: 100 }), agent("a")]);
  move("a", { x: 200, y: 220 });
  assert.equal(does.teamBelow([node("a")]), "t");
  does.drop([node("a")]);
  assert.deepEqual(sent, [{ type: "move", moves: [{ id: "a", x: 100, y: 120, parent: "t" }] }]);
  assert.equal(node("a").parentId, "t");
  assert.deepEqual(absolute(node("a"), new Map([["t", node("t")]])), { x: 200, y: 220 });
}

export function a_drag_out_of_a_team_leaves_it() {
  const { does, sent, node, move } = board([team("t", { x: 100, y: 100 }), agent("a", { parent: "t", x: 20, y: 60 })]);
  move("a", { x: 20, y: 600 });
  does.drop([node("a")]);
  assert.deepEqual(sent[0].moves, [{ id: "a", x: 120, y: 700, parent: null }]);
  assert.equal(node("a").parentId, undefined);
}

export function a_drag_that_ends_where_it_began_is_no_edit() {
  const { does, sent, node } = board([agent("a", { x: 16, y: 16 })]);
  does.drop([node("a")]);
  assert.deepEqual(sent, []);
}

export function members_stay_where_they_are_when_their_team_is_dragged() {
  const { does, sent, node, move } = board([team("t"), agent("a", { parent: "t", x: 20, y: 60 })]);
  move("t", { x: 300, y: 0 });
  does.drop([node("t"), node("a")]);
  assert.deepEqual(sent, [{ type: "move", moves: [{ id: "t", x: 300, y: 0, parent: null }] }]);
}

export function a_team_falls_into_the_team_below_its_header_and_that_grows() {
  const { does, sent, node, move } = board([team("t"), team("u", { x: 900, width: 420, height: 200 })]);
  move("u", { x: 10, y: 60 });
  assert.equal(does.teamBelow([node("u")]), "t");
  does.drop([node("u")]);
  assert.deepEqual(sent[0].edits, [
    { type: "move", moves: [{ id: "u", x: 12, y: 60, parent: "t" }] },
    { type: "resize", id: "t", x: 0, y: 0, width: 444, height: 300 },
  ]);
  assert.equal(node("u").data.view.gives, "speaks");
  assert.equal(node("t").width, 444);
}

export function a_team_falls_neither_into_itself_nor_into_what_lies_in_it() {
  const { does, sent, node, move } = board([team("t"), team("u", { parent: "t", x: 12, y: 50, width: 300, height: 200 })]);
  move("t", { x: 40, y: 0 });
  does.drop([node("t")]);
  assert.deepEqual(sent, [{ type: "move", moves: [{ id: "t", x: 40, y: 0, parent: null }] }]);
}

export function a_team_dragged_out_of_another_can_be_a_tool_again_and_loses_its_arrows() {
  const { does, now, node, move } = board([team("t"), team("u", { parent: "t", x: 12, y: 50, width: 200, height: 100 }), agent("a", { parent: "t", x: 220, y: 50 })], [wire("e", "speaks", "a", "u")]);
  move("u", { x: 1000, y: 0 });
  does.drop([node("u")]);
  assert.equal(node("u").parentId, undefined);
  assert.equal(node("u").data.view.gives, "tool");
  assert.deepEqual(now().edges, []);
}

export function what_lies_deep_is_found_moved_copied_and_removed_as_a_whole() {
  const views = [agent("a", { parent: "u", x: 10, y: 50 }), team("u", { parent: "t", x: 20, y: 60, width: 250, height: 150 }), team("t", { x: 100, y: 100 })];
  const { does, sent, now, node } = board(views);
  assert.deepEqual(now().nodes.map((each) => each.id), ["t", "u", "a"]);
  const known = new Map(now().nodes.map((each) => [each.id, each]));
  assert.deepEqual(absolute(node("a"), known), { x: 130, y: 210 });
  assert.equal(teamAt(now().nodes, { x: 135, y: 215 }).id, "u");
  assert.equal(teamAt(now().nodes, { x: 135, y: 215 }, new Set(["u"])).id, "t");
  assert.equal(teamAt(now().nodes, { x: 135, y: 215 }, new Set(["t"])), undefined);
  does.drop([node("t"), node("u"), node("a")]);
  assert.deepEqual(sent, []);
  does.select(["t"]);
  const held = JSON.parse(does.copy());
  assert.deepEqual(held.nodes.map((each) => each.id), ["t", "u", "a"]);
  does.duplicate();
  const [copy] = sent;
  assert.deepEqual(copy.nodes.map((each) => each.parent), [null, copy.nodes[0].id, copy.nodes[1].id]);
  assert.deepEqual(without(now(), ["t"]).nodes.length, 3);
}

export function a_rubber_band_in_an_inner_team_means_neither_team() {
  const views = [team("t"), team("u", { parent: "t", width: 300, height: 200 }), agent("a", { parent: "u" }), agent("b", { parent: "u", x: 90 })];
  const { does, now } = board(views);
  does.select(["t", "u", "a"]);
  does.leaveHalfTeams();
  assert.deepEqual(now().nodes.filter((each) => each.selected).map((each) => each.id), ["a"]);
}

export function a_team_grows_with_the_team_inside_it_however_deep() {
  const views = [team("t", { width: 300, height: 200 }), team("u", { parent: "t", x: 12, y: 50, width: 250, height: 100 }), agent("a", { parent: "u", x: 12, y: 44 })];
  const { does, sent } = board(views);
  does.resized("u", { x: 12, y: 50, width: 400, height: 100 });
  assert.deepEqual(sent, [{ type: "several", edits: [{ type: "resize", id: "u", x: 12, y: 50, width: 400, height: 100 }, { type: "resize", id: "t", x: 0, y: 0, width: 424, height: 200 }] }]);
}

export function a_team_is_added_into_the_team_that_is_chosen() {
  const { does, sent, node } = board([team("t", { width: 300, height: 160 })]);
  does.select(["t"]);
  does.add({ id: "society", kind: "society", category: "team", title: "Society", config: {}, gives: "speaks", takes: [] });
  const [edit] = sent;
  assert.deepEqual(edit.edits.map((each) => each.type), ["resize", "add"]);
  assert.equal(edit.edits[1].nodes[0].parent, "t");
  assert.ok(node("t").width >= 432 && node("t").height >= 176);
}

export function a_team_may_be_wired_to_an_agent_outside_of_it_as_a_tool() {
  const [box, inner, outside] = [team("t"), agent("a", { parent: "t" }), agent("b")];
  assert.equal(fits(box, outside), "tool");
  assert.equal(fits(box, inner), null);
  assert.equal(fits(team("u", { parent: "t" }), outside), null);
  assert.equal(fits(team("u", { parent: "t" }), inner), "speaks");
  assert.equal(fits(inner, team("u", { parent: "t" })), "speaks");
  assert.equal(fits({ ...agent("f"), category: "memory", gives: "memory" }, outside), "memory");
  assert.equal(fits({ ...agent("f"), category: "memory", gives: "memory" }, box), null);
}

export function an_agent_outside_of_every_team_may_be_a_tool_but_never_of_what_it_calls() {
  const TOOL = { port: "tool", categories: ["tool", "team", "agent"], many: true };
  const who = (id, more) => agent(id, { takes: [TOOL, SPEAKS], ...more });
  const [box, member, called, person] = [team("t"), who("a", { parent: "t" }), who("b", { gives: "tool" }), who("h", { kind: "human" })];
  const further = who("c", { gives: "tool" });
  assert.equal(fits(called, member), "tool");
  assert.equal(fits(person, member), null);
  assert.equal(fits(member, called), null);
  const { does, sent, now } = board([box, member, called, further], [wire("e", "tool", "b", "a")]);
  assert.equal(does.mayConnect("c", "b"), "tool");
  assert.equal(does.connect("c", "b"), true);
  assert.equal(does.mayConnect("b", "c"), null);
  assert.deepEqual(does.targetsOf("c").map((node) => node.id), ["a"]);
  assert.deepEqual(sent.map((edit) => edit.edge.kind), ["tool"]);
  assert.equal(now().edges.length, 2);
}

export function where_an_agent_lies_says_which_wire_begins_at_it() {
  assert.equal(given("agent", "assistant", null, true, "speaks"), "tool");
  assert.equal(given("agent", "assistant", "t", true, "tool"), "speaks");
  assert.equal(given("agent", "assistant", null, false, "speaks"), "speaks");
  assert.equal(given("agent", "human", null, true, "speaks"), "speaks");
  assert.equal(given("team", "team", null, true, null), "tool");
  assert.equal(given("model", "openai", null, true, "model"), "model");
  const { does, node, move } = board([team("t", { x: 100, y: 100 }), agent("a", { gives: "tool" })]);
  move("a", { x: 200, y: 220 });
  does.drop([node("a")]);
  assert.equal(node("a").data.view.gives, "speaks");
}

export function a_copied_arrow_keeps_what_it_waits_for() {
  const views = [agent("a"), agent("b", { x: 300 })];
  const { does, sent } = board(views, [{ ...wire("e", "speaks", "a", "b"), config: { condition: "yes" }, label: "“yes”", join: "", order: null, barred: true }]);
  does.select(["a", "b"]);
  does.duplicate();
  assert.deepEqual(Object.keys(sent[0].edges[0]).sort(), ["config", "id", "kind", "source", "target"]);
  assert.deepEqual(sent[0].edges[0].config, { condition: "yes" });
}

export function new_nodes_find_a_free_place() {
  const { does, now } = board([]);
  for (let count = 0; count < 12; count += 1) does.add({ id: "assistant", kind: "assistant", category: "agent", title: "Assistant", config: {}, gives: "speaks", takes: [] });
  const boxes = now().nodes.map((node) => ({ ...node.position, ...sizeOf(node) }));
  assertApart(boxes);
}

export function a_full_team_grows_for_a_new_member_in_one_edit() {
  const { does, sent, now, node } = board([team("t", { width: 240, height: 140 })]);
  does.select(["t"]);
  const entry = { id: "assistant", kind: "assistant", category: "agent", title: "Assistant", config: {}, gives: "speaks", takes: [] };
  does.add(entry);
  does.select(["t"]);
  does.add(entry);
  assert.deepEqual(sent.map((edit) => edit.type), ["add", "several"]);
  assert.deepEqual(sent[1].edits.map((edit) => edit.type), ["resize", "add"]);
  assert.equal(node("t").height, sent[1].edits[0].height);
  const members = now().nodes.filter((each) => each.parentId === "t").map((each) => ({ ...each.position, ...sizeOf(each) }));
  assert.equal(members.length, 2);
  assertApart(members);
  for (const box of members) assert.ok(box.y + box.height <= node("t").height);
}

function assertApart(boxes) {
  for (const [index, a] of boxes.entries()) for (const b of boxes.slice(index + 1)) assert.ok(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y, JSON.stringify([a, b]));
}

export function a_drop_stays_inside_its_team() {
  const { does, sent } = board([team("t", { x: 0, y: 0 })]);
  does.add({ id: "x", kind: "assistant", category: "agent", title: "Assistant", config: {}, gives: "speaks", takes: [] }, { x: 398, y: 4 });
  const [node] = sent[0].nodes;
  assert.equal(node.parent, "t");
  assert.deepEqual(node.position, inside(drawn(team("t")), { x: 1000, y: -50 }));
}

export function a_place_in_a_team_is_below_its_header() {
  const { at, height } = placeIn([], drawn(team("t")));
  assert.ok(at.y >= 44 && height === 300);
  assert.deepEqual(freePlace([], { x: 3, y: 4 }), { x: 3, y: 4 });
}

export function what_is_added_one_after_another_is_read_from_left_to_right_and_downwards() {
  const nodes = [];
  for (const id of ["a", "b", "c", "d"]) nodes.push(drawn(agent(id, freePlace(nodes, { x: 0, y: 0 }))));
  assert.deepEqual(nodes.map(({ position }) => [Math.sign(position.x), Math.sign(position.y)]), [[0, 0], [1, 0], [0, 1], [1, 1]]);
}

export function copies_of_teams_lie_where_there_is_room() {
  const { does, now } = board([team("t"), agent("a", { parent: "t", x: 20, y: 60 }), model("m", { y: 330 })]);
  does.select(["t", "m"]);
  does.duplicate();
  does.select(["t"]);
  does.duplicate();
  const outer = now().nodes.filter((node) => !node.parentId);
  assert.equal(outer.length, 5);
  assertApart(outer.map((node) => ({ ...node.position, ...sizeOf(node) })));
  assert.deepEqual(now().nodes.filter((node) => node.parentId).map((node) => [node.position.x, node.position.y]), [[20, 60], [20, 60], [20, 60]]);
}

export function a_copy_takes_fields_along_and_wires_only_between_copies() {
  const { does, sent, now } = board([agent("a"), agent("b", { x: 300 }), agent("c", { x: 600 })], [wire("e", "speaks", "a", "b"), wire("f", "speaks", "b", "c")]);
  does.select(["a", "b"]);
  const text = does.copy();
  assert.equal(does.paste(text), true);
  const [edit] = sent;
  assert.deepEqual(edit.nodes.map((node) => node.config), [{ description: "a" }, { description: "b" }]);
  assert.deepEqual(edit.edges.map((edge) => [edge.kind, edge.source, edge.target]), [["speaks", edit.nodes[0].id, edit.nodes[1].id]]);
  assert.ok(edit.nodes.every((node) => /^n_[a-z0-9]{10}$/.test(node.id)));
  assert.deepEqual(now().nodes.slice(3).map((node) => [node.data.view.name, node.position.x, node.selected]), [["a_2", 32, true], ["b_2", 332, true]]);
}

export function a_copied_team_brings_its_members() {
  const { nodes, edges } = drawing([team("t"), agent("a", { parent: "t", x: 20, y: 60 })]);
  const fresh = pasted(copied(nodes, edges, new Set(["t"])), { x: 32, y: 32 }, new Set(), new Set(["t"]));
  assert.deepEqual(fresh.nodes.map((node) => node.parent), [null, fresh.nodes[0].id]);
  assert.deepEqual(fresh.nodes[1].position, { x: 20, y: 60 });
  assert.deepEqual(fresh.nodes[0].size, { width: 400, height: 300 });
}

export function what_others_put_on_the_clipboard_is_left_alone() {
  for (const text of ["", "hello", "{}", '{"format":"convene.nodes"', '{"format":"convene.nodes","nodes":[],"edges":[]}', '{"format":"convene.nodes","nodes":1,"edges":[]}', `convene.nodes${"x".repeat(1_000_000)}`]) assert.equal(fromClipboard(text), null, text.slice(0, 60));
  assert.equal(board([agent("a")]).does.paste("a sentence"), false);
}

export function names_of_copies_are_free() {
  assert.equal(freeName("coder", new Set()), "coder");
  assert.equal(freeName("coder", new Set(["coder", "coder_2"])), "coder_3");
  assert.equal(freeName("coder_2", new Set(["coder", "coder_2"])), "coder_3");
  assert.equal(freeName("", new Set([""])), "");
  assert.equal(freeName("Coder", new Set(["coder"])), "Coder_2");
  assert.equal(freeName("_2", new Set(["_2"])), "_2_2");
  assert.equal(freeName("x".repeat(64), new Set(["x".repeat(64)])), `${"x".repeat(62)}_2`);
}

export function what_is_added_is_called_at_once_as_the_server_will_call_it() {
  const { does, now } = board([agent("assistant")]);
  const file = { id: "documents", kind: "documents", category: "memory", title: "Documents", name: "assistant", config: {}, gives: "memory", takes: [] };
  does.add({ id: "assistant", kind: "assistant", category: "agent", title: "Assistant", name: "assistant", config: {}, gives: "speaks", takes: [], brings: [file] });
  assert.deepEqual(now().nodes.map((node) => node.data.view.name), ["assistant", "assistant_2", "assistant_3"]);
}

export function a_drawing_that_comes_whole_keeps_what_was_made_since() {
  const graph = { nodes: [agent("a", { x: 8 })], edges: [] };
  const before = drawing([agent("a"), agent("gone"), team("t"), agent("b", { parent: "t" }), agent("c", { parent: "lost" })], [wire("e", "speaks", "a", "gone"), wire("f", "model", "a", "b"), wire("g", "speaks", "b", "gone")]);
  before.nodes.find((node) => node.id === "b").selected = true;
  const after = replaced(graph, before, new Set(["t", "b", "c", "f", "g"]));
  assert.deepEqual(after.nodes.map((node) => node.id), ["a", "t", "b"]);
  assert.equal(after.nodes[0].position.x, 8);
  assert.equal(after.nodes[2].selected, true);
  assert.deepEqual(after.edges.map((edge) => edge.id), ["f"]);
}

export function ids_are_made_as_the_map_says() {
  const ids = new Set(Array.from({ length: 500 }, () => newId("n")));
  assert.equal(ids.size, 500);
  for (const id of ids) assert.match(id, /^n_[a-z0-9]{10}$/);
}

export function an_entry_becomes_a_whole_node() {
  const { node } = fromEntry({ id: "model_choice", kind: "team", category: "team", title: "Model chooses", config: { selection: { kind: "model_choice" } }, gives: null, takes: [] }, { x: 1, y: 2 });
  assert.deepEqual({ ...node, id: "" }, { id: "", kind: "team", name: "", config: { selection: { kind: "model_choice" } }, position: { x: 1, y: 2 }, parent: null, size: { width: 560, height: 300 } });
}

export function the_uppermost_team_is_meant() {
  const nodes = [team("t"), team("u", { x: 50, y: 50 })].map((view) => drawn(view));
  assert.equal(teamAt(nodes, { x: 60, y: 60 }).id, "u");
  assert.equal(teamAt(nodes, { x: 60, y: 60 }, new Set(["u"])).id, "t");
  assert.equal(teamAt(nodes, { x: 2000, y: 60 }), undefined);
}

export function a_rubber_band_over_some_members_does_not_mean_their_team() {
  const { does, now } = board([team("t"), agent("a", { parent: "t" }), agent("b", { parent: "t", x: 200 })]);
  does.select(["t", "a"]);
  does.leaveHalfTeams();
  assert.deepEqual(now().nodes.filter((node) => node.selected).map((node) => node.id), ["a"]);
  does.select(["t", "a", "b"]);
  does.leaveHalfTeams();
  assert.equal(now().nodes.filter((node) => node.selected).length, 3);
}
