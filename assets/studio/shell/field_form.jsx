/* The form of a component: made from its own field specifications, sends one field's value after each pause in typing. */
import { useId } from "react";
import { Choices } from "./choices.jsx";
import { Document } from "./document_field.jsx";
import { Documents } from "./documents_field.jsx";
import { controls } from "./fields.jsx";
import { Json } from "./json_field.jsx";
import { Rows, Script } from "./rows.jsx";
import { Shape } from "./shape.jsx";
import { Table } from "./table.jsx";
import { t } from "../texts.js";
import { send } from "./unsent.js";

const all = { ...controls, rows: Rows, script: Script, table: Table, shape: Shape, json: Json, choices: Choices, document: Document, documents: Documents };

/** How deep a field lies in components inside this one; the choice of such a component stands outside of it. */
const depth = (field) => field.name.split(".").length - (field.type === "component" ? 2 : 1);

function Field({ field, onField, ...rest }) {
  const id = useId();
  const error = field.error && `${id}-error`;
  const note = field.type === "component" ? field.choices.find((one) => one.value === field.value)?.help || field.help : field.help;
  const help = note && `${id}-help`;
  const described = [error, help].filter(Boolean).join(" ") || undefined;
  const Control = all[field.type] ?? controls.line;
  const inLine = field.type === "bool";
  return (
    <div className={`field${error ? " wrong" : ""}${depth(field) > 0 ? " inner" : ""}`}>
      {!inLine && (
        <label className="field-title" htmlFor={id}>
          {field.title}
        </label>
      )}
      <Control {...rest} field={field} id={id} described={described} onChange={(value) => onField(field.name, value)} />
      {error && (
        <p className="field-error" id={error} role="alert" data-testid={`error-${field.name}`}>
          {field.error}
        </p>
      )}
      {help && (
        <p className="field-help" id={help}>
          {note}
        </p>
      )}
    </div>
  );
}

function Fields({ fields, ...rest }) {
  const advanced = fields.filter((field) => field.advanced);
  const changed = advanced.filter((field) => field.changed).length;
  return (
    <>
      {fields
        .filter((field) => !field.advanced)
        .map((field) => (
          <Field key={field.name} {...rest} field={field} />
        ))}
      {advanced.length > 0 && (
        <details className="advanced" open={advanced.some((field) => field.error) || undefined}>
          <summary>
            {t("ui.form.advanced")}
            {changed > 0 && <span className="count">{changed}</span>}
          </summary>
          {advanced.map((field) => (
            <Field key={field.name} {...rest} field={field} />
          ))}
        </details>
      )}
    </>
  );
}

export function FieldForm({ flow, owner, fields, accounts, agents, label }) {
  const tell = (field, value) => send(flow, { type: "field", owner, field, value });
  return (
    <form className="form" aria-label={label} onSubmit={(event) => event.preventDefault()}>
      <Fields key={owner} fields={fields ?? []} accounts={accounts} agents={agents} owner={owner} onField={tell} />
    </form>
  );
}
