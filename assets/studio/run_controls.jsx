/* Run and Stop with the time that went by, and the totals of the run that is shown. */
import { useEffect, useRef, useState } from "react";
import "./run_controls.css";
import { Icon } from "./icons.jsx";
import { clock, counted, money, t } from "./texts.js";
import { onStarted, runOrReveal } from "./run/actions.js";
import { isGoingOn, shown, shownState, show, stop, tab, useRuns } from "./run/store.js";
import { usePart } from "./shell/alive.jsx";

export function StudioRunControls({ flow = "", run = "", session = "", disabled = false, onCommand, onRun }) {
  usePart("run_controls");
  useFollow(run, flow);
  useStarts(onRun);
  const going = useRuns(isGoingOn);
  const status = useRuns(() => shown().status);
  const stopping = useRuns(() => tab.stopping === shown().id && tab.stopping !== "");
  const starting = useRuns(() => tab.starting);
  const label = starting ? "run.starting" : status === "waiting" ? "run.waiting" : going ? "run.running" : "run.run";
  return (
    <div className="rc" role="group" aria-label={t("run.controls")}>
      {going && (
        <button type="button" className="rc-stop" data-testid="stop-button" disabled={stopping} onClick={stop}>
          <Icon name="stop" size={12} />
          <span>{t(stopping ? "run.stopping" : "run.stop")}</span>
        </button>
      )}
      <button type="button" className="rc-run" data-testid="run-button" data-status={status} disabled={disabled || starting} title={t(going ? "run.show_help" : "run.run_help")} onClick={() => runOrReveal({ flow, session, onCommand })}>
        <Icon name="play" size={12} />
        <span>{t(label)}</span>
        {going && <Elapsed />}
      </button>
    </div>
  );
}

/** "14 events · 3,210 tokens · $0.004" of the run that is shown. */
export function StudioRunTotals() {
  const events = useRuns(() => shownState().events);
  const tokens = useRuns(() => shownState().tokens);
  const cost = useRuns(() => shownState().cost);
  if (!events) return null;
  const parts = [counted("run.events", events)];
  if (tokens) parts.push(counted("run.tokens", tokens));
  if (cost) parts.push(money(cost));
  return <span className="rc-totals" data-testid="run-totals">{parts.join(" · ")}</span>;
}

/** Shows the run that the page names. Where it names none, a run that was started here stays, but not on the page of another flow. */
export function useFollow(run, flow) {
  const before = useRef("");
  useEffect(() => {
    if (run || before.current || shown().flow !== flow) show(run);
    before.current = run;
  }, [run, flow]);
}

/** Tells the page of every run that was started in this tab. */
export function useStarts(onRun) {
  const latest = useRef(onRun);
  latest.current = onRun;
  useEffect(() => onStarted(({ run, session }) => latest.current?.(run, session)), []);
}

function Elapsed() {
  const started = useRuns(() => shown().state.started);
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return <span className="rc-time"> · {clock(started ? (Date.now() - started) / 1000 : 0)}</span>;
}
