/* The line between two panels: drag it, or move it with the arrow keys; its place is remembered in this browser. */
import { useCallback, useEffect, useRef, useState } from "react";

export function Grip({ name, label, variable, initial, min, max, axis = "x", target = ".editor" }) {
  const line = useRef(null);
  const [size, setSize] = useState(initial);
  const key = `convene.size.${name}`;

  const put = useCallback(
    (wanted, keep) => {
      const room = (axis === "x" ? window.innerWidth : window.innerHeight) * 0.7;
      const value = Math.round(Math.max(min, Math.min(wanted, max, room)));
      line.current?.closest(target)?.style.setProperty(variable, `${value}px`);
      setSize(value);
      if (keep) localStorage.setItem(key, String(value));
    },
    [axis, key, max, min, target, variable],
  );

  useEffect(() => {
    const stored = Number(localStorage.getItem(key));
    put(stored > 0 ? stored : initial, false);
  }, [initial, key, put]);

  const drag = (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    const start = axis === "x" ? event.clientX : event.clientY;
    const from = size;
    let now = from;
    const move = (moved) => {
      now = from + start - (axis === "x" ? moved.clientX : moved.clientY);
      put(now, false);
    };
    const up = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
      document.body.style.cursor = "";
      document.body.style.userSelect = "";
      put(now, true);
    };
    document.body.style.cursor = axis === "x" ? "col-resize" : "row-resize";
    document.body.style.userSelect = "none";
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up);
  };

  const keys = (event) => {
    const by = event.shiftKey ? 64 : 16;
    const grow = axis === "x" ? "ArrowLeft" : "ArrowUp";
    const shrink = axis === "x" ? "ArrowRight" : "ArrowDown";
    if (event.key === grow) put(size + by, true);
    else if (event.key === shrink) put(size - by, true);
    else if (event.key === "Home") put(initial, true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={line}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={axis === "x" ? "vertical" : "horizontal"}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      className={`grip grip-${axis}`}
      onPointerDown={drag}
      onDoubleClick={() => put(initial, true)}
      onKeyDown={keys}
    />
  );
}
