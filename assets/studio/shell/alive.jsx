/* Whether the page is alive: all its parts have come, the drawing that the address names, and what the server does when it is opened. Until then `early.js` keeps what is pressed. */
import { useEffect, useLayoutEffect } from "react";
import { useLocation } from "react-router";

const NONE = [];
const there = new Map();
let page = null;

/** "run 12" and "12" are both what ends the address. */
const isHere = (drawing) => drawing !== "" && window.location.pathname.replace(/\/+$/, "").endsWith(`/${drawing.split(" ").pop()}`);

function look() {
  const root = document.documentElement;
  const alive = page !== null && page.loaded && page.parts.every((part) => there.get(part) > 0) && (page.drawing === null || isHere(page.drawing));
  if (alive === root.hasAttribute("data-alive")) return;
  root.toggleAttribute("data-alive", alive);
  document.dispatchEvent(new Event(alive ? "studio:alive" : "studio:asleep"));
}

function count(part, change) {
  there.set(part, (there.get(part) ?? 0) + change);
  look();
}

/** A part that comes later than its page says by this that it hears clicks and keys. */
export function usePart(name) {
  useEffect(() => {
    count(name, 1);
    return () => count(name, -1);
  }, [name]);
}

/** Names the `parts` that the page waits for, what its drawing is of (null where it has none), and whether the server has opened it. */
export function Alive({ parts = NONE, drawing = null, loaded = true }) {
  const { pathname } = useLocation();
  // What was shown before is of another flow until the server has opened this one: it is not seen here.
  useLayoutEffect(() => {
    document.documentElement.toggleAttribute("data-elsewhere", Boolean(drawing) && !isHere(drawing));
    return () => document.documentElement.removeAttribute("data-elsewhere");
  }, [drawing, pathname]);
  useEffect(() => {
    const mine = { parts, drawing, loaded };
    page = mine;
    look();
    return () => {
      if (page !== mine) return;
      page = null;
      look();
    };
  }, [parts.join(), drawing, loaded]); // eslint-disable-line react-hooks/exhaustive-deps
  return null;
}
