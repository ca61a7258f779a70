/* Controls for values that are lists of lists: named parameters, and the script of the practice model. */
import { useId } from "react";
import { useDraft } from "./draft.js";
import { t } from "../texts.js";

const asText = (value) => (typeof value === "string" ? value : JSON.stringify(value));

/** A JSON value where the text is one, the text itself otherwise. */
function asValue(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function Remove({ label, onClick }) {
  return (
    <button type="button" className="button quiet square" aria-label={label} title={label} onClick={onClick}>
      <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
        <path d="M3 3l10 10M13 3L3 13" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
      </svg>
    </button>
  );
}

export function Rows({ field, id, described, agents = [], onChange }) {
  const list = useId();
  const names = field.row_names ?? [];
  const [nameTitle, valueTitle] = field.row_titles?.length ? field.row_titles : [t("ui.form.name"), t("ui.form.value")];
  const show = (value) => Object.entries(value ?? {}).map(([name, one]) => [name, asText(one)]);
  const meant = field.text_values ? (text) => text : asValue;
  const read = (rows) => Object.fromEntries(rows.filter(([name]) => name.trim()).map(([name, text]) => [name.trim(), meant(text)]));
  const [rows, change, flush] = useDraft(field.value, onChange, { show, read });
  const put = (index, part, text) => change(rows.map((row, at) => (at === index ? (part ? [row[0], text] : [text, row[1]]) : row)));
  return (
    <div className="rows" role="group" aria-label={field.title} aria-describedby={described} data-testid={`field-${field.name}`}>
      {names.length > 0 && <datalist id={list}>{agents.map((name) => <option key={name} value={name} />)}</datalist>}
      {rows.map(([name, text], index) => (
        <div className="row" key={index}>
          <input
            className="input"
            id={index === 0 ? id : undefined}
            aria-label={t("ui.form.row_name", { title: field.title, number: index + 1 })}
            placeholder={nameTitle}
            list={names.includes("key") ? list : undefined}
            value={name}
            onChange={(event) => put(index, 0, event.target.value)}
            onBlur={flush}
          />
          <input
            className="input"
            aria-label={t("ui.form.row_value", { title: field.title, number: index + 1 })}
            placeholder={valueTitle}
            list={names.includes("value") ? list : undefined}
            value={text}
            onChange={(event) => put(index, 1, event.target.value)}
            onBlur={flush}
          />
          <Remove label={t("ui.form.remove", { name: name || index + 1 })} onClick={() => change(rows.filter((_, at) => at !== index))} />
        </div>
      ))}
      <button type="button" className="button small" id={rows.length ? undefined : id} onClick={() => change([...rows, ["", ""]])}>
        {t("ui.form.add_line")}
      </button>
    </div>
  );
}

function Reply({ label, reply, onText, onRemove }) {
  return (
    <div className="row top">
      <textarea
        className={`input area short${typeof reply === "string" ? "" : " mono"}`}
        rows={1}
        aria-label={label}
        value={asText(reply)}
        onChange={(event) => {
          const text = event.target.value;
          const value = /^\s*\{/.test(text) ? asValue(text) : text;
          onText(value !== null && typeof value === "object" && typeof value.tool === "string" ? value : text);
        }}
      />
      <Remove label={t("ui.form.remove", { name: label })} onClick={onRemove} />
    </div>
  );
}

export function Script({ field, id, described, agents = [], onChange }) {
  const show = (value) => Object.entries(value ?? {});
  const read = (parts) => Object.fromEntries(parts.filter(([name]) => name.trim()).map(([name, replies]) => [name, replies]));
  const [parts, change, flush] = useDraft(field.value, onChange, { show, read });
  const put = (index, name, replies) => change(parts.map((part, at) => (at === index ? [name, replies] : part)));
  const missing = agents.filter((name) => !parts.some(([part]) => part === name));
  return (
    <div className="script" role="group" aria-label={field.title} aria-describedby={described} data-testid={`field-${field.name}`} onBlur={flush}>
      {parts.map(([name, replies], index) => (
        <fieldset key={index} className="script-part">
          <legend className="sr-only">{t("ui.form.replies_of", { name })}</legend>
          <div className="row">
            <input
              className="input strong"
              id={index === 0 ? id : undefined}
              aria-label={t("ui.form.speaker")}
              value={name}
              onChange={(event) => put(index, event.target.value, replies)}
            />
            <Remove label={t("ui.form.remove", { name })} onClick={() => change(parts.filter((_, at) => at !== index))} />
          </div>
          {replies.map((reply, at) => (
            <Reply
              key={at}
              label={t("ui.form.reply", { name, number: at + 1 })}
              reply={reply}
              onText={(text) => put(index, name, replies.map((one, there) => (there === at ? text : one)))}
              onRemove={() => put(index, name, replies.filter((_, there) => there !== at))}
            />
          ))}
          <button type="button" className="button small quiet" onClick={() => put(index, name, [...replies, ""])}>
            {t("ui.form.add_reply")}
          </button>
        </fieldset>
      ))}
      <div className="row wrap">
        {(missing.length ? missing : [""]).slice(0, 12).map((name) => (
          <button type="button" key={name} className="button small" onClick={() => change([...parts, [name, [""]]])}>
            {name ? t("ui.form.add_speaker_named", { name }) : t("ui.form.add_speaker")}
          </button>
        ))}
      </div>
    </div>
  );
}
