/* Documents of a node: dropped in or chosen, uploaded at once, and listed with what the node holds of them. */
import { useEffect, useRef, useState } from "react";
import { t } from "../texts.js";
import { takeFiles } from "./handed.js";
import { Remove } from "./rows.jsx";

const MOST = 100;
const KINDS = ".pdf,.txt,.md,.markdown,.html,.htm,.csv,.tsv,text/*,application/pdf";

/** Uploads a file; what a node holds of it. Throws an Error with the server's own sentence. */
async function keep(file) {
  const answer = await fetch(`/api/documents?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } }).catch(() => null);
  const told = (await answer?.json().catch(() => null)) ?? {};
  if (!answer?.ok || !told.digest) throw new Error([told.text || t("ui.form.documents.failed", { name: file.name }), told.remedy].filter(Boolean).join(" "));
  return { name: told.name, digest: told.digest, size: told.size };
}

const bytes = (size) => (size >= 1_000_000 ? t("ui.form.documents.mb", { size: (size / 1_000_000).toFixed(1) }) : t("ui.form.documents.kb", { size: Math.max(1, Math.round(size / 1_000)) }));

export function Documents({ field, id, described, onChange, owner }) {
  const held = Array.isArray(field.value) ? field.value : [];
  const newest = useRef(held);
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState("");
  const [said, setSaid] = useState([]);
  useEffect(() => {
    newest.current = held;
  }, [field.value]);
  const put = (documents) => {
    newest.current = documents;
    onChange(documents.length ? documents : null);
  };
  const take = async (files) => {
    const refused = [];
    for (const file of files) {
      setBusy(file.name);
      try {
        if (newest.current.length >= MOST) throw new Error(t("ui.form.documents.most", { count: MOST }));
        const kept = await keep(file);
        put([...newest.current.filter((each) => each.name !== kept.name), kept]);
      } catch (error) {
        refused.push(error.message);
      }
    }
    setBusy("");
    setSaid(refused);
  };
  const takes = useRef(take);
  takes.current = take;
  useEffect(() => takeFiles(owner, (files) => takes.current(files)), [owner]);
  const drop = (event) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    take([...event.dataTransfer.files]);
  };
  const carried = (event) => {
    if (!event.dataTransfer?.types?.includes("Files")) return;
    event.preventDefault();
    setOver(true);
  };
  return (
    <div className="documents" data-over={over} data-testid={`field-${field.name}`} onDragEnter={carried} onDragOver={carried} onDragLeave={() => setOver(false)} onDrop={drop}>
      {held.length > 0 && (
        <ul className="documents-list">
          {held.map((each, index) => (
            <li key={`${each.name} ${index}`} data-testid="document">
              <span className="documents-name" title={each.name}>{each.name}</span>
              <small>{each.digest ? bytes(each.size ?? 0) : t("ui.form.documents.text")}</small>
              <Remove label={t("ui.form.documents.remove", { name: each.name })} onClick={() => put(held.filter((_, place) => place !== index))} />
            </li>
          ))}
        </ul>
      )}
      <span className="documents-drop">
        <span>{busy ? t("ui.form.documents.reading", { name: busy }) : t("ui.form.documents.drop")}</span>
        <label className="button small file-button">
          <input id={id} type="file" multiple className="sr-only" accept={KINDS} aria-describedby={described} data-testid={`add-${field.name}`} onChange={(event) => {
            const files = [...event.target.files];
            event.target.value = "";
            take(files);
          }} />
          {t("ui.form.documents.choose")}
        </label>
      </span>
      {said.map((sentence) => (
        <span key={sentence} className="field-error" role="alert">{sentence}</span>
      ))}
    </div>
  );
}
