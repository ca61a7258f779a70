/* The transcript of a run: live and old alike, with its questions, its costs, and the box for the next task. */
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Icon } from "./icons.jsx";
import { t, whole } from "./texts.js";
import { goOnFrom, leaveSession } from "./run/actions.js";
import { forgetRefusal, resume, show, stepTo } from "./run/orders.js";
import { isGoingOn, shown, shownState, shownStatus, tab, useRuns } from "./run/store.js";
import { StudioRunTotals, useFollow, useStarts } from "./run_controls.jsx";
import { useAttention } from "./transcript/attention.js";
import { pressCopy } from "./transcript/markdown.js";
import { Leftovers } from "./transcript/leftover.jsx";
import { FarUp, whenThereIsTime } from "./transcript/patience.js";
import { Question, titleOf } from "./transcript/question.jsx";
import { NO_TASK, TaskBox } from "./transcript/task_box.jsx";
import { InTheirPlace, Steering } from "./transcript/steering.jsx";
import { Entries, Speaking, TranscriptContext } from "./transcript/turn.jsx";
import { usePart } from "./shell/alive.jsx";

const BUNDLE = 30;
const NEWEST = 2;
const AT_FIRST = 12;
const AT_A_TIME = 20;
const NEAR = 48;

export function StudioTranscript({ run = "", flow = "", session = "", readonly = false, sampleTasks, agents, maxTurns = 0, repairs = 0, showTotals = true, onCommand, onRun }) {
  usePart("transcript");
  useFollow(run, flow);
  useStarts(onRun);
  const items = useRuns(() => shownState().items);
  const questions = useRuns(() => (shown().past ? NONE : shown().state.questions));
  const speaking = useRuns(() => (shown().past ? NONE : shown().speaking));
  const outer = useMemo(() => speaking.filter((key) => !key.includes("/")), [speaking]);
  const id = useRuns(() => shown().id);
  const known = useRuns(() => shown().replayed ?? false);
  const going = useRuns(isGoingOn);

  const latest = useRef(onCommand);
  latest.current = onCommand;
  const command = useCallback((name) => {
    if (name === "new_session") {
      leaveSession();
      show("");
    }
    latest.current?.(name);
  }, []);
  const people = JSON.stringify(agents ?? []);
  const context = useMemo(() => ({ ...colours(JSON.parse(people)), onCommand: command }), [people, command]);
  const asking = questions[0];
  useAttention(asking ? titleOf(asking, context.isHuman(asking.source)) : "");

  const bundles = useMemo(() => bundled(items), [items]);
  const { hidden, farUp } = useNewestFirst(id, bundles.length);
  const scroll = useStickToEnd(items.length + speaking.length);
  const onClick = (event) => {
    const button = event.target.closest?.("button[data-copy]");
    if (button) pressCopy(button);
  };

  return (
    <TranscriptContext.Provider value={context}>
      <section className="tr" data-testid="transcript" data-run={id} aria-label={t("transcript.label")} onClick={onClick}>
        <Bar maxTurns={maxTurns} showTotals={showTotals} mayBegin={!readonly} onCommand={command} />
        <div className="tr-scroll" ref={scroll.root} tabIndex={-1}>
          <div className="tr-list" ref={scroll.list}>
            <div role="log" aria-live={going ? "polite" : "off"} aria-busy={hidden > 0} aria-relevant="additions" aria-label={t("transcript.log")}>
              {bundles.map((bundle, index) => (index < hidden ? null : <Bundle key={`${id} ${index}`} items={bundle} isFarUp={index < farUp} />))}
            </div>
            <Speaking keys={outer} />
            {!items.length && !speaking.length && <Nothing loading={id !== "" && !known} readonly={readonly} />}
          </div>
        </div>
        {scroll.behind && <button type="button" className="tr-pill" onClick={scroll.toEnd}><Icon name="down" size={12} />{t("transcript.new_messages")}</button>}
        <div className="tr-foot">
          <Notices repair={repairs > 0 && onCommand ? () => onCommand("repair") : null} />
          <Leftovers asking={questions.find((question) => question.form === "text")} flow={readonly || going ? "" : flow} />
          {questions.map((question) => (
            <Question key={question.id} question={question} isHuman={context.isHuman(question.source)} />
          ))}
          {questions.length > 0 && <InTheirPlace names={context.members} />}
          {going && !questions.length && <Steering names={context.members} />}
          {!readonly && !going && <TaskBox flow={flow} session={session} sampleTasks={sampleTasks} />}
        </div>
      </section>
    </TranscriptContext.Provider>
  );
}

const NONE = Object.freeze([]);

function colours(agents) {
  const known = new Map(agents.map((agent) => [agent.name, agent]));
  const isHuman = (name) => name === "you" || known.get(name)?.kind === "human";
  const colorOf = (name) => {
    if (isHuman(name)) return "var(--human)";
    const color = known.get(name)?.color;
    return color == null ? "var(--muted)" : `var(--agent-${color % 8})`;
  };
  const members = agents.filter((agent) => agent.speaks !== false).map((agent) => agent.name);
  return { colorOf, isHuman, members };
}

/** Entries in bundles: only the bundle in which something changed is looked at again, and the browser skips those out of sight as one. */
function bundled(items) {
  const all = [];
  for (let at = 0; at < items.length; at += BUNDLE) all.push(items.slice(at, at + BUNDLE));
  return all;
}

/** How many of the oldest bundles are not drawn yet, and how many never were among the newest: a long run shows its end at once and the rest when there is time. */
function useNewestFirst(run, count) {
  const [drawn, setDrawn] = useState(ALL_DRAWN);
  const isNew = drawn.run !== run && count > 0;
  const rest = Math.max(0, count - AT_FIRST);
  const old = Math.max(0, count - NEWEST);
  const now = isNew ? { run, hidden: rest, farUp: old } : drawn.run === run ? drawn : ALL_DRAWN;
  useEffect(() => {
    if (isNew) setDrawn(now);
    if (!now.hidden) return undefined;
    const timer = setTimeout(() => setDrawn({ ...now, hidden: Math.max(0, now.hidden - AT_A_TIME) }));
    return () => clearTimeout(timer);
  }, [run, now.hidden, isNew]); // eslint-disable-line react-hooks/exhaustive-deps
  return now;
}

const ALL_DRAWN = Object.freeze({ run: null, hidden: 0, farUp: 0 });

const Bundle = memo(
  function Bundle({ items, isFarUp }) {
    const [isPlain, setPlain] = useState(isFarUp);
    useEffect(() => (isPlain ? whenThereIsTime(() => setPlain(false)) : undefined), [isPlain]);
    return (
      <FarUp.Provider value={isPlain}>
        <div className="tr-chunk" style={{ "--entries": items.length }}>
          <Entries items={items} />
        </div>
      </FarUp.Provider>
    );
  },
  (before, after) => before.items.length === after.items.length && before.items.every((item, index) => item === after.items[index]),
);

/** Keeps the end in view while the person is there, and says when there is more below. */
function useStickToEnd(count) {
  const root = useRef(null);
  const list = useRef(null);
  const stuck = useRef(true);
  const top = useRef(0);
  const [behind, setBehind] = useState(false);
  const toEnd = useCallback(() => {
    stuck.current = true;
    setBehind(false);
    root.current.scrollTop = root.current.scrollHeight;
  }, []);
  useLayoutEffect(() => {
    const box = root.current;
    let frame = 0;
    const toItsEnd = () => {
      frame = 0;
      if (stuck.current) box.scrollTop = box.scrollHeight;
    };
    // In the next frame: scrolling brings other entries into view, whose sizes would set off the same observer at once.
    const stick = () => {
      frame ||= requestAnimationFrame(toItsEnd);
    };
    const onScroll = () => {
      const rest = box.scrollHeight - box.scrollTop - box.clientHeight;
      if (rest < NEAR) {
        stuck.current = true;
        setBehind(false);
      } else if (box.scrollTop < top.current) stuck.current = false;
      top.current = box.scrollTop;
    };
    const observer = new ResizeObserver(stick);
    observer.observe(list.current);
    observer.observe(box);
    box.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
      box.removeEventListener("scroll", onScroll);
    };
  }, []);
  useEffect(() => {
    if (!stuck.current) setBehind(true);
  }, [count]);
  return { root, list, behind, toEnd };
}

/** What the run is at, the turn, and, once it is over, stepping through it. */
function Bar({ maxTurns, showTotals, mayBegin, onCommand }) {
  const id = useRuns(() => shown().id);
  const status = useRuns(shownStatus);
  const turn = useRuns(() => shownState().turn);
  const going = useRuns(isGoingOn);
  const connection = useRuns(() => tab.connection);
  const last = useRuns(() => shown().state.seq);
  const [stepping, setStepping] = useState("");
  const over = id !== "" && (!going || status === "paused" || stepping === id) && connection === "open";
  const steps = over && stepping === id;
  const leave = () => {
    setStepping("");
    stepTo(null);
  };
  if (!id && connection === "open") return null;
  return (
    <div className="tr-bar">
      <div className="tr-bar-row">
        {connection === "lost" ? (
          <span className="tr-status" data-status="lost" data-testid="run-status" role="status">{t("transcript.lost")}</span>
        ) : (
          <span className="tr-status" data-status={status} data-testid="run-status">{t(`status.${status || "loading"}`)}</span>
        )}
        {over && !steps && last > 1 && <button type="button" className="tr-chip" data-testid="step-through" onClick={() => { setStepping(id); stepTo(1); }}>{t("step.open")}</button>}
        {over && !going && mayBegin && <button type="button" className="tr-chip" data-testid="new-session" onClick={() => { leave(); onCommand("new_session"); }}>{t("task.new_session")}</button>}
        <span className="tr-sums">
          {showTotals && <StudioRunTotals />}
          {turn > 0 && <span className="tr-count">{maxTurns > 0 ? t("transcript.turn_of", { turn: whole(turn), most: whole(maxTurns) }) : t("transcript.turn", { turn: whole(turn) })}</span>}
        </span>
      </div>
      {steps && <Steps last={last} onLeave={leave} onForked={(begun) => { leave(); if (!mayBegin) onCommand(`run:${begun.run}`); }} />}
    </div>
  );
}

function Steps({ last, onLeave, onForked }) {
  const at = useRuns(() => shown().upTo);
  const starting = useRuns(() => tab.starting);
  useEffect(() => () => stepTo(null), []);
  const now = at ?? last;
  const go = (to) => stepTo(to >= last ? null : Math.max(1, to));
  return (
    <div className="tr-steps" role="group" aria-label={t("step.label")}>
      <button type="button" onClick={() => go(now - 1)} disabled={now <= 1} aria-label={t("step.back")}><Icon name="back" size={12} /></button>
      <input type="range" min={1} max={last} value={now} onChange={(event) => go(Number(event.target.value))} aria-label={t("step.slider")} aria-valuetext={t("step.at", { now: whole(now), last: whole(last) })} data-testid="step-slider" />
      <button type="button" onClick={() => go(now + 1)} disabled={now >= last} aria-label={t("step.forward")}><Icon name="forward" size={12} /></button>
      <span className="tr-count">{t("step.at", { now: whole(now), last: whole(last) })}</span>
      <button type="button" className="tr-plain" data-testid="continue-here" disabled={starting} title={t("step.fork_help")} onClick={() => goOnFrom(now).then((begun) => begun && onForked(begun))}>{t("step.fork")}</button>
      <button type="button" className="tr-plain" onClick={onLeave}>{t("step.close")}</button>
    </div>
  );
}

/** A refusal of the server but for a task that is missing, which its box asks for, with the repair of what is wrong with the drawing, and the offer to go on with a run that was cut short. */
function Notices({ repair }) {
  const refusal = useRuns(() => tab.refusal);
  const status = useRuns(() => (shown().past ? "" : shown().status));
  const told = refusal && refusal.code !== NO_TASK;
  const resumable = status === "interrupted" || status === "failed";
  return (
    <>
      {told && (
        <div className="tr-notice" role="alert" data-testid="refused">
          <p>{refusal.lost ? t("run.lost") : refusal.text}{refusal.remedy ? ` ${refusal.remedy}` : ""}</p>
          {repair && refusal.code === "flow" && <button type="button" className="tr-go" data-testid="refused-repair" onClick={() => (forgetRefusal(), repair())}>{t("run.repair")}</button>}
          <button type="button" className="tr-icon" onClick={forgetRefusal} aria-label={t("run.dismiss")}><Icon name="close" size={12} /></button>
        </div>
      )}
      {resumable && (
        <div className="tr-notice">
          <p>{t(`transcript.offer_${status}`)}</p>
          <button type="button" className="tr-go" data-testid="resume" onClick={resume}>{t("transcript.resume")}</button>
        </div>
      )}
    </>
  );
}

function Nothing({ loading, readonly }) {
  if (loading) return <p className="tr-nothing" role="status">{t("transcript.loading")}</p>;
  return (
    <div className="tr-nothing">
      <p>{t("transcript.empty")}</p>
      {!readonly && <p className="tr-muted">{t("transcript.empty_help")}</p>}
    </div>
  );
}
