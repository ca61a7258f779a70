/* Code to read, and code to write. The editor itself is loaded when it is first needed. */
import { useEffect, useRef, useState } from "react";
import "./code.css";
import { Icon } from "./icons.jsx";
import { t } from "./texts.js";

const editor = () => import("./code/editor.js");

/** Generated code, in step with the canvas: `highlight` lines light up, a click on a line tells `onLine`. */
export function StudioCodeView({ text = "", language = "python", highlight, filename = "", downloadHref = "", projectHref = "", onLine }) {
  const root = useRef(null);
  const view = useRef(null);
  const [copied, setCopied] = useState(false);
  const marked = JSON.stringify(highlight ?? []);
  const latest = useRef({});
  latest.current = { onLine, text, marked };

  useEffect(() => {
    let gone = false;
    editor().then(({ reader }) => {
      if (gone) return;
      view.current = reader(root.current, { language, label: t("code.label"), onLine: (line) => latest.current.onLine?.(line) });
      view.current.show(latest.current.text, JSON.parse(latest.current.marked));
    });
    return () => {
      gone = true;
      view.current?.destroy();
      view.current = null;
    };
  }, [language]);
  useEffect(() => view.current?.show(text, JSON.parse(marked)), [text, marked]);

  const copy = async () => {
    await navigator.clipboard?.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <section className="cd" data-testid="code-pane" aria-label={t("code.label")}>
      <header className="cd-bar">
        <span className="cd-name">{filename}</span>
        <button type="button" onClick={copy} data-testid="code-copy"><Icon name={copied ? "check" : "copy"} size={13} />{t(copied ? "code.copied" : "code.copy")}</button>
        {downloadHref && <a href={downloadHref} download={filename || true} data-testid="code-download"><Icon name="download" size={13} />{t("code.download")}</a>}
        {projectHref && <a href={projectHref} download data-testid="code-project"><Icon name="download" size={13} />{t("code.project")}</a>}
      </header>
      <div className="cd-view" ref={root} />
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
