/* The palette: what can be put onto the canvas, by dragging, by a click or with Enter. */
import { useEffect, useMemo, useRef, useState } from "react";
import "./palette.css";
import { Icon } from "./icons.jsx";
import { t } from "./texts.js";
import { addEntry, DRAG_TYPE } from "./canvas/board.js";
import { isTyping } from "./canvas/keys.js";
import { ownColor } from "./canvas/nodes.jsx";
import { usePart } from "./shell/alive.jsx";

export function StudioPalette({ catalogue, onAdd }) {
  usePart("palette");
  const [search, setSearch] = useState("");
  const box = useRef(null);
  const list = useRef(null);
  const groups = useMemo(() => found(catalogue ?? [], search), [catalogue, search]);

  useEffect(() => {
    const onKey = (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('[role="dialog"]')) return;
      event.preventDefault();
      box.current?.focus();
      box.current?.select();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  const add = (entry) => {
    if (addEntry(entry)) onAdd?.(entry.id);
  };
  const onSearchKey = (event) => {
    const first = groups[0]?.entries[0];
    if (event.key === "Enter" && first && search.trim()) {
      add(first);
      setSearch("");
    } else if (event.key === "ArrowDown") list.current?.querySelector("button")?.focus();
    else if (event.key === "Escape") {
      setSearch("");
      box.current?.blur();
    } else return;
    event.preventDefault();
  };
  const onListKey = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...list.current.querySelectorAll("button")];
    const next = all[all.indexOf(document.activeElement) + step];
    if (next) next.focus();
    else if (step < 0) box.current?.focus();
  };

  return (
    <aside className="pl" data-testid="palette" aria-label={t("palette.label")}>
      <div className="pl-search">
        <input ref={box} type="search" value={search} placeholder={t("palette.search")} aria-label={t("palette.search")} data-testid="palette-search" onChange={(event) => setSearch(event.target.value)} onKeyDown={onSearchKey} spellCheck={false} autoComplete="off" />
        <kbd aria-hidden="true">/</kbd>
      </div>
      <div className="pl-groups" ref={list} onKeyDown={onListKey}>
        {groups.map((group) => (
          <section key={group.group} aria-label={group.title}>
            <h2>{group.title}</h2>
            {group.entries.map((entry) => (
              <button
                key={entry.id}
                type="button"
                className="pl-entry"
                data-testid={`palette-${entry.id}`}
                title={entry.summary}
                draggable
                onClick={() => add(entry)}
                onDragStart={(event) => {
                  event.dataTransfer.setData(DRAG_TYPE, JSON.stringify(entry));
                  event.dataTransfer.effectAllowed = "copy";
                }}
              >
                <span className="pl-swatch" data-category={entry.category} style={entry.category === "agent" ? { "--own": ownColor(entry) } : undefined} aria-hidden="true" />
                <span className="pl-title">{entry.title}</span>
                <span className="pl-plus" aria-hidden="true"><Icon name="plus" size={12} /></span>
              </button>
            ))}
          </section>
        ))}
        {groups.length === 0 && <p className="pl-none">{t(search ? "palette.none" : "palette.empty", { search })}</p>}
      </div>
    </aside>
  );
}

/** The groups with the entries that hold every word of the search in title, kind, group or summary. */
function found(groups, search) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return groups;
  const fits = (group, entry) => {
    const text = `${entry.title} ${entry.kind} ${group.title} ${entry.summary}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const rank = (entry) => (entry.title.toLowerCase().startsWith(words[0]) ? 0 : 1);
  return groups
    .map((group) => ({ ...group, entries: group.entries.filter((entry) => fits(group, entry)).sort((a, b) => rank(a) - rank(b)) }))
    .filter((group) => group.entries.length)
    .sort((a, b) => rank(a.entries[0]) - rank(b.entries[0]));
}
