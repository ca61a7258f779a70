/* The palette: what can be put onto the canvas, by dragging, by a click or with Enter. */
import { useEffect, useMemo, useRef, useState } from "react";
import { Icon, KindIcon } from "./icons.jsx";
import { counted, t } from "./texts.js";
import { addEntry, DRAG_TYPE } from "./canvas/board.js";
import { isTyping } from "./canvas/keys.js";
import { ownColor } from "./canvas/nodes.jsx";
import { usePart } from "./shell/alive.jsx";

/** Whose picture an entry has: that of who chooses, in a team; its own, where it has one; or that of its kind. */
const pictured = (entry) => entry.config?.selection?.kind ?? (entry.kind === "team" ? "round_robin" : entry.brings?.length ? entry.id : entry.kind);

export function StudioPalette({ catalogue, onAdd }) {
  usePart("palette");
  const [search, setSearch] = useState("");
  const box = useRef(null);
  const list = useRef(null);
  const groups = useMemo(() => found(catalogue ?? [], search), [catalogue, search]);
  const [unfolded, unfold] = useUnfolded();

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
            <Heading group={group} isOpen={unfolded.includes(group.group)} isSearch={Boolean(search.trim())} onToggle={() => unfold(group.group)} />
            {group.entries.filter((entry) => entry.common || search.trim() || unfolded.includes(group.group)).map((entry) => (
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
                <span className="pl-swatch" data-category={entry.category} style={entry.category === "agent" ? { "--own": ownColor(entry) } : undefined} aria-hidden="true">
                  <KindIcon kind={pictured(entry)} category={entry.category} size={15} />
                </span>
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

/** The name of a group, and what unfolds those of its entries that are used less. */
function Heading({ group, isOpen, isSearch, onToggle }) {
  const rest = group.entries.filter((entry) => !entry.common).length;
  if (isSearch || !rest) return <h2>{group.title}</h2>;
  return (
    <h2>
      <button type="button" className="pl-fold" aria-expanded={isOpen} aria-label={`${group.title}: ${counted(isOpen ? "palette.fewer" : "palette.more", rest)}`} data-testid={`palette-more-${group.group}`} onClick={onToggle}>
        <span>{group.title}</span>
        <span className="pl-rest">{isOpen ? t("palette.fold") : `+${rest}`}</span>
      </button>
    </h2>
  );
}

const UNFOLDED = "convene.palette.unfolded";

/** The groups that this person has unfolded, remembered in the browser: [names, toggle(name)]. */
function useUnfolded() {
  const [names, setNames] = useState(() => {
    try {
      const kept = JSON.parse(localStorage.getItem(UNFOLDED) ?? "[]");
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  });
  const toggle = (name) => {
    const next = names.includes(name) ? names.filter((each) => each !== name) : [...names, name];
    setNames(next);
    try {
      localStorage.setItem(UNFOLDED, JSON.stringify(next));
    } catch {
      // A browser that keeps nothing folds it again at the next visit.
    }
  };
  return [names, toggle];
}

/** The groups with the entries that hold every word of the search in title, kind, group, summary or their other names. */
function found(groups, search) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return groups;
  const fits = (group, entry) => {
    const text = `${entry.title} ${entry.kind} ${entry.id} ${group.title} ${entry.summary} ${entry.words}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const rank = (entry) => (entry.title.toLowerCase().startsWith(words[0]) ? 0 : 1);
  return groups
    .map((group) => ({ ...group, entries: group.entries.filter((entry) => fits(group, entry)).sort((a, b) => rank(a) - rank(b)) }))
    .filter((group) => group.entries.length)
    .sort((a, b) => rank(a.entries[0]) - rank(b.entries[0]));
}
