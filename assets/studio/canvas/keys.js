/* The keys of the canvas, and when they belong to somebody else: to a text that is being typed, or to an open dialog. */
import { useEffect, useRef } from "react";

/** Whether the person is writing: keys then belong to the text, but for one in a dialog that has just been closed. */
export function isTyping(target) {
  return !target?.closest?.("dialog:not([open])") && Boolean(target?.closest?.('input, textarea, select, [contenteditable="true"], .cm-editor'));
}

export const isDialogOpen = () => Boolean(document.querySelector('[role="dialog"], [role="alertdialog"], [aria-modal="true"]'));

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** "everywhere": works beside the canvas too; the others only while the focus is on the canvas, on a control of palette or bar, or nowhere. */
function everywhere(event) {
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (command && !event.altKey) {
    if (key === "z") return event.shiftKey ? "redo" : "undo";
    if (key === "y") return "redo";
  }
  return !command && event.key === "?" ? "help" : "";
}

function onCanvas(event) {
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (command && !event.altKey) return { d: "duplicate", a: "select_all" }[key] ?? "";
  if (event.altKey) return "";
  if (event.key === "Delete" || event.key === "Backspace") return "remove";
  if (event.key === "Escape") return "escape";
  if (event.key === "Enter") return "open";
  if (event.key === " ") return "choose";
  if (event.code === "Digit1") return "fit";
  if (event.key === "+" || event.key === "=") return "zoom_in";
  if (event.key === "-") return "zoom_out";
  if (key === "c" && !event.shiftKey) return "connect";
  if (event.key in ARROWS) return "nudge";
  return "";
}

/**
 * Calls `act(name, event, arrow)` for the canvas' keys and `clip(kind, event)` for copy, cut and paste. `root` is the ref of the canvas.
 * Ctrl+K and Ctrl+Enter come as "palette" and "run", also while a text is being typed.
 */
export function useKeys(root, act, clip) {
  const latest = useRef({ act, clip });
  latest.current = { act, clip };
  useEffect(() => {
    const isHere = () => {
      const focus = document.activeElement;
      return !focus || focus === document.body || root.current?.contains(focus) || isBeside(focus);
    };
    const onKey = (event) => {
      if (event.defaultPrevented || event.isComposing || !root.current?.isConnected) return;
      const command = event.ctrlKey || event.metaKey;
      const loud = command && !event.altKey && !event.shiftKey && (event.key === "Enter" ? "run" : event.key.toLowerCase() === "k" ? "palette" : "");
      if (loud && !isDialogOpen()) {
        event.preventDefault();
        latest.current.act(loud, event);
        return;
      }
      if (isTyping(event.target) || isDialogOpen()) return;
      const name = everywhere(event) || (isHere() && !isOthers(event, root.current) ? onCanvas(event) : "");
      if (name && latest.current.act(name, event, ARROWS[event.key]) !== false) event.preventDefault();
    };
    const onClip = (event) => {
      if (event.defaultPrevented || isTyping(event.target) || isDialogOpen() || !isHere()) return;
      const isTextChosen = !window.getSelection()?.isCollapsed && !root.current.contains(document.activeElement);
      if (event.type !== "paste" && isTextChosen) return;
      if (latest.current.clip(event.type, event)) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    for (const kind of ["copy", "cut", "paste"]) document.addEventListener(kind, onClip);
    return () => {
      document.removeEventListener("keydown", onKey);
      for (const kind of ["copy", "cut", "paste"]) document.removeEventListener(kind, onClip);
    };
  }, [root]);
}

/** Palette and bar: what was just added, moved or undone there is on the canvas, and the keys go on with it. */
const isBeside = (element) => Boolean(element.closest?.(".pl, .editor-bar"));

/** Keys that press what has the focus, or lead through the palette. */
function isOthers({ key, target }, root) {
  const control = target?.closest?.("button, a");
  if (!control) return false;
  const isPress = key === "Enter" || key === " ";
  return root.contains(control) ? isPress : isPress || key in ARROWS;
}
