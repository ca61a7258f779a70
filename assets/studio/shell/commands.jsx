/* Search or do: one box that finds actions, the nodes of this flow and other flows, and goes there. */
import { useEffect, useMemo, useRef, useState } from "react";
import { t } from "../texts.js";
import { Keys } from "./shortcuts.jsx";

/** How well `text` fits what was typed: lower is better, null when it does not fit. */
export function fit(text, typed) {
  const hay = text.toLowerCase();
  const needle = typed.trim().toLowerCase();
  if (!needle) return 0;
  const at = hay.indexOf(needle);
  if (at === 0) return 0;
  if (at > 0) return /\W/.test(hay[at - 1]) ? 1 : 2;
  let from = 0;
  for (const letter of needle.replace(/\s+/g, "")) {
    from = hay.indexOf(letter, from) + 1;
    if (from === 0) return null;
  }
  return needle.length > 1 ? 3 + hay.length / 1000 : null;
}

export function CommandBox({ open, entries, onChoose, onClose }) {
  const dialog = useRef(null);
  const list = useRef(null);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);

  useEffect(() => {
    if (open && !dialog.current.open) {
      setTyped("");
      setAt(0);
      dialog.current.showModal();
    }
    if (!open && dialog.current.open) dialog.current.close();
  }, [open]);

  const found = useMemo(() => {
    const scored = (entries ?? []).map((entry, index) => ({ entry, index, score: fit(`${entry.title} ${entry.words ?? ""}`, typed) }));
    const fitting = scored.filter((one) => one.score !== null);
    if (typed.trim()) fitting.sort((a, b) => a.score - b.score || a.index - b.index);
    const groups = [];
    for (const { entry } of fitting.slice(0, 60)) {
      const group = groups.find((one) => one.name === entry.group);
      if (group) group.entries.push(entry);
      else groups.push({ name: entry.group, entries: [entry] });
    }
    return groups;
  }, [entries, typed]);
  const flat = found.flatMap((group) => group.entries);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at, typed]);

  // It closes at once, however it is closed: what is pressed next must not meet a box that only waits for the page to say so.
  const close = () => dialog.current.close();
  const choose = (entry) => {
    if (!entry) return;
    close();
    onChoose?.(entry.id);
  };
  const keys = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && flat.length) {
      event.preventDefault();
      setAt((at + step + flat.length) % flat.length);
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      choose(flat[at]);
    }
  };

  return (
    <dialog
      ref={dialog}
      role={open ? "dialog" : undefined}
      className="dialog commands"
      aria-label={t("ui.commands.title")}
      data-testid="commands"
      onClose={() => open && onClose?.()}
      onMouseDown={(event) => event.target === dialog.current && close()}
    >
      {open && (
        <div className="commands-body">
          <input
            className="commands-input"
            role="combobox"
            aria-expanded="true"
            aria-controls="commands-list"
            aria-activedescendant={flat[at] ? `command-${at}` : undefined}
            aria-label={t("ui.commands.title")}
            placeholder={t("ui.commands.placeholder")}
            value={typed}
            autoFocus
            onChange={(event) => {
              setTyped(event.target.value);
              setAt(0);
            }}
            onKeyDown={keys}
          />
          <div id="commands-list" ref={list} role="listbox" aria-label={t("ui.commands.title")} className="commands-list">
            {flat.length === 0 && <p className="muted pad">{t("ui.commands.nothing", { typed })}</p>}
            {found.map((group) => (
              <div key={group.name} role="group" aria-label={group.name}>
                <div className="commands-group">{group.name}</div>
                {group.entries.map((entry) => {
                  const index = flat.indexOf(entry);
                  return (
                    <div
                      key={entry.id}
                      id={`command-${index}`}
                      role="option"
                      aria-selected={index === at}
                      className="commands-entry"
                      onMouseMove={() => setAt(index)}
                      onClick={() => choose(entry)}
                    >
                      {entry.color && <span className="dot" style={{ background: entry.color }} />}
                      <span className="grow clip">{entry.title}</span>
                      {entry.note && <span className="muted clip">{entry.note}</span>}
                      {entry.keys && <Keys keys={entry.keys} />}
                    </div>
                  );
                })}
              </div>
            ))}
          </div>
        </div>
      )}
    </dialog>
  );
}
