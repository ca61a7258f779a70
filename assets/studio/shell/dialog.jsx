/* A modal dialog on the browser's own <dialog>: focus stays inside, Escape and a click beside it close it, focus returns. */
import { useEffect, useId, useRef } from "react";
import { t } from "../texts.js";

const FIRST = ".dialog-body > :not(header) :is(input:not([type=hidden]), select, textarea, button, a[href])";

export function Dialog({ open, title, kind = "", testId, onClose, children }) {
  const box = useRef(null);
  const heading = useId();

  useEffect(() => {
    const dialog = box.current;
    if (!dialog) return;
    if (open && !dialog.open) {
      dialog.showModal();
      dialog.querySelector(FIRST)?.focus();
    }
    if (!open && dialog.open) dialog.close();
  }, [open]);

  // Whoever leaves the page leaves the dialog: it is about what was shown there.
  const left = useRef(null);
  left.current = open ? onClose : null;
  useEffect(() => () => left.current?.(), []);

  // It closes at once, however it is closed: what is pressed next must not meet a dialog that only waits for the page to say so.
  const close = () => box.current.close();
  const closed = () => open && onClose?.();
  const beside = (event) => {
    if (event.target === box.current) close();
  };

  return (
    <dialog ref={box} role={open ? "dialog" : undefined} className={`dialog ${kind}`} aria-labelledby={heading} data-testid={testId} onClose={closed} onMouseDown={beside}>
      {open && (
        <div className="dialog-body">
          <header className="dialog-head">
            <h2 id={heading}>{title}</h2>
            <button type="button" className="button quiet square" aria-label={t("ui.close")} onClick={close}>
              <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
                <path d="M3 3l10 10M13 3L3 13" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
              </svg>
            </button>
          </header>
          {children}
        </div>
      )}
    </dialog>
  );
}
