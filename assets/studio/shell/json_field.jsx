/* A value as JSON text: it is sent on whenever it can be read, and says where it cannot. */
import { t } from "../texts.js";
import { useDraft } from "./draft.js";

export function Json({ field, id, described, onChange }) {
  const read = (draft) => {
    if (!draft.trim()) return null;
    try {
      return JSON.parse(draft);
    } catch {
      return undefined;
    }
  };
  const show = (value) => (value == null ? "" : JSON.stringify(value, null, 2));
  const [draft, change, flush] = useDraft(field.value, onChange, { read, show });
  const wrong = read(draft) === undefined;
  return (
    <>
      <textarea
        id={id}
        className="input area mono"
        data-testid={field.type === "json" ? `field-${field.name}` : `${field.name}-text`}
        aria-label={t("ui.form.json", { title: field.title })}
        aria-describedby={described}
        aria-invalid={wrong || field.error ? true : undefined}
        rows={6}
        maxLength={200_000}
        spellCheck={false}
        value={draft}
        placeholder={field.placeholder || '{"type": "object", …}'}
        onChange={(event) => change(event.target.value)}
        onBlur={flush}
      />
      {wrong && <span className="field-error">{t("ui.form.no_json")}</span>}
    </>
  );
}
