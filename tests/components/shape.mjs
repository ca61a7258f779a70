import assert from "node:assert/strict";
import { choicesOf, NOTHING, rowsOf, schemaOf, wrongIn } from "./studio/shell/shape.js";

const row = (name, more = {}) => ({ ...NOTHING, name, ...more });

export function a_table_becomes_a_schema_and_the_schema_the_same_table() {
  const rows = [
    row("title", { description: "A headline" }),
    row("score", { type: "whole", required: false }),
    row("mood", { type: "choice", values: "glad, sad" }),
    row("tags", { type: "texts" }),
    row("author", { type: "object", fields: [row("name"), row("age", { type: "number", required: false })] }),
    row("sources", { type: "objects", fields: [row("url"), row("seen", { type: "yesno" })] }),
  ];
  const schema = schemaOf(rows);
  assert.deepEqual(schema.required, ["title", "mood", "tags", "author", "sources"]);
  assert.deepEqual(schema.properties.mood, { type: "string", enum: ["glad", "sad"] });
  assert.equal(schema.properties.author.additionalProperties, false);
  assert.deepEqual(rowsOf(schema), rows);
}

export function rows_without_a_name_count_for_nothing() {
  assert.equal(schemaOf([]), null);
  assert.equal(schemaOf([row(" ")]), null);
  assert.deepEqual(Object.keys(schemaOf([row("a"), row("")]).properties), ["a"]);
}

export function an_empty_schema_is_an_empty_table() {
  for (const schema of [null, undefined, {}, { type: "object" }, { type: "object", properties: {} }]) assert.deepEqual(rowsOf(schema), []);
}

export function what_a_table_cannot_say_stays_json() {
  const property = (inner) => ({ type: "object", properties: { a: inner } });
  for (const schema of [
    { $ref: "#/x" }, [], "text", { type: "array", items: { type: "string" } }, { type: "object", additionalProperties: true },
    property({ anyOf: [{ type: "string" }] }), property({ type: "string", minLength: 3 }), property({ type: "array", items: { type: "array" } }),
    property({ type: "string", enum: ["a, b"] }), property({ enum: [1, 2] }), property(null), property({ type: "null" }), property({ type: "array" }),
  ]) assert.equal(rowsOf(schema), null, JSON.stringify(schema));
}

export function a_schema_that_is_too_deep_stays_json() {
  let schema = { type: "string" };
  for (let depth = 0; depth < 40; depth += 1) schema = { type: "object", properties: { a: schema } };
  assert.equal(rowsOf(schema), null);
}

export function names_stand_once_and_a_choice_has_something_to_choose_from() {
  assert.equal(wrongIn([row("a"), row("b")]), "");
  assert.equal(wrongIn([row("a"), row(" a ")]), "ui.form.shape.twice");
  assert.equal(wrongIn([row("a", { type: "choice" })]), "ui.form.shape.no_choices");
  assert.equal(wrongIn([row("a", { type: "object", fields: [row("b"), row("b")] })]), "ui.form.shape.twice");
  assert.deepEqual(choicesOf(" a, b,, a "), ["a", "b"]);
}
