/* Import of a flow: drop a file anywhere on the page, or choose one; it goes to its own route, never through the page's socket. */
import { useCallback, useEffect, useRef, useState } from "react";
import { t } from "../texts.js";

async function send(file) {
  const signal = AbortSignal.timeout(60_000);
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/api/import", { method: "POST", body: file, headers, credentials: "same-origin", signal });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok || !said.flow) throw Object.assign(new Error(said.text || t("ui.import.failed", { name: file.name })), { remedy: said.remedy });
  return said.flow;
}

export function DropImport({ label, onImported, onRefused }) {
  const input = useRef(null);
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);

  const take = useCallback(
    async (file) => {
      if (!file) return;
      setBusy(true);
      try {
        onImported?.(await send(file));
      } catch (error) {
        const away = error.name === "TypeError" || error.name === "TimeoutError";
        onRefused?.(away ? t("ui.import.away") : error.message, error.remedy || "");
      } finally {
        setBusy(false);
      }
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
      take(event.dataTransfer.files[0]);
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragover", overIt);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
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
        className="sr-only"
        tabIndex={-1}
        aria-label={label}
        data-testid="import-file"
        onChange={(event) => {
          take(event.target.files[0]);
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
