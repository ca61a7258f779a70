/* A title that can be written over in place: Enter keeps, Escape gives the old one back. */
import { useEffect, useRef, useState } from "react";

export function Rename({ value, label, testId, onRename }) {
  const [draft, setDraft] = useState(value);
  const input = useRef(null);
  // Only what was written here is kept: a name that came from elsewhere meanwhile is not undone by leaving.
  const written = useRef(false);
  useEffect(() => {
    if (!written.current) setDraft(value);
  }, [value]);

  const keep = () => {
    const name = draft.trim();
    if (written.current && name && name !== value) onRename?.(name);
    else setDraft(value);
    written.current = false;
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
        onChange={(event) => {
          written.current = true;
          setDraft(event.target.value);
        }}
        onFocus={(event) => event.target.select()}
        onBlur={keep}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Enter") event.target.blur();
          if (event.key === "Escape") {
            written.current = false;
            setDraft(value);
            requestAnimationFrame(() => input.current?.blur());
          }
        }}
      />
    </span>
  );
}
