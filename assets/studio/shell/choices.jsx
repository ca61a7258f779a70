/* Several of many: boxes to tick, with a search where there are many. */
import { useState } from "react";
import { t } from "../texts.js";

const MANY = 8;
const MOST = 200;

export function Choices({ field, id, described, onChange }) {
  const [search, setSearch] = useState("");
  const chosen = field.value ?? [];
  const gone = chosen.filter((value) => !field.choices.some((one) => one.value === value));
  const all = [...field.choices, ...gone.map((value) => ({ value, title: value, help: t("ui.form.choices.gone") }))];
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter((one) => words.every((word) => `${one.title} ${one.help}`.toLowerCase().includes(word)));
  const put = (value, on) => {
    const next = all.map((one) => one.value).filter((each) => (each === value ? on : chosen.includes(each)));
    onChange(next.length ? next : null);
  };
  return (
    <div className="choices" role="group" aria-label={field.title} aria-describedby={described} data-testid={`field-${field.name}`}>
      {all.length > MANY && (
        <input
          className="input"
          id={id}
          type="search"
          aria-label={t("ui.form.choices.search", { title: field.title })}
          placeholder={t("ui.form.choices.search", { title: field.title })}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      )}
      {all.length === 0 && <span className="field-help">{t("ui.form.choices.none")}</span>}
      <div className="choices-list">
        {found.slice(0, MOST).map((one, index) => (
          <label className="check" key={one.value} title={one.help}>
            <input id={index === 0 && all.length <= MANY ? id : undefined} type="checkbox" checked={chosen.includes(one.value)} onChange={(event) => put(one.value, event.target.checked)} />
            <span>
              {one.title}
              {one.help && one.help !== one.title && <small>{one.help}</small>}
            </span>
          </label>
        ))}
      </div>
      {found.length > MOST && <span className="field-help">{t("ui.form.choices.more", { count: found.length - MOST })}</span>}
    </div>
  );
}
