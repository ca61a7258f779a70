/* A JSON Schema as a table of fields, and back: only what such a table can say; everything else stays JSON. Pure. */

/** The types that a field of the table can have, in the order of the choice. */
export const TYPES = ["text", "number", "whole", "yesno", "choice", "texts", "numbers", "object", "objects"];

const SIMPLE = { text: { type: "string" }, number: { type: "number" }, whole: { type: "integer" }, yesno: { type: "boolean" } };
const LISTS = { texts: "string", numbers: "number" };
const DEEPEST = 4;

export const NOTHING = { name: "", type: "text", required: true, description: "", values: "", fields: [] };

/** Whether fields lie in a field of this type. */
export const holdsFields = (type) => type === "object" || type === "objects";

/** The rows that a schema means: [{name, type, required, description, values, fields}]; null when a table cannot say all of it. */
export function rowsOf(schema, depth = 0) {
  if (schema == null) return [];
  if (typeof schema !== "object" || Array.isArray(schema) || depth > DEEPEST) return null;
  if (!knows(schema, ["type", "properties", "required", "additionalProperties", "title", "description"]) || (schema.type !== "object" && Object.keys(schema).length)) return null;
  if (![undefined, false].includes(schema.additionalProperties)) return null;
  const required = schema.required ?? [];
  if (!Array.isArray(required) || typeof (schema.properties ?? {}) !== "object") return null;
  const rows = [];
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    const row = rowOf(inner, depth);
    if (!row) return null;
    rows.push({ ...NOTHING, ...row, name, required: required.includes(name) });
  }
  return rows;
}

function rowOf(schema, depth) {
  if (typeof schema !== "object" || schema === null || typeof (schema.description ?? "") !== "string") return null;
  const description = schema.description ?? "";
  if (schema.type === "object") {
    const fields = rowsOf(schema, depth + 1);
    return fields && { type: "object", description, fields };
  }
  if (schema.type === "array") {
    if (!knows(schema, ["type", "items", "description"]) || typeof schema.items !== "object" || schema.items === null) return null;
    if (schema.items.type === "object") {
      const fields = rowsOf(schema.items, depth + 1);
      return fields && { type: "objects", description, fields };
    }
    const type = Object.keys(LISTS).find((each) => schema.items.type === LISTS[each]);
    return type && knows(schema.items, ["type"]) ? { type, description } : null;
  }
  if (schema.enum !== undefined) {
    const sound = schema.type === "string" && knows(schema, ["type", "enum", "description"]) && Array.isArray(schema.enum) && schema.enum.every((value) => typeof value === "string" && value && !value.includes(","));
    return sound ? { type: "choice", description, values: schema.enum.join(", ") } : null;
  }
  const type = Object.keys(SIMPLE).find((each) => SIMPLE[each].type === schema.type);
  return type && knows(schema, ["type", "description", "title"]) ? { type, description } : null;
}

const knows = (schema, names) => Object.keys(schema).every((name) => names.includes(name));

/** The schema that rows mean; rows without a name count for nothing, and none at all is null. */
export function schemaOf(rows) {
  const named = rows.filter((row) => row.name.trim());
  if (!named.length) return null;
  const properties = Object.fromEntries(named.map((row) => [row.name.trim(), fieldOf(row)]));
  const required = named.filter((row) => row.required).map((row) => row.name.trim());
  return { type: "object", properties, ...(required.length ? { required } : {}), additionalProperties: false };
}

function fieldOf(row) {
  const said = row.description.trim() ? { description: row.description.trim() } : {};
  const inner = () => schemaOf(row.fields) ?? { type: "object", properties: {}, additionalProperties: false };
  if (row.type === "object") return { ...inner(), ...said };
  if (row.type === "objects") return { type: "array", items: inner(), ...said };
  if (row.type in LISTS) return { type: "array", items: { type: LISTS[row.type] }, ...said };
  if (row.type === "choice") return { type: "string", enum: choicesOf(row.values), ...said };
  return { ...SIMPLE[row.type], ...said };
}

/** The values of a choice, as they were typed between commas. */
export const choicesOf = (values) => [...new Set(values.split(",").map((value) => value.trim()).filter(Boolean))];

/** What is wrong with the names of rows: "" when nothing is, else the key of a sentence. */
export function wrongIn(rows) {
  const names = rows.map((row) => row.name.trim()).filter(Boolean);
  if (new Set(names).size < names.length) return "ui.form.shape.twice";
  if (rows.some((row) => row.type === "choice" && row.name.trim() && choicesOf(row.values).length === 0)) return "ui.form.shape.no_choices";
  return rows.map((row) => (holdsFields(row.type) ? wrongIn(row.fields) : "")).find(Boolean) ?? "";
}
