/* Whether everything is saved, in the bar; and the way on which the changes of this tab reach the server. */
import { useEffect, useLayoutEffect, useRef, useSyncExternalStore } from "react";
import { t } from "../texts.js";
import { Ago } from "./ago.jsx";
import { acknowledge, attach, isSaving, subscribe } from "./unsent.js";

export function Saved({ flow, time, taken, onChanges, onRefused }) {
  const saving = useSyncExternalStore(subscribe, () => isSaving(flow), () => false);
  const latest = useRef({});
  latest.current = { onChanges, onRefused };
  // Before the canvas takes in what came with the same message: what is taken no longer holds a node in its place.
  useLayoutEffect(() => acknowledge(flow, taken ?? []), [flow, taken]);
  useEffect(() => attach(flow, (changes) => latest.current.onChanges?.(changes), (...why) => latest.current.onRefused?.(...why)), [flow]);
  return (
    <span className="muted nowrap wide-only saved" data-testid="saved" data-saving={saving}>
      {saving ? t("ui.bar.saving") : <>{t("ui.bar.saved")} · <Ago time={time} /></>}
    </span>
  );
}
