/* One control for each type of field; each takes {field, id, described, onChange} and sends whole values, null for the default. */
import { useEffect, useRef } from "react";
import { StudioCodeEditor } from "../code_view.jsx";
import { t } from "../texts.js";
import { useDraft } from "./draft.js";

const attributes = ({ field, id, described }) => ({
  id,
  "data-testid": `field-${field.name}`,
  "aria-describedby": described,
  "aria-invalid": field.error ? true : undefined,
});

/** What stands in an empty field: what it then means, else an example. */
/** Characters of a field that has no bound of its own: an event of the page's socket holds no more than a megabyte. */
const LONGEST = 200_000;

/** Names that are offered below a list of names. */
const MOST_OFFERED = 8;

const hint = (field) => String(field.default ?? "") || field.placeholder || "";

/** What a text field shows: what was entered; the default stands behind it as the placeholder. */
const entered = (field) => (field.changed || field.error ? (field.value ?? "") : "");

/** An emptied field goes back to its default. */
const meant = (draft) => (draft === "" ? null : draft);

function Line(props) {
  const { field, id, onChange } = props;
  const [draft, change, flush] = useDraft(entered(field), onChange, { read: field.required ? undefined : meant });
  const list = field.suggestions?.length ? `${id}-list` : undefined;
  return (
    <>
      <input
        {...attributes(props)}
        className="input"
        type="text"
        spellCheck={false}
        autoComplete="off"
        maxLength={field.max_length ?? LONGEST}
        list={list}
        value={draft}
        placeholder={hint(field)}
        onChange={(event) => change(event.target.value)}
        onBlur={flush}
        onKeyDown={(event) => event.key === "Enter" && flush()}
      />
      {list && (
        <datalist id={list}>
          {field.suggestions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </>
  );
}

/** Grows a text box with its text where the browser does not do it by itself. */
function useHeight(text) {
  const area = useRef(null);
  useEffect(() => {
    if (CSS.supports("field-sizing", "content") || !area.current) return;
    area.current.style.height = "auto";
    area.current.style.height = `${area.current.scrollHeight + 2}px`;
  }, [text]);
  return area;
}

function Text(props) {
  const { field, onChange } = props;
  const [draft, change, flush] = useDraft(entered(field), onChange, { read: meant });
  return (
    <textarea
      {...attributes(props)}
      ref={useHeight(draft)}
      className="input area"
      rows={3}
      maxLength={field.max_length ?? LONGEST}
      value={draft}
      placeholder={hint(field)}
      onChange={(event) => change(event.target.value)}
      onBlur={flush}
    />
  );
}

function Code({ field, onChange }) {
  return <StudioCodeEditor value={field.value ?? ""} name={field.name} label={field.title} invalid={Boolean(field.error)} minLines={8} onChange={onChange} />;
}

const units = { money: "US$", seconds: "s" };

function NumberField(props) {
  const { field, onChange } = props;
  const whole = field.type === "integer";
  const read = (draft) => {
    const text = String(draft).trim().replace(",", ".");
    if (!text) return null;
    const number = Number(text);
    return Number.isFinite(number) && (!whole || Number.isInteger(number)) ? number : undefined;
  };
  const [draft, change, flush] = useDraft(entered(field), onChange, { read });
  const wrong = read(draft) === undefined;
  const unit = units[field.widget];
  return (
    <>
      <span className="with-unit">
        <input
          {...attributes(props)}
          className="input number"
          type="text"
          inputMode={whole ? "numeric" : "decimal"}
          autoComplete="off"
          aria-invalid={wrong || field.error ? true : undefined}
          value={draft}
          placeholder={hint(field) || (field.nullable ? t("ui.form.none") : "")}
          onChange={(event) => change(event.target.value)}
          onBlur={flush}
          onKeyDown={(event) => event.key === "Enter" && flush()}
        />
        {unit && <span className="unit">{unit}</span>}
      </span>
      {wrong && <span className="field-error">{t(whole ? "ui.form.whole" : "ui.form.number")}</span>}
    </>
  );
}

function Bool({ field, id, described, onChange }) {
  return (
    <label className="check">
      <input
        id={id}
        type="checkbox"
        data-testid={`field-${field.name}`}
        aria-describedby={described}
        checked={Boolean(field.value)}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>{field.title}</span>
    </label>
  );
}

function Select(props) {
  const { field, onChange } = props;
  const value = field.value ?? "";
  return (
    <select {...attributes(props)} className="input select" value={value} onChange={(event) => onChange(event.target.value)}>
      {!field.choices.some((one) => one.value === value) && <option value={value}>{String(value) || t("ui.form.none")}</option>}
      {field.choices.map((one) => (
        <option key={one.value} value={one.value}>
          {one.title}
        </option>
      ))}
    </select>
  );
}

function Choice(props) {
  const { field, id, described, onChange } = props;
  const short = field.choices.length <= 3 && field.choices.reduce((sum, one) => sum + one.title.length + 4, 0) <= 44;
  if (!short) return <Select {...props} />;
  return (
    <span className="segments" role="radiogroup" aria-label={field.title} aria-describedby={described} data-testid={`field-${field.name}`}>
      {field.choices.map((one, index) => (
        <label key={one.value} className="segment">
          <input
            id={index === 0 ? id : undefined}
            type="radio"
            name={id}
            value={one.value}
            checked={field.value === one.value}
            onChange={() => onChange(one.value)}
          />
          <span>{one.title}</span>
        </label>
      ))}
    </span>
  );
}

function Lines(props) {
  const { field, agents = [], onChange } = props;
  const read = (draft) => {
    const lines = draft
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
    return lines.length ? lines : null;
  };
  const [draft, change, flush] = useDraft(field.value, onChange, { read, show: (value) => (value ?? []).join("\n") });
  const listed = read(draft) ?? [];
  const others = field.row_names?.length ? agents.filter((name) => !listed.includes(name)).slice(0, MOST_OFFERED) : [];
  return (
    <>
      <textarea
        {...attributes(props)}
        ref={useHeight(draft)}
        className="input area short"
        rows={2}
        spellCheck={false}
        value={draft}
        placeholder={field.placeholder || t("ui.form.lines")}
        onChange={(event) => change(event.target.value)}
        onBlur={flush}
      />
      {others.length > 0 && (
        <span className="row wrap offered">
          {others.map((name) => (
            <button key={name} type="button" className="button small" onClick={() => change([...listed, name].join("\n"))}>
              {t("ui.form.offer", { name })}
            </button>
          ))}
        </span>
      )}
    </>
  );
}

function Account(props) {
  const { field, accounts = [], onChange } = props;
  const value = field.value ?? "";
  return (
    <span className="row">
      <select {...attributes(props)} className="input select grow" value={value} onChange={(event) => onChange(event.target.value)}>
        {!accounts.includes(value) && <option value={value}>{t(accounts.length ? "ui.form.account_missing" : "ui.form.account_none", { name: value })}</option>}
        {accounts.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <a className="button" href="/accounts">
        {t("ui.form.accounts")}
      </a>
    </span>
  );
}

export const controls = {
  line: Line,
  text: Text,
  code: Code,
  number: NumberField,
  integer: NumberField,
  bool: Bool,
  choice: Choice,
  component: Select,
  lines: Lines,
  account: Account,
};
