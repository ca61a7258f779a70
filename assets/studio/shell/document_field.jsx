/* A long text that usually lies in a file: opened from there, or pasted. It is read here and sent as it is; nothing is fetched. */
import { useState } from "react";
import { StudioCodeEditor } from "../code_view.jsx";
import { t } from "../texts.js";

export function Document({ field, id, onChange }) {
  const [said, setSaid] = useState("");
  const most = field.max_length ?? 900_000;
  const open = async (event) => {
    const file = event.target.files[0];
    event.target.value = "";
    if (!file) return;
    const text = file.size > most * 4 ? null : await file.text();
    const fits = text !== null && text.length <= most;
    setSaid(fits ? "" : t("ui.form.document.large", { name: file.name, limit: Math.floor(most / 1000) }));
    if (fits) onChange(text);
  };
  return (
    <>
      <div className="document">
        <StudioCodeEditor value={field.value ?? ""} language="json" name={field.name} label={field.title} invalid={Boolean(field.error)} minLines={6} onChange={(text) => onChange(text === "" ? null : text)} />
      </div>
      <span className="row">
        <label className="button small file-button">
          <input id={id} type="file" className="sr-only" accept=".json,.yaml,.yml,.txt,application/json" data-testid={`open-${field.name}`} onChange={open} />
          {t("ui.form.document.open")}
        </label>
      </span>
      {said && <span className="field-error" role="alert">{said}</span>}
    </>
  );
}
