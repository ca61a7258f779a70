/* A JSON Schema drawn as a small table of fields, with the JSON itself behind a switch. */
import { useState } from "react";
import { t } from "../texts.js";
import { useDraft } from "./draft.js";
import { Json } from "./json_field.jsx";
import { Remove } from "./rows.jsx";
import { holdsFields, NOTHING, rowsOf, schemaOf, TYPES, wrongIn } from "./shape.js";

const DEEPEST = 3;

export function Shape(props) {
  const { field, id, described } = props;
  const drawable = rowsOf(field.value) !== null;
  const [asJson, setAsJson] = useState(!drawable);
  const json = asJson || !drawable;
  return (
    <div className="shape" role="group" aria-label={field.title} aria-describedby={described} data-testid={`field-${field.name}`}>
      {json ? <Json {...props} /> : <ShapeTable {...props} />}
      <div className="row">
        <button type="button" className="button small quiet" aria-pressed={json} disabled={!drawable} data-testid={`${field.name}-json`} onClick={() => setAsJson(!asJson)}>
          {t(json ? "ui.form.shape.as_table" : "ui.form.shape.as_json")}
        </button>
        {!drawable && <span className="field-help" id={`${id}-why`}>{t("ui.form.shape.only_json")}</span>}
      </div>
    </div>
  );
}

function ShapeTable({ field, id, onChange }) {
  const read = (rows) => (wrongIn(rows) ? undefined : schemaOf(rows));
  const [rows, change, flush] = useDraft(field.value, onChange, { show: (value) => rowsOf(value) ?? [], read });
  const wrong = wrongIn(rows);
  return (
    <div onBlur={flush}>
      <Level rows={rows} onChange={change} id={id} depth={0} path={field.name} />
      {wrong && <p className="field-error" role="alert">{t(wrong)}</p>}
    </div>
  );
}

function Level({ rows, onChange, id, depth, path }) {
  const put = (index, change) => onChange(rows.map((row, at) => (at === index ? { ...row, ...change } : row)));
  return (
    <div className="shape-level" data-depth={depth}>
      {rows.map((row, index) => {
        const label = row.name || String(index + 1);
        return (
          <div className="shape-row" key={index} data-testid={`${path}-row-${index}`}>
            <div className="row">
              <input className="input" id={index === 0 ? id : undefined} aria-label={t("ui.form.shape.name")} placeholder={t("ui.form.shape.name")} value={row.name} maxLength={64} spellCheck={false} onChange={(event) => put(index, { name: event.target.value })} />
              <select className="input select" aria-label={t("ui.form.shape.type", { name: label })} value={row.type} onChange={(event) => put(index, { type: event.target.value })}>
                {TYPES.filter((type) => depth < DEEPEST || !holdsFields(type)).map((type) => (
                  <option key={type} value={type}>{t(`ui.form.shape.type.${type}`)}</option>
                ))}
              </select>
              <label className="shape-required" title={t("ui.form.shape.required_help")}>
                <input type="checkbox" aria-label={t("ui.form.shape.required", { name: label })} checked={row.required} onChange={(event) => put(index, { required: event.target.checked })} />
                <span aria-hidden="true">{t("ui.form.shape.must")}</span>
              </label>
              <Remove label={t("ui.form.remove", { name: label })} onClick={() => onChange(rows.filter((_, at) => at !== index))} />
            </div>
            <input className="input" aria-label={t("ui.form.shape.description", { name: label })} placeholder={t("ui.form.shape.describe")} value={row.description} onChange={(event) => put(index, { description: event.target.value })} />
            {row.type === "choice" && <input className="input" aria-label={t("ui.form.shape.values", { name: label })} placeholder={t("ui.form.shape.values_hint")} value={row.values} onChange={(event) => put(index, { values: event.target.value })} />}
            {holdsFields(row.type) && <Level rows={row.fields} onChange={(fields) => put(index, { fields })} depth={depth + 1} path={`${path}-row-${index}`} />}
          </div>
        );
      })}
      <button type="button" className="button small" id={rows.length ? undefined : id} data-testid={`${path}-add`} onClick={() => onChange([...rows, NOTHING])}>
        {t("ui.form.shape.add")}
      </button>
    </div>
  );
}
