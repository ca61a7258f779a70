/* A title that can be written over in place: Enter keeps, Escape gives the old one back. */
import { useCallback, useEffect, useRef, useState } from "react";
import { send, types } from "./unsent.js";

export function Rename({ flow, value, label, testId }) {
  const [draft, setDraft] = useState(value);
  const input = useRef(null);
  // Only what was written here is kept: a name that came from elsewhere meanwhile is not undone by leaving.
  const written = useRef(null);
  useEffect(() => {
    if (!written.current) setDraft(value);
  }, [value]);

  const leave = () => {
    written.current?.();
    written.current = null;
  };
  const latest = useRef({});
  latest.current = { draft, value };
  const keep = useCallback(() => {
    const name = latest.current.draft.trim();
    if (written.current && name && name !== latest.current.value) send(flow, { type: "field", owner: "", field: "flow_name", value: name });
    else setDraft(latest.current.value);
    leave();
  }, [flow]);
  useEffect(() => () => written.current && keep(), [keep]);
  return (
    <span className="rename" data-text={draft || " "}>
      <input
        ref={input}
        size={1}
        maxLength={200}
        aria-label={label}
        title={label}
        data-testid={testId}
        spellCheck={false}
        value={draft}
        onChange={(event) => {
          written.current = types(keep);
          setDraft(event.target.value);
        }}
        onFocus={(event) => event.target.select()}
        onBlur={keep}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Enter") event.target.blur();
          if (event.key === "Escape") {
            leave();
            setDraft(value);
            requestAnimationFrame(() => input.current?.blur());
          }
        }}
      />
    </span>
  );
}
