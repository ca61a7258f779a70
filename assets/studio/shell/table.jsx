/* Rows of a small model: one line a row, a control for each of its columns; a card a row where there are many columns. */
import { useId } from "react";
import { t } from "../texts.js";
import { useDraft } from "./draft.js";
import { Remove } from "./rows.jsx";

/** A new row: what its columns hold until somebody fills them in. */
const fresh = (columns) => Object.fromEntries(columns.filter((column) => column.default != null).map((column) => [column.name, column.default]));

/** Columns that stand beside each other in the width of a panel. */
const MOST_BESIDE = 3;

/** A row with a line for each column. */
function Card({ columns, row, index, list, put, remove }) {
  return (
    <div className="table-card">
      {columns.map((column) => (
        <label key={column.name} className="table-line">
          <span title={column.help}>{column.title}</span>
          <Cell column={column} list={list} value={row[column.name]} label={`${column.title}, ${index + 1}`} onChange={(value) => put(index, column.name, value)} />
        </label>
      ))}
      <Remove label={t("ui.form.remove", { name: index + 1 })} onClick={remove} />
    </div>
  );
}

function Cell({ column, value, label, list, onChange }) {
  const common = { "aria-label": label, "data-testid": `cell-${column.name}` };
  if (column.type === "choice") {
    return (
      <select {...common} className="input select" value={value ?? ""} onChange={(event) => onChange(event.target.value)}>
        {column.choices.map((choice) => <option key={choice.value} value={choice.value}>{choice.title}</option>)}
      </select>
    );
  }
  if (column.type === "bool") return <input {...common} type="checkbox" checked={Boolean(value)} onChange={(event) => onChange(event.target.checked)} />;
  const number = column.type === "integer" || column.type === "number";
  return (
    <input
      {...common}
      className={number ? "input number" : "input"}
      type="text"
      inputMode={number ? "decimal" : undefined}
      list={column.names ? list : undefined}
      autoComplete="off"
      spellCheck={false}
      placeholder={column.placeholder || (column.nullable ? t("ui.form.all") : column.title)}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

/** What a cell's text means; undefined while it makes no sense. */
function meant(column, value) {
  if (value === "" || value == null) return column.nullable ? null : "";
  if (column.type !== "integer" && column.type !== "number") return value;
  const number = Number(String(value).trim().replace(",", "."));
  return Number.isFinite(number) && (column.type === "number" || Number.isInteger(number)) ? number : undefined;
}

export function Table({ field, id, described, agents = [], onChange }) {
  const list = useId();
  const { columns } = field;
  const isEmpty = (row) => columns.every((column) => row[column.name] == null || row[column.name] === "" || row[column.name] === column.default);
  const read = (rows) => {
    const whole = rows.filter((row) => !isEmpty(row)).map((row) => Object.fromEntries(columns.map((column) => [column.name, meant(column, row[column.name])]).filter(([, value]) => value !== null)));
    return whole.some((row) => Object.values(row).includes(undefined)) ? undefined : whole.length ? whole : null;
  };
  const [rows, change, flush] = useDraft(field.value, onChange, { show: (value) => (Array.isArray(value) ? value.filter((row) => row && typeof row === "object") : []), read });
  const put = (index, name, value) => change(rows.map((row, at) => (at === index ? { ...row, [name]: value } : row)));
  const remove = (index) => change(rows.filter((_, at) => at !== index));
  const beside = columns.length <= MOST_BESIDE;
  const wrong = rows.some((row) => columns.some((column) => meant(column, row[column.name]) === undefined));
  return (
    <div className="rows table" role="group" aria-label={field.title} aria-describedby={described} data-testid={`field-${field.name}`} onBlur={flush}>
      <datalist id={list}>{agents.map((name) => <option key={name} value={name} />)}</datalist>
      {beside && rows.length > 0 && (
        <div className="row table-head" aria-hidden="true">
          {columns.map((column) => <span key={column.name} title={column.help}>{column.title}</span>)}
          <span className="table-end" />
        </div>
      )}
      {!beside && rows.map((row, index) => <Card key={index} columns={columns} row={row} index={index} list={list} put={put} remove={() => remove(index)} />)}
      {beside && rows.map((row, index) => (
        <div className="row" key={index}>
          {columns.map((column) => (
            <Cell key={column.name} column={column} list={list} value={row[column.name]} label={`${column.title}, ${index + 1}`} onChange={(value) => put(index, column.name, value)} />
          ))}
          <Remove label={t("ui.form.remove", { name: row[columns[0].name] || index + 1 })} onClick={() => remove(index)} />
        </div>
      ))}
      {wrong && <span className="field-error">{t("ui.form.number")}</span>}
      <button type="button" className="button small" id={rows.length ? undefined : id} data-testid={`${field.name}-add`} onClick={() => change([...rows, fresh(columns)])}>
        {t("ui.form.add_line")}
      </button>
    </div>
  );
}
