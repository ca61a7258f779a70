import assert from "node:assert/strict";

const storage = new Map();
globalThis.sessionStorage = { getItem: (key) => storage.get(key) ?? null, setItem: (key, text) => storage.set(key, text), removeItem: (key) => storage.delete(key) };

const heard = {};
globalThis.window = { addEventListener: (type, listener) => (heard[type] = listener) };
const connected = (onLine) => Object.defineProperty(globalThis, "navigator", { value: { onLine }, configurable: true });
connected(true);

let pages = 0;
/** The module as a page that was just loaded has it; the storage is the tab's. */
const page = () => import(`./studio/shell/unsent.js?page=${(pages += 1)}`);
const ids = (told) => told.flat().map((each) => each.id);

export async function a_change_is_held_until_the_server_says_that_it_has_it() {
  const { acknowledge, attach, isSaving, send, unsent } = await page();
  const told = [];
  const stop = attach("a", (changes) => told.push(changes));
  send("a", { type: "move" });
  assert.deepEqual(unsent("a"), [{ type: "move" }]);
  assert.equal(isSaving("a"), true);
  assert.ok(storage.get("convene.unsent.a").includes("move"));
  acknowledge("a", ids(told));
  assert.equal(isSaving("a"), false);
  assert.equal(storage.has("convene.unsent.a"), false);
  stop();
}

export async function the_next_page_sends_what_the_last_one_left_in_its_order_and_by_the_same_ids() {
  const before = await page();
  const first = [];
  const leave = before.attach("b", (changes) => first.push(changes));
  for (const type of ["add", "connect", "move"]) before.send("b", { type });
  before.acknowledge("b", [first[0][0].id]);
  leave();
  const after = await page();
  const again = [];
  const stop = after.attach("b", (changes) => again.push(changes));
  assert.deepEqual(ids(again), ids(first).slice(1));
  assert.deepEqual(again.flat().map((each) => [each.change.type, each.again]), [["connect", true], ["move", true]]);
  after.acknowledge("b", ids(again));
  stop();
}

export async function what_the_server_told_to_have_before_a_reload_is_not_sent_again() {
  const before = await page();
  const first = [];
  before.attach("g", (changes) => first.push(changes))();
  const leave = before.attach("g", (changes) => first.push(changes));
  before.send("g", { type: "add" });
  before.send("g", { type: "move" });
  leave();
  const after = await page();
  const again = [];
  after.acknowledge("g", [ids(first)[0]]);
  const stop = after.attach("g", (changes) => again.push(changes));
  assert.deepEqual(ids(again), [ids(first)[1]]);
  after.acknowledge("g", ids(again));
  stop();
}

export async function flows_do_not_take_each_others_changes() {
  const { acknowledge, attach, isSaving, send } = await page();
  const told = [];
  const stop = attach("c", (changes) => told.push(changes));
  send("d", { type: "add" });
  assert.deepEqual([isSaving("c"), isSaving("d"), told.length], [false, true, 0]);
  acknowledge("c", ["whatever"]);
  assert.equal(isSaving("d"), true);
  stop();
}

export async function what_is_being_typed_counts_and_is_sent_before_a_run() {
  const { acknowledge, attach, isSaving, send, settled, types } = await page();
  const told = [];
  const stop = attach("e", (changes) => told.push(changes));
  const rested = types(() => {
    send("e", { type: "field" });
    rested();
  });
  assert.equal(isSaving("e"), true);
  let isSettled = false;
  const wait = settled("e").then(() => (isSettled = true));
  await Promise.resolve();
  assert.deepEqual([told.length, isSettled], [1, false]);
  acknowledge("e", ids(told));
  await wait;
  assert.deepEqual([isSettled, isSaving("e")], [true, false]);
  stop();
}

export async function many_changes_go_in_messages_that_the_socket_bears() {
  const { parts } = await page();
  const changes = [40, 40, 40, 200, 10].map((size) => ({ change: "x".repeat(size) }));
  assert.deepEqual(parts(changes, 130).map((part) => part.length), [2, 1, 1, 1]);
  assert.deepEqual(parts(Array(450).fill({ change: "x" }), 500_000).map((part) => part.length), [200, 200, 50]);
}

export async function a_storage_that_is_full_or_spoilt_loses_nothing_of_this_page() {
  storage.set("convene.unsent.f", "{spoilt");
  const { attach, send, unsent } = await page();
  const { setItem } = sessionStorage;
  sessionStorage.setItem = () => {
    throw new Error("full");
  };
  const told = [];
  const stop = attach("f", (changes) => told.push(changes));
  send("f", { type: "add" });
  sessionStorage.setItem = setItem;
  assert.deepEqual([unsent("f").length, told.length], [1, 1]);
  stop();
}

/** Whether the page that was loaded last asks before it is left. */
function asks() {
  let asked = false;
  heard.beforeunload({ preventDefault: () => (asked = true) });
  return asked;
}

export async function nobody_is_asked_before_leaving_unless_something_is_unsent_and_nobody_answers() {
  const { acknowledge, attach, send } = await page();
  const told = [];
  const stop = attach("h", (changes) => told.push(changes));
  connected(false);
  assert.equal(asks(), false);
  connected(true);
  send("h", { type: "add" });
  assert.equal(asks(), false);
  connected(false);
  assert.equal(asks(), true);
  acknowledge("h", ids(told));
  assert.equal(asks(), false);
  connected(true);
  stop();
}

export async function a_page_that_is_left_brings_what_is_unsent_and_what_is_being_typed() {
  const { acknowledge, attach, send, types } = await page();
  const told = [];
  const stop = attach("i", (changes) => told.push(changes));
  const posted = [];
  const { fetch } = globalThis;
  globalThis.fetch = async (address, { body, keepalive }) => posted.push([address, JSON.parse(body).changes.map((each) => each.change.type), keepalive]);
  send("i", { type: "add" });
  const rested = types(() => {
    send("i", { type: "field" });
    rested();
  });
  heard.pagehide();
  globalThis.fetch = fetch;
  assert.deepEqual(posted, [["/api/changes?flow=i", ["add", "field"], true]]);
  acknowledge("i", ids(told));
  stop();
}
