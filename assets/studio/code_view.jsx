/* Code to read, and code to write. The editor itself is loaded when it is first needed. */
import { useEffect, useRef, useState } from "react";
import { keepDraft, takeDraft } from "./code/drafts.js";
import { Icon } from "./icons.jsx";
import { newId } from "./shell/unsent.js";
import { t } from "./texts.js";

const editor = () => import("./code/editor.js");

/** Whether the page is dark, kept true while it changes. */
function useDark() {
  const [dark, setDark] = useState(() => document.documentElement.classList.contains("dark"));
  useEffect(() => {
    const watcher = new MutationObserver(() => setDark(document.documentElement.classList.contains("dark")));
    watcher.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
    return () => watcher.disconnect();
  }, []);
  return dark;
}

/** The text of one target: `highlight` lines light up, a click on a line tells `onLine`. An editable one tells `onEdited` and `onApply`. */
function Reader({ text, language, highlight, onLine, editable = false, draft = "", applied = "", onEdited, onApply, handle }) {
  const root = useRef(null);
  const view = useRef(null);
  const asked = useRef({ id: "", text: "" });
  const marked = JSON.stringify(highlight ?? []);
  const latest = useRef({});
  latest.current = { onLine, text, marked, onEdited, onApply, applied };
  /** The id under which the text was sent as it now stands. */
  const sent = () => (asked.current.text === view.current?.text() ? asked.current.id : "");

  useEffect(() => {
    let gone = false;
    editor().then(({ reader }) => {
      if (gone) return;
      view.current = reader(root.current, {
        language,
        label: t("code.label"),
        editable,
        onLine: (line) => latest.current.onLine?.(line),
        onEdited: (how) => latest.current.onEdited?.(how),
        onApply: (now) => {
          asked.current = { id: newId(), text: now };
          latest.current.onApply?.(now, asked.current.id);
        },
      });
      if (handle) handle.current = view.current;
      view.current.show(latest.current.text, JSON.parse(latest.current.marked));
      const kept = editable ? takeDraft(draft) : undefined;
      // What was sent when the page was left, and taken since, is no draft any more.
      if (kept && !(kept.asked && kept.asked === latest.current.applied)) {
        asked.current = { id: kept.asked ?? "", text: kept.text };
        view.current.write(kept.text);
      }
    });
    const keep = () => editable && view.current?.edited() && keepDraft(draft, { text: view.current.text(), asked: sent() });
    window.addEventListener("pagehide", keep);
    return () => {
      gone = true;
      window.removeEventListener("pagehide", keep);
      keep();
      latest.current.onEdited?.("");
      view.current?.destroy();
      view.current = null;
      if (handle) handle.current = null;
    };
  }, [language, editable, draft]);
  useEffect(() => view.current?.show(text, JSON.parse(marked)), [text, marked]);
  useEffect(() => {
    // Who went on typing while the text was taken keeps what they typed.
    if (applied && applied === sent()) view.current.settle();
  }, [applied]);
  return <div className="cd-view" ref={root} />;
}

function Picture({ address }) {
  return <div className="cd-picture"><img src={address} alt={t("code.picture")} data-testid="code-picture" /></div>;
}

/** Takes the picture as PNG: the browser draws it from the SVG. */
function PngButton({ address, filename }) {
  const [state, setState] = useState("");
  const take = async () => {
    setState("busy");
    try {
      const { download } = await import("./code/picture.js");
      await download(address, filename);
      setState("");
    } catch {
      setState("failed");
    }
  };
  return (
    <button type="button" onClick={take} disabled={state === "busy"} data-testid="code-download">
      <Icon name={state === "failed" ? "warning" : "download"} size={13} />{t(state === "failed" ? "code.picture_failed" : "code.download")}
    </button>
  );
}

/** What can be done with a text that was edited: taken onto the canvas, or put back. */
function Edited({ how, again, onApply, onPutBack }) {
  return (
    <div className="cd-edited" role="status" data-testid="code-edited" data-how={how}>
      <span className="cd-edited-words">{t(how === "stale" ? "code.edited_stale" : "code.edited")}</span>
      <button type="button" onClick={onPutBack} data-testid="code-put-back">{t("code.put_back")}</button>
      <button type="button" className="primary" onClick={onApply} aria-keyshortcuts="Control+Enter" data-testid="code-apply">{t(again ? "code.apply_again" : "code.apply")}<kbd>Ctrl ↵</kbd></button>
    </div>
  );
}

/** Generated code for one of several targets, in step with the canvas. What a target cannot express stands above it. */
export function StudioCodeView({ text = "", targets = [], target = "", highlight, filename = "", trouble = "", troubleTitle = "", picture = "", version = 0, downloadHref = "", editable = false, applied = "", again = false, onTarget, onLine, onApply, onPutBack, children }) {
  const [copied, setCopied] = useState(false);
  const [edited, setEdited] = useState("");
  const handle = useRef(null);
  const dark = useDark();
  const { language = "text", project = false } = targets.find((each) => each.name === target) ?? {};
  const theme = picture && dark ? "-dark" : "";
  const drawing = picture && `${picture}${theme}&of=${version}`;
  const copy = async () => {
    await navigator.clipboard?.writeText(handle.current?.text() ?? text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  const putBack = () => {
    handle.current?.settle();
    onPutBack?.();
  };
  const hasFile = downloadHref && !trouble;
  return (
    <section className="cd" data-testid="code-pane" data-target={target} aria-label={t("code.label")}>
      <header className="cd-bar">
        <select className="cd-target" value={target} aria-label={t("code.target")} data-testid="code-target" onChange={(event) => onTarget?.(event.target.value)}>
          {targets.map((each) => <option key={each.name} value={each.name}>{each.title}</option>)}
        </select>
        <span className="cd-name">{filename}</span>
        {!drawing && !trouble && <button type="button" onClick={copy} data-testid="code-copy"><Icon name={copied ? "check" : "copy"} size={13} />{t(copied ? "code.copied" : "code.copy")}</button>}
        {hasFile && target !== "png" && <a href={downloadHref + theme} download={filename || true} data-testid="code-download"><Icon name="download" size={13} />{t("code.download")}</a>}
        {hasFile && target === "png" && drawing && <PngButton address={drawing} filename={filename} />}
        {hasFile && project && <a href={`${downloadHref}&project=1`} download data-testid="code-project"><Icon name="download" size={13} />{t("code.project")}</a>}
      </header>
      {children}
      {edited && <Edited how={edited} again={again} onApply={() => handle.current?.apply()} onPutBack={putBack} />}
      {trouble ? (
        <div className="cd-trouble" data-testid="code-trouble"><p className="strong">{troubleTitle}</p><p className="muted">{trouble}</p></div>
      ) : drawing ? (
        <Picture address={drawing} />
      ) : (
        <Reader text={text} language={language || "text"} highlight={highlight} onLine={onLine} editable={editable} draft={downloadHref} applied={applied} onEdited={setEdited} onApply={(now, id) => onApply?.(now, id, again)} handle={handle} />
      )}
    </section>
  );
}

/** Code or a long text to write. `onChange` comes when the typing rests and when the focus leaves. */
export function StudioCodeEditor({ value = "", language = "python", name = "code", label = "", placeholder = "", invalid = false, minLines = 6, disabled = false, onChange }) {
  const root = useRef(null);
  const view = useRef(null);
  const latest = useRef({});
  latest.current = { onChange, value };
  useEffect(() => {
    let gone = false;
    editor().then(({ writer }) => {
      if (gone) return;
      view.current = writer(root.current, { language, label: label || name, placeholder, disabled, text: latest.current.value, onChange: (text) => latest.current.onChange?.(text) });
    });
    return () => {
      gone = true;
      view.current?.destroy();
      view.current = null;
    };
  }, [language, disabled, label, name, placeholder]);
  useEffect(() => view.current?.set(value), [value]);
  return <div className="cd-editor" ref={root} data-testid={`field-${name}`} data-invalid={invalid} style={{ "--lines": minLines }} />;
}
