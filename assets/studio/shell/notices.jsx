/* Short messages in the corner: what went wrong and the way out, or that something was done. Those with a way out stay longer, and all while one points at them. */
import { useEffect, useRef, useState } from "react";
import { t } from "../texts.js";
import "./no_errors.js";

const READ_WITHIN = 4_000;
const ACTED_WITHIN = 9_000;

export function Notices({ latest, onUndo }) {
  const [shown, setShown] = useState([]);
  const [held, setHeld] = useState(false);
  const seen = useRef(null);

  useEffect(() => {
    if (!latest?.id || latest.id === seen.current) return;
    seen.current = latest.id;
    setShown((all) => [...all.filter((one) => one.text !== latest.text), latest].slice(-4));
  }, [latest]);

  useEffect(() => {
    if (held || shown.length === 0) return;
    const timer = setTimeout(() => setShown((all) => all.slice(1)), shown[0].level === "error" || shown[0].undo ? ACTED_WITHIN : READ_WITHIN);
    return () => clearTimeout(timer);
  }, [held, shown]);

  const drop = (id) => setShown((all) => all.filter((one) => one.id !== id));
  return (
    <div
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
                setHeld(false);
                onUndo(one.undo);
              }}
            >
              {t("ui.notices.undo")}
            </button>
          )}
          <button type="button" className="button quiet square" aria-label={t("ui.close")} onClick={() => drop(one.id)}>
            <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
              <path d="M3 3l10 10M13 3L3 13" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
            </svg>
          </button>
        </div>
      ))}
    </div>
  );
}
