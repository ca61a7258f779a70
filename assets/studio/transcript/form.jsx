/* A form drawn from a JSON schema, for a person to fill in: a control for each field, an object as the answer. */
import { useEffect, useId, useRef, useState } from "react";
import { t } from "../texts.js";
import { useAnswer } from "./answer.js";
import { brief } from "./notes.jsx";

const NUMBERS = new Set(["number", "integer"]);
const INPUTS = { date: "date", "date-time": "datetime-local", time: "time", email: "email", uri: "url" };

/** The fields of an object's schema: {name, title, help, kind, choices, required, value}. */
function fieldsOf(schema) {
  const required = new Set(schema?.required ?? []);
  return Object.entries(schema?.properties ?? {}).map(([name, field]) => {
    const type = Array.isArray(field.type) ? field.type.find((each) => each !== "null") : field.type;
    const kind = Array.isArray(field.enum) ? "choice" : type === "array" && (field.items?.type ?? "string") === "string" ? "lines" : type === "boolean" || NUMBERS.has(type) || type === "string" || type === undefined ? (type ?? "string") : "json";
    return { name, kind, schema: field, title: field.title ?? name, help: field.description ?? "", choices: field.enum ?? [], required: required.has(name) };
  });
}

const first = ({ kind, schema }) => {
  if (kind === "boolean") return Boolean(schema.default);
  if (schema.default === undefined) return "";
  return kind === "lines" ? schema.default.join("\n") : kind === "json" ? JSON.stringify(schema.default) : String(schema.default);
};

/** What is typed as the value that the schema asks for; undefined leaves the field out. Throws for JSON that is none. */
function valueOf({ kind, choices, required }, typed) {
  if (kind === "boolean") return typed;
  if (typed === "" && !(required && kind === "string")) return undefined;
  if (kind === "choice") return choices.find((each) => String(each) === typed);
  if (kind === "lines") return typed.split("\n").map((line) => line.trim()).filter(Boolean);
  if (NUMBERS.has(kind)) return Number(typed);
  return kind === "json" ? JSON.parse(typed) : typed;
}

/** What was typed into the form before a reload. */
function kept(typed) {
  try {
    return Object.fromEntries(Object.entries(JSON.parse(typed || "{}")).filter(([, value]) => typeof value === "string" || typeof value === "boolean"));
  } catch {
    return {};
  }
}

export function Form({ question, sending, send }) {
  const fields = fieldsOf(question.fields);
  const [typed, keep] = useAnswer(question);
  const [values, setValues] = useState(() => ({ ...Object.fromEntries(fields.map((field) => [field.name, first(field)])), ...kept(typed) }));
  const change = (next) => {
    setValues(next);
    keep(JSON.stringify(next));
  };
  const [wrong, setWrong] = useState("");
  const form = useRef(null);
  useEffect(() => {
    const focus = document.activeElement;
    if (!focus || focus === document.body) form.current?.querySelector("input, select, textarea")?.focus({ preventScroll: true });
  }, []);
  const submit = (event) => {
    event.preventDefault();
    const filled = {};
    for (const field of fields) {
      try {
        const value = valueOf(field, values[field.name]);
        if (value !== undefined) filled[field.name] = value;
      } catch {
        setWrong(field.name);
        return;
      }
    }
    setWrong("");
    send(JSON.stringify(filled));
  };
  return (
    <form className="tr-form" ref={form} onSubmit={submit} data-testid="answer-form">
      {fields.map((field) => (
        <Field key={field.name} field={field} value={values[field.name]} wrong={wrong === field.name} disabled={sending} onChange={(value) => change({ ...values, [field.name]: value })} />
      ))}
      <div className="tr-actions">
        <button type="submit" className="tr-go" data-testid="answer-send" disabled={sending}>{t(sending ? "question.sending" : "question.send")}</button>
      </div>
    </form>
  );
}

function Field({ field, value, wrong, disabled, onChange }) {
  const id = useId();
  const help = field.help || wrong ? `${id}-help` : undefined;
  const common = { id, disabled, "aria-describedby": help, "aria-invalid": wrong || undefined, "data-testid": `answer-${field.name}`, onChange: (event) => onChange(event.target.value) };
  return (
    <div className="tr-field" data-kind={field.kind}>
      {field.kind === "boolean" ? (
        <label className="tr-always">
          <input {...common} type="checkbox" checked={value} onChange={(event) => onChange(event.target.checked)} />
          {field.title}
        </label>
      ) : (
        <>
          <label htmlFor={id}>{field.title}{field.required && <span className="tr-muted"> {t("question.required")}</span>}</label>
          {control(field, value, common)}
        </>
      )}
      {help && <p className="tr-quiet" id={help}>{[wrong ? t("question.no_json") : "", field.help].filter(Boolean).join(" ")}</p>}
    </div>
  );
}

function control(field, value, common) {
  const { kind, schema, required, choices } = field;
  if (kind === "choice")
    return (
      <select {...common} required={required} value={value}>
        <option value="">{t("question.choose")}</option>
        {choices.map((choice) => (
          <option key={String(choice)} value={String(choice)}>{brief(choice)}</option>
        ))}
      </select>
    );
  if (kind === "lines" || kind === "json") return <textarea {...common} required={required} rows={3} value={value} placeholder={kind === "lines" ? t("question.one_a_line") : "{}"} />;
  if (NUMBERS.has(kind)) return <input {...common} type="number" step={kind === "integer" ? 1 : "any"} min={schema.minimum} max={schema.maximum} required={required} value={value} />;
  if ((schema.maxLength ?? 0) > 200) return <textarea {...common} rows={3} maxLength={schema.maxLength} required={required} value={value} />;
  return <input {...common} type={INPUTS[schema.format] ?? "text"} minLength={schema.minLength} maxLength={schema.maxLength} required={required} value={value} />;
}
