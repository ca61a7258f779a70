/* Words and code of the transcript: Markdown when there is time for it, code in its frame. */
import { useLayoutEffect, useRef } from "react";
import { codeFrame } from "./markdown.js";
import { renderSoon } from "./patience.js";
import { cite } from "./sources.jsx";

/** `passages` are what numbers in brackets may stand for, see sources.jsx. */
export function Markdown({ text, className = "tr-text", passages = null }) {
  const root = useRef(null);
  useLayoutEffect(() => renderSoon(root.current, text, passages ? (words) => cite(words, passages) : undefined), [text, passages]);
  return <div className={className} ref={root} />;
}

export function Code({ source, language, title }) {
  const root = useRef(null);
  useLayoutEffect(() => root.current.replaceChildren(codeFrame(source, language, title)), [source, language, title]);
  return <div ref={root} />;
}
