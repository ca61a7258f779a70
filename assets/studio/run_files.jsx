/* The files that a run left: a list, and a look into the chosen one. Whatever a file holds, it is shown as text, as cells or as a picture. */
import { useEffect, useMemo, useState } from "react";
import { Icon } from "./icons.jsx";
import { t, whole } from "./texts.js";
import { downloadOf, listOf, pictureOf, previewOf, read, sizeOf, zipOf } from "./run/files.js";
import { shown, useRuns } from "./run/store.js";
import { said } from "./shell/since.js";
import { pressCopy } from "./transcript/markdown.js";
import { Code } from "./transcript/words.jsx";

const WRITES = new Set(["code_result", "tool_result", "run_finished"]);
const NOTHING = Object.freeze({ files: [], more: false });

export function StudioRunFiles() {
  const run = useRuns(() => shown().id);
  const count = useRuns(() => shown().events.length);
  const writes = useMemo(() => shown().events.filter((event) => WRITES.has(event.type)).length, [run, count]);
  const [asked, setAsked] = useState(0);
  const { found, trouble } = useList(run, writes, asked);
  const [chosen, setChosen] = useState("");
  const file = found?.files.find((each) => each.name === chosen) ?? found?.files[0];

  if (!run) return <p className="rf-nothing">{t("files.no_run")}</p>;
  if (trouble)
    return (
      <div className="rf-nothing" role="alert">
        <p>{trouble}</p>
        <button type="button" className="rf-button" onClick={() => setAsked(asked + 1)}>{t("files.again")}</button>
      </div>
    );
  if (!found) return <p className="rf-nothing" role="status">{t("transcript.loading")}</p>;
  if (!file)
    return (
      <div className="rf-nothing" data-testid="run-files">
        <p>{t("files.none")}</p>
        <p className="rf-quiet">{t("files.none_help")}</p>
      </div>
    );
  return (
    <div className="rf" data-testid="run-files">
      <nav className="rf-list" aria-label={t("files.label")}>
        <ul>
          {found.files.map((each) => (
            <li key={each.name}>
              <button type="button" className="rf-row" aria-pressed={each === file} onClick={() => setChosen(each.name)} data-testid="run-file" title={t("files.show", { name: each.name })}>
                <span className="rf-name">{each.name}</span>
                <span className="rf-quiet">{sizeOf(each.size)}</span>
              </button>
            </li>
          ))}
        </ul>
        <div className="rf-foot">
          {found.more && <p className="rf-quiet">{t("files.more", { count: whole(found.files.length) })}</p>}
          <a className="rf-button" href={zipOf(run)} download data-testid="files-zip"><Icon name="download" size={13} />{t("files.all")}</a>
        </div>
      </nav>
      <Preview key={`${file.name} ${file.changed}`} run={run} file={file} />
    </div>
  );
}

/** The files of a run, asked for anew whenever something may have written some. */
function useList(run, writes, asked) {
  const [state, setState] = useState({ run: "", found: null, trouble: "" });
  useEffect(() => {
    if (!run) return undefined;
    const gone = new AbortController();
    read(listOf(run), gone.signal).then(
      (found) => setState({ run, found: found.files ? found : NOTHING, trouble: "" }),
      (mistake) => gone.signal.aborted || setState({ run, found: null, trouble: mistake.message }),
    );
    return () => gone.abort();
  }, [run, writes, asked]);
  return state.run === run ? state : { found: null, trouble: "" };
}

function Preview({ run, file }) {
  const [seen, setSeen] = useState(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    const gone = new AbortController();
    read(previewOf(run, file.name), gone.signal).then(setSeen, (mistake) => gone.signal.aborted || setTrouble(mistake.message));
    return () => gone.abort();
  }, [run, file]);
  const onClick = (event) => {
    const button = event.target.closest?.("button[data-copy]");
    if (button) pressCopy(button);
  };
  return (
    <section className="rf-preview" aria-label={file.name} aria-busy={!seen && !trouble}>
      <header className="rf-head">
        <span className="rf-title">{file.name}</span>
        <span className="rf-quiet">{[sizeOf(file.size), said(file.changed * 1000)].join(" · ")}</span>
        <a className="rf-button" href={downloadOf(run, file.name)} download aria-label={t("files.download_one", { name: file.name })} data-testid="file-download"><Icon name="download" size={13} />{t("files.download")}</a>
      </header>
      <div className="rf-body" data-testid="file-preview" data-kind={seen?.kind ?? ""} onClick={onClick}>
        {trouble && <p className="rf-quiet" role="alert">{trouble}</p>}
        {seen && <Seen run={run} file={file} seen={seen} />}
      </div>
    </section>
  );
}

function Seen({ run, file, seen }) {
  if (seen.kind === "picture") return <img className="rf-picture" src={pictureOf(run, file.name, file.changed)} alt={t("files.picture", { name: file.name })} />;
  if (seen.kind === "other") return <p className="rf-quiet">{t("files.no_preview")}</p>;
  if (seen.size === 0) return <p className="rf-quiet">{t("files.empty_file")}</p>;
  return (
    <>
      {seen.kind === "table" ? <Table rows={seen.rows} /> : <Code source={seen.text} language={languageOf(file.name)} />}
      {seen.cut && <p className="rf-quiet">{t("files.cut")}</p>}
    </>
  );
}

function Table({ rows }) {
  const [head, ...body] = rows;
  return (
    <div className="rf-table" tabIndex={0} role="region" aria-label={t("files.table")}>
      <table>
        <thead>
          <tr>{head.map((cell, index) => <th key={index} scope="col">{cell}</th>)}</tr>
        </thead>
        <tbody>
          {body.map((row, index) => (
            <tr key={index}>{row.map((cell, column) => <td key={column} data-number={isNumber(cell)}>{cell}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const isNumber = (cell) => cell.trim() !== "" && Number.isFinite(Number(cell));

const LANGUAGES = { py: "python", js: "javascript", mjs: "javascript", ts: "typescript", sh: "bash", md: "markdown", html: "html", svg: "html", xml: "html", css: "css", json: "json", sql: "sql", yml: "yaml", yaml: "yaml" };

function languageOf(name) {
  return LANGUAGES[name.slice(name.lastIndexOf(".") + 1).toLowerCase()] ?? "";
}
