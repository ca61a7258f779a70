/* A button that opens a list of actions: arrows, Home, End and first letters move, Escape and a click outside close. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";

const items = (list) => [...list.querySelectorAll('[role^="menuitem"]:not([aria-disabled="true"]):not(:disabled)')];

export function Menu({ label, face, look = "button", testId, align = "end", onOpen, children }) {
  const [open, setOpen] = useState(false);
  const button = useRef(null);
  const list = useRef(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    const outside = (event) => {
      if (!list.current?.contains(event.target) && !button.current?.contains(event.target)) setOpen(false);
    };
    const gone = () => setOpen(false);
    document.addEventListener("pointerdown", outside, true);
    window.addEventListener("resize", gone);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      window.removeEventListener("resize", gone);
    };
  }, [open]);

  useLayoutEffect(() => {
    if (!open) return;
    const at = button.current.getBoundingClientRect();
    const box = list.current;
    const below = at.bottom + 4 + box.offsetHeight <= window.innerHeight - 8;
    box.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - 4 - box.offsetHeight)}px`;
    const left = align === "end" ? at.right - box.offsetWidth : at.left;
    box.style.left = `${Math.min(Math.max(8, left), window.innerWidth - box.offsetWidth - 8)}px`;
    items(box)[0]?.focus();
  }, [open, align]);

  const show = () => {
    setOpen(true);
    onOpen?.();
  };

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };

  const keys = (event) => {
    const all = items(list.current);
    const here = all.indexOf(document.activeElement);
    const go = (index) => {
      event.preventDefault();
      all[(index + all.length) % all.length]?.focus();
    };
    if (event.key === "ArrowDown") go(here + 1);
    else if (event.key === "ArrowUp") go(here - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(all.length - 1);
    else if (event.key === "Escape" || event.key === "Tab") {
      if (event.key === "Escape") event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      const start = event.key.toLowerCase();
      const found = all.findIndex((item, index) => index > here && item.textContent.trim().toLowerCase().startsWith(start));
      if (found >= 0) go(found);
    }
    event.stopPropagation();
  };

  return (
    <>
      <button
        ref={button}
        type="button"
        className={look}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        data-testid={testId}
        onClick={(event) => {
          event.preventDefault();
          event.stopPropagation();
          if (open) setOpen(false);
          else show();
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" && !open) {
            event.preventDefault();
            show();
          }
        }}
      >
        {face}
      </button>
      {open && (
        <div ref={list} id={id} role="menu" aria-label={label} className="menu" onKeyDown={keys} onClick={() => close()}>
          {children}
        </div>
      )}
    </>
  );
}
