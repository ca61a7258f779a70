/* The page's keyboard shortcuts: says which one was pressed; keys that write text in a field stay the field's. */
import { useEffect, useRef } from "react";

const mac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

/* The browser still sends keys to a field of a dialog that has just been closed. */
const writes = (element) => element && !element.closest?.("dialog:not([open])") && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));

/** `mod+shift+z` of a key press; letters by what they write, so that it holds on every keyboard layout. */
export function pressed(event) {
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("mod");
  if (event.altKey) parts.push("alt");
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.shiftKey && (event.key.length > 1 || /[a-z]/.test(letter))) parts.push("shift");
  parts.push(letter);
  return parts.join("+");
}

/** The keys as they stand on this person's keyboard: `Ctrl K`, or `⌘ K` on a Mac. */
export function spelled(keys) {
  const names = { mod: mac ? "⌘" : "Ctrl", shift: mac ? "⇧" : "Shift", alt: mac ? "⌥" : "Alt", Enter: "Enter", Escape: "Esc" };
  return keys
    .split(/(?<=.)\+/)
    .map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key))
    .join(" ");
}

export function Keys({ keys, hidden = false }) {
  return (
    <kbd className="keys" aria-hidden={hidden || undefined} suppressHydrationWarning>
      {spelled(keys)}
    </kbd>
  );
}

export function Shortcuts({ bindings, onPress }) {
  const latest = useRef(onPress);
  latest.current = onPress;

  useEffect(() => {
    const down = (event) => {
      if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
      const keys = pressed(event);
      const binding = bindings.find((one) => one.keys === keys);
      if (!binding) return;
      if (writes(event.target) && !binding.always) return;
      event.preventDefault();
      latest.current?.(binding.id);
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, [bindings]);

  return null;
}
