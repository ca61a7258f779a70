/* What somebody is typing: kept here while they type, sent on after a pause, replaced by what comes from the server otherwise. */
import { useCallback, useEffect, useRef, useState } from "react";

const PAUSE = 400;

/**
 * `[draft, change, flush]` of a value that is kept elsewhere.
 * `read` turns the draft into what is sent; it returns undefined while the draft makes no sense yet, and nothing is sent then.
 */
export function useDraft(value, send, { read = (draft) => draft, show = (value) => value ?? "", pause = PAUSE } = {}) {
  const [draft, setDraft] = useState(() => show(value));
  const now = useRef({ draft, dirty: false, timer: 0, send, read });
  now.current.send = send;
  now.current.read = read;

  const shown = JSON.stringify(show(value));
  useEffect(() => {
    if (now.current.dirty) return;
    now.current.draft = JSON.parse(shown);
    setDraft(now.current.draft);
  }, [shown]);

  const flush = useCallback(() => {
    const here = now.current;
    clearTimeout(here.timer);
    if (!here.dirty) return;
    const meant = here.read(here.draft);
    if (meant === undefined) return;
    here.dirty = false;
    here.send(meant);
  }, []);

  const change = useCallback(
    (next) => {
      const here = now.current;
      here.draft = next;
      here.dirty = true;
      setDraft(next);
      clearTimeout(here.timer);
      here.timer = setTimeout(flush, pause);
    },
    [flush, pause],
  );

  useEffect(() => () => flush(), [flush]);
  return [draft, change, flush];
}
