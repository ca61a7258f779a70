/* What somebody is typing: kept here while they type, sent on after a pause, replaced by what others say from the server otherwise. */
import { useCallback, useEffect, useRef, useState } from "react";
import { isOvertaken, sends } from "./sent.js";
import { types } from "./unsent.js";

const PAUSE = 400;

/**
 * `[draft, change, flush]` of a value that is kept elsewhere.
 * `read` turns the draft into what is sent; it returns undefined while the draft makes no sense yet, and nothing is sent then.
 * A draft that means what comes back stays as it is: it may hold more, such as a row that has no name yet.
 */
export function useDraft(value, send, { read = (draft) => draft, show = (value) => value ?? "", pause = PAUSE } = {}) {
  const [draft, setDraft] = useState(() => show(value));
  const now = useRef({ draft, dirty: false, timer: 0, sent: [], rested: null });
  const shown = JSON.stringify(show(value));
  const means = (draft) => {
    const meant = read(draft);
    return meant === undefined ? "" : JSON.stringify(show(meant));
  };
  Object.assign(now.current, { send, read, means, shown });

  useEffect(() => {
    const here = now.current;
    if (isOvertaken(here.sent, shown, performance.now()) || here.dirty || here.means(here.draft) === shown) return;
    here.draft = JSON.parse(shown);
    setDraft(here.draft);
  }, [shown]);

  const flush = useCallback(() => {
    const here = now.current;
    clearTimeout(here.timer);
    if (!here.dirty) return;
    const meant = here.read(here.draft);
    if (meant !== undefined) {
      here.dirty = false;
      sends(here.sent, here.means(here.draft), here.shown, performance.now());
      here.send(meant);
    }
    here.rested?.();
  }, []);

  const change = useCallback(
    (next) => {
      const here = now.current;
      here.draft = next;
      here.dirty = true;
      setDraft(next);
      clearTimeout(here.timer);
      here.timer = setTimeout(flush, pause);
      here.rested = types(flush);
    },
    [flush, pause],
  );

  useEffect(() => () => flush(), [flush]);
  return [draft, change, flush];
}
