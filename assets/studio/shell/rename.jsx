/* A title that can be written over in place: Enter keeps, Escape gives the old one back. */
import { useEffect, useRef, useState } from "react";

export function Rename({ value, label, testId, onRename }) {
  const [draft, setDraft] = useState(value);
  const input = useRef(null);
  useEffect(() => {
    if (document.activeElement !== input.current) setDraft(value);
  }, [value]);

  const keep = () => {
    const name = draft.trim();
    if (name && name !== value) onRename?.(name);
    else setDraft(value);
  };
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
        onChange={(event) => setDraft(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={keep}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Enter") event.target.blur();
          if (event.key === "Escape") {
            setDraft(value);
            requestAnimationFrame(() => input.current?.blur());
          }
        }}
      />
    </span>
  );
}
