/* Run, Pause, Step and Stop with the time that went by, and the totals of the run that is shown. */
import { useEffect, useRef, useState } from "react";
import { Icon } from "./icons.jsx";
import { clock, counted, spending, t } from "./texts.js";
import { onStarted, runOrReveal } from "./run/actions.js";
import { useElsewhere } from "./run/elsewhere.js";
import { show, steer, stop } from "./run/orders.js";
import { isGoingOn, shown, shownState, tab, useRuns } from "./run/store.js";
import { usePart } from "./shell/alive.jsx";

export function StudioRunControls({ flow = "", run = "", session = "", disabled = false, onCommand, onRun, onElsewhere }) {
  usePart("run_controls");
  useFollow(run, flow);
  useStarts(onRun);
  useElsewhere(flow, run, onElsewhere);
  const going = useRuns(isGoingOn);
  const status = useRuns(() => shown().status);
  const stopping = useRuns(() => tab.stopping === shown().id && tab.stopping !== "");
  const starting = useRuns(() => tab.starting);
  const paused = status === "paused";
  const pausing = useRuns(() => tab.pausing === shown().id && tab.pausing !== "");
  useSteeringKeys(status);
  const label = starting ? "run.starting" : status === "waiting" ? "run.waiting" : paused ? "run.paused" : going ? "run.running" : "run.run";
  return (
    <div className="rc" role="group" aria-label={t("run.controls")}>
      {going && (
        <button type="button" className="rc-stop" data-testid="stop-button" disabled={stopping} onClick={stop}>
          <Icon name="stop" size={12} />
          <span>{t(stopping ? "run.stopping" : "run.stop")}</span>
        </button>
      )}
      {paused && <Steer order="resume_paused" testid="resume-button" icon="play" keys="Alt+P" label="run.resume" />}
      {status === "running" && <Steer order="pause" testid="pause-button" icon="pause" keys="Alt+P" label={pausing ? "run.pausing" : "run.pause"} disabled={pausing} />}
      {paused && <Steer order="step" testid="step-button" icon="end" keys="Alt+S" label="run.step" />}
      <button type="button" className="rc-run" data-testid="run-button" data-status={status} disabled={disabled || starting} title={t(going ? "run.show_help" : "run.run_help")} onClick={() => runOrReveal({ flow, session, onCommand })}>
        <Icon name="play" size={12} />
        <span>{t(label)}</span>
        {going && !paused && <Elapsed />}
      </button>
    </div>
  );
}

function Steer({ order, testid, icon, keys, label, disabled = false }) {
  return (
    <button type="button" className="rc-steer" data-testid={testid} disabled={disabled} aria-label={t(label)} aria-keyshortcuts={keys} title={`${t(label)} (${keys})`} onClick={() => steer(order)}>
      <Icon name={icon} size={12} />
    </button>
  );
}

/** Alt+P pauses and goes on, Alt+S does one step. By the place of the key: with Alt some keyboards write other letters. */
function useSteeringKeys(status) {
  useEffect(() => {
    if (status !== "running" && status !== "paused") return undefined;
    const down = (event) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat || document.querySelector("dialog[open]")) return;
      const order = event.code === "KeyP" ? (status === "paused" ? "resume_paused" : "pause") : event.code === "KeyS" && status === "paused" ? "step" : "";
      if (!order) return;
      event.preventDefault();
      steer(order);
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, [status]);
}

/** A dot on what leads to the conversation, while a run goes on there. */
export function StudioRunMark() {
  const going = useRuns(isGoingOn);
  const status = useRuns(() => shown().status);
  if (!going) return null;
  return <span className="rc-mark" data-testid="run-mark" data-status={status} role="img" aria-label={t(`status.${status}`)} title={t(`status.${status}`)} />;
}

/** "14 events · 3,210 tokens · $0.004" of the run that is shown. */
export function StudioRunTotals() {
  const events = useRuns(() => shownState().events);
  const tokens = useRuns(() => shownState().tokens);
  const spent = useRuns(() => spending(shownState()) || (shownState().unpriced ? t("run.no_price") : ""));
  if (!events) return null;
  const parts = [counted("run.events", events)];
  if (tokens) parts.push(counted("run.tokens", tokens));
  if (spent) parts.push(spent);
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
