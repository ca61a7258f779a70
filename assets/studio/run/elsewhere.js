/* Runs of the shown flow that were started elsewhere: taken up as they begin, where this tab has none of its own. */
import { useEffect, useRef } from "react";
import { isDialogOpen, isTyping } from "../canvas/keys.js";
import { watchFlow } from "./flows.js";
import { isGoingOn, shown, tab } from "./store.js";

const FIRST_AGAIN = 1_000;
const LONGEST = 8_000;

/** `onFound(run, isBusy)` for each run that another tab or process starts of `flow` while the page shows `run`, until it shows the new one. */
export function useElsewhere(flow, run, onFound) {
  const latest = useRef({});
  latest.current = { run, onFound };
  const timer = useRef(0);

  useEffect(() => {
    if (!flow) return undefined;
    const heard = new Set();
    let isFirst = true;
    const offer = (found, again) => {
      if (latest.current.run === found || tab.starting || isGoingOn()) return;
      if (!isEngaged()) latest.current.onFound?.(found, isTyping(document.activeElement) || isDialogOpen());
      timer.current = setTimeout(offer, again, found, Math.min(2 * again, LONGEST));
    };
    const stop = watchFlow(flow, (_, found) => {
      // What went on when the page was opened it has found by itself.
      const isNews = found && !heard.has(found) && !(isFirst && latest.current.run);
      isFirst = false;
      heard.add(found);
      if (!isNews) return;
      clearTimeout(timer.current);
      offer(found, FIRST_AGAIN);
    });
    return () => {
      clearTimeout(timer.current);
      stop();
    };
  }, [flow]);

  useEffect(() => clearTimeout(timer.current), [run]);
}

/** The person writes a task, whose box would go, or stepped back into an old run. */
function isEngaged() {
  const { dataset, value } = document.activeElement ?? document.body;
  return shown().past !== null || (dataset.testid === "task-input" && value.trim() !== "");
}
