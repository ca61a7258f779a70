/* Import of flows: drop a file anywhere on the page, paste text, or choose a file; it goes to its own route, never through the page's socket. */
import { useCallback, useEffect, useRef, useState } from "react";
import { counted, t } from "../texts.js";

// A database of many runs takes its time.
const PATIENCE = 300_000;
const MOST_NAMED = 12;

/* What can be a flow: JSON, a program, the text of a picture, or a text with one of them within fences. Anything else that is pasted
   was meant for something else. */
const LIKE_A_FLOW = /^\s*(?:[{[]|#|"""|"[{\\]|\/[/*]|<svg\s|from\s|import\s|def\s|async\s|class\s)/;
const FENCED = /^[ \t]*(?:```|~~~)/m;

async function send(file) {
  const signal = AbortSignal.timeout(PATIENCE);
  const headers = { "Content-Type": "application/octet-stream" };
  const address = `/api/import?name=${encodeURIComponent(file.name ?? "")}`;
  const answer = await fetch(address, { method: "POST", body: file, headers, credentials: "same-origin", signal });
  const said = await answer.json().catch(() => ({}));
  const failed = () => new Error(said.text || t("ui.import.failed", { name: file.name || t("ui.import.pasted") }));
  if (!answer.ok || !(said.flow || said.runs)) throw Object.assign(failed(), { remedy: said.remedy });
  return said;
}

/* One message of several files: a page shows only so many. */
function together(refused) {
  const lines = refused.slice(0, MOST_NAMED).map(({ name, why }) => t("ui.import.refused_file", { name, why }));
  if (refused.length > MOST_NAMED) lines.push(t("ui.import.refused_more", { count: refused.length - MOST_NAMED }));
  return [counted("ui.import.refused", refused.length), lines.join("\n")];
}

export function DropImport({ label, onImported, onRefused }) {
  const input = useRef(null);
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);

  const take = useCallback(
    async (files) => {
      if (!files.length) return;
      setBusy(true);
      let first = "";
      let brought = 0;
      let ran = 0;
      const refused = [];
      for (const file of files) {
        try {
          const { flow, flows, runs } = await send(file);
          first ||= flow;
          brought += flows?.length ?? 1;
          ran += runs ?? 0;
        } catch (error) {
          const away = error.name === "TypeError" || error.name === "TimeoutError";
          refused.push({ name: file.name, why: away ? t("ui.import.away") : error.message, remedy: error.remedy || "" });
        }
      }
      setBusy(false);
      if (refused.length) onRefused?.(...(files.length > 1 ? together(refused) : [refused[0].why, refused[0].remedy]));
      if (brought || ran) onImported?.(first, brought, ran);
    },
    [onImported, onRefused],
  );

  useEffect(() => {
    let depth = 0;
    const files = (event) => event.dataTransfer?.types?.includes("Files");
    const enter = (event) => {
      if (!files(event)) return;
      event.preventDefault();
      depth += 1;
      setOver(true);
    };
    const overIt = (event) => files(event) && event.preventDefault();
    const leave = (event) => {
      if (!files(event)) return;
      depth -= 1;
      if (depth <= 0) setOver(false);
    };
    const drop = (event) => {
      if (!files(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      take([...event.dataTransfer.files]);
    };
    const paste = (event) => {
      const writing = event.target.closest?.("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]");
      if (writing || event.defaultPrevented) return;
      const files = [...(event.clipboardData?.files ?? [])];
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!files.length && !LIKE_A_FLOW.test(text) && !FENCED.test(text)) return;
      event.preventDefault();
      take(files.length ? files : [new Blob([text])]);
    };
    window.addEventListener("paste", paste);
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragover", overIt);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("paste", paste);
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragover", overIt);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [take]);

  return (
    <>
      <button type="button" className="button" disabled={busy} data-testid="import" onClick={() => input.current?.click()}>
        {busy ? t("ui.import.busy") : label}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        className="sr-only"
        tabIndex={-1}
        aria-label={label}
        data-testid="import-file"
        onChange={(event) => {
          take([...event.target.files]);
          event.target.value = "";
        }}
      />
      {over && (
        <div className="drop-here" aria-hidden="true">
          <span>{t("ui.import.drop")}</span>
        </div>
      )}
    </>
  );
}
