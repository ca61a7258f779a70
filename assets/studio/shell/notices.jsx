/* Short messages of this page: what went wrong and the way out, or that something was done. They stand in a strip of their own, for which the page makes room. */
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useLocation } from "react-router";
import { t } from "../texts.js";
import "./no_errors.js";

const READ_WITHIN = 4_000;
const ACTED_WITHIN = 9_000;
const MOST = 4;

const SEEN = "convene.notice";

/** The message that was shown last in this tab, on whatever page: one that is loaded again does not say it again. */
let seen = kept();

function kept() {
  try {
    return sessionStorage.getItem(SEEN) ?? "";
  } catch {
    return "";
  }
}

function see(id) {
  seen = id;
  try {
    sessionStorage.setItem(SEEN, id);
  } catch {
    // A tab without storage says it again: nothing is lost by that.
  }
}

const bare = (path) => path.replace(/\/+$/, "");

/** The messages of the page at `path`; the newest one comes as `latest`. */
function useShown(latest, path) {
  const [shown, setShown] = useState([]);
  useEffect(() => setShown([]), [path]);
  useEffect(() => {
    if (!latest?.id || latest.id === seen) return;
    see(latest.id);
    if (bare(latest.page) === path) setShown((all) => [...all.filter((one) => one.text !== latest.text), latest].slice(-MOST));
  }, [latest, path]);
  return [shown, setShown];
}

/** Tells the page's style how high the strip is. */
function useRoom(strip, count) {
  useLayoutEffect(() => {
    if (!count) return undefined;
    const { style } = document.documentElement;
    const measure = () => style.setProperty("--notices", `${strip.current?.offsetHeight ?? 0}px`);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(strip.current);
    return () => {
      observer.disconnect();
      style.removeProperty("--notices");
    };
  }, [strip, count]);
}

export function Notices({ latest, onUndo }) {
  const path = bare(useLocation().pathname);
  const strip = useRef(null);
  const [held, setHeld] = useState(false);
  const [shown, setShown] = useShown(latest, path);
  useRoom(strip, shown.length);

  useEffect(() => {
    if (held || shown.length === 0) return undefined;
    const timer = setTimeout(() => setShown((all) => all.slice(1)), shown[0].level === "error" || shown[0].undo ? ACTED_WITHIN : READ_WITHIN);
    return () => clearTimeout(timer);
  }, [held, shown, setShown]);

  const drop = (id) => {
    setHeld(false);
    setShown((all) => all.filter((one) => one.id !== id));
  };
  return (
    <div
      ref={strip}
      className="notices"
      role="status"
      aria-live="polite"
      data-testid="notices"
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {shown.map((one) => (
        <div key={one.id} className={`notice ${one.level}`} data-testid="notice">
          <div className="grow">
            <p className="notice-text">{one.text}</p>
            {one.remedy && <p className="notice-remedy">{one.remedy}</p>}
          </div>
          {one.undo && onUndo && (
            <button
              type="button"
              className="button small"
              data-testid="notice-undo"
              onClick={() => {
                drop(one.id);
                onUndo(one.undo);
              }}
            >
              {t("ui.notices.undo")}
            </button>
          )}
          <button type="button" className="button quiet square" aria-label={t("ui.close")} data-testid="notice-close" onClick={() => drop(one.id)}>
            <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
              <path d="M3 3l10 10M13 3L3 13" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
            </svg>
          </button>
        </div>
      ))}
    </div>
  );
}
