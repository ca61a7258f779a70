import assert from "node:assert/strict";
import { around, ends, GAP, wordsOf } from "./studio/canvas/wire_ends.js";

const team = { x: 0, y: 0, width: 600, height: 300 };
const at = (x, y) => ({ x, y, width: 100, height: 40 });

export function a_wire_from_within_a_team_ends_at_the_side_of_its_frame_that_is_nearest() {
  const sides = { left: at(20, 120), right: at(490, 120), bottom: at(250, 250), top: at(250, 30) };
  for (const [side, rule] of Object.entries(sides)) {
    const [from, to] = ends(rule, team);
    assert.equal(from.side, side);
    assert.ok(from.x === to.x || from.y === to.y, "straight");
    const [inner, outer] = [side === "left" || side === "right" ? "x" : "y", { left: 0, right: 600, top: 0, bottom: 300 }[side]];
    assert.equal(Math.abs(to[inner] - outer), GAP);
    assert.ok(to.x >= 0 && to.x <= 600 && to.y >= 0 && to.y <= 300, "inside");
  }
}

export function the_head_of_a_team_is_taken_last_of_sides_that_are_equally_near() {
  const [from] = ends({ x: 250, y: 130, width: 340, height: 160 }, { x: 0, y: 0, width: 600, height: 420 });
  assert.equal(from.side, "right");
  const [middle] = ends({ x: 100, y: 100, width: 100, height: 100 }, { x: 0, y: 0, width: 300, height: 300 });
  assert.equal(middle.side, "left");
}

export function a_wire_from_a_team_to_what_lies_in_it_is_the_same_the_other_way_round() {
  const [from, to] = ends(team, at(490, 120));
  assert.deepEqual([from, to], [{ x: 600, y: 140, side: "left" }, { x: 590 + GAP, y: 140, side: "right" }]);
}

export function boxes_that_face_each_other_are_joined_straight() {
  const [from, to] = ends(at(0, 0), at(300, 0));
  assert.deepEqual([from, to], [{ x: 100, y: 20, side: "right" }, { x: 300 - GAP, y: 20, side: "left" }]);
}

export function a_wire_gives_way_to_the_words_of_a_team_and_to_nothing_else_of_it() {
  const short = wordsOf({ name: "team", chips: [] });
  assert.ok(short > 40 && short < 80);
  assert.ok(wordsOf({ name: "團隊團隊", chips: [] }) > short);
  assert.ok(wordsOf({ name: "team", chips: ["everybody in turn"] }) > short + 100);
  const [, words] = around(100, 200, 300).split("Z");
  assert.equal(words, "M110 206H400V234H110");
}
