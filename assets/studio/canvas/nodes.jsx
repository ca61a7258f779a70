/* What stands on the canvas: agents, teams, notes, and the small quiet parts that they use. */
import { createContext, memo, useContext, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Handle, NodeResizeControl, Position, useStore } from "@xyflow/react";
import { Icon, KindIcon } from "../icons.jsx";
import { counted, duration, t } from "../texts.js";
import { failureOf, phaseOf, shown, shownState, useRuns } from "../run/store.js";
import { listenTo } from "../run/live.js";
import { rendered } from "../transcript/markdown.js";
import { left, useHover } from "./board.js";
import { fits } from "./graph.js";

const MOST_CHIPS = 3;
const TAIL = 220;

/** The colour that belongs to a node everywhere: canvas, palette, transcript. */
export const ownColor = ({ kind, color }) => (kind === "human" ? "var(--human)" : color == null ? "var(--muted)" : `var(--agent-${color % 8})`);

/** What a node may tell its canvas: `resized(id, {x, y, width, height})`. */
export const CanvasActions = createContext({ resized() {} });

const SIDES = [Position.Right, Position.Left, Position.Top, Position.Bottom];

/**
 * While a wire is drawn: "yes" when it may end here, "no" when not, "from" where it began, "" otherwise. "back" is where it began and
 * may end too: somebody who may speak twice in a row. The pointer must have left it, so that a mere press draws no wire.
 */
function useFit(view) {
  return useHover(({ connecting, isAway }) => {
    if (!connecting) return "";
    if (connecting.id === view.id) return isAway && fits(view, view) ? "back" : "from";
    return fits(connecting, view) ? "yes" : "no";
  });
}

/**
 * Where React Flow finds the ends of wires: it looks for these classes whenever it measures a node. The ports themselves listen to
 * every movement on the canvas, so they are there only while they can be used: 1,500 of them would make a large drawing slow.
 */
function Ports({ view, fit, active }) {
  const gives = view.gives && (active || fit === "from" || fit === "back");
  return (
    <>
      {view.gives && SIDES.map((side) => <i key={side} className="cv-anchor source" data-handleid={side} data-handlepos={side} aria-hidden="true" />)}
      <i className="cv-anchor target" data-handlepos={Position.Left} aria-hidden="true" />
      {(fit === "yes" || fit === "back") && <Handle type="target" position={Position.Left} className="cv-target" isConnectableStart={false} />}
      {gives &&
        SIDES.map((side) => (
          <Handle key={side} id={side} type="source" position={side} className="cv-port" isConnectableEnd={false} aria-hidden="true" title={t(`canvas.port.${view.gives}`)} />
        ))}
    </>
  );
}

const Failed = () => <span className="cv-badge" data-level="error"><Icon name="warning" size={12} />{t("canvas.failed")}</span>;

/** Why somebody could not go on, and what helps: shortened to the place there is, and whole where the pointer rests. */
function Failure({ text, remedy }) {
  return (
    <div className="cv-failure" title={remedy ? `${text}\n${remedy}` : text}>
      <p>{text}</p>
      {remedy && <p>{remedy}</p>}
    </div>
  );
}

function Badge({ problems }) {
  if (!problems?.length) return null;
  const level = problems.some((each) => each.level === "error") ? "error" : problems.some((each) => each.level === "warning") ? "warning" : "hint";
  const text = problems.map((each) => each.text).join("\n");
  return (
    <span className="cv-badge" data-level={level} title={text} role="img" aria-label={`${counted("canvas.problems", problems.length)}: ${text}`}>
      <Icon name={level === "hint" ? "info" : "warning"} size={12} />
      {problems.length > 1 && problems.length}
    </span>
  );
}

/** The place in a round: who speaks first, second, third. */
function Place({ turn }) {
  if (turn == null) return null;
  const label = t("canvas.turn", { turn });
  return <span className="cv-turn" title={label} role="img" aria-label={label}>{turn}</span>;
}

function Chips({ chips, most = MOST_CHIPS }) {
  if (!chips?.length) return null;
  const rest = chips.slice(most);
  return (
    <div className="cv-chips">
      {chips.slice(0, most).map((chip, index) => (
        <span key={index} className="cv-chip" title={chip}>{chip}</span>
      ))}
      {rest.length > 0 && <span className="cv-chip cv-more" title={rest.join(", ")}>+{rest.length}</span>}
    </div>
  );
}

/** The end of what the node is saying, written into the page without a render for every token. */
function Tail({ name, what }) {
  const text = useRef(null);
  const live = useRuns(() => shown().live.get(name) ?? null);
  const kept = useRuns(() => (shown().past ? (shownState().lines[name] ?? "") : ""));
  // Before the page is measured: React Flow measures nodes in the same frame, and must not see them grow once more.
  useLayoutEffect(() => {
    const heard = live ? listenTo(live, ({ text: more, output }) => write(more + output)) : null;
    let tail = "";
    function write(more) {
      if (!more || !text.current) return;
      tail = (tail + more).slice(-TAIL);
      text.current.textContent = tail.length === TAIL ? `…${tail.trimStart()}` : tail;
    }
    if (text.current) text.current.textContent = "";
    write(heard ? heard.said.text + heard.said.output : kept);
    return heard?.stop;
  }, [name, live, kept]);
  return (
    <div className="cv-tail" data-what={what}>
      <span><span><span ref={text} /><span className="cv-caret" /></span></span>
    </div>
  );
}

function Seconds({ name }) {
  const text = useRef(null);
  const since = useRuns(() => shown().live.get(name)?.since ?? 0);
  useLayoutEffect(() => {
    if (!since) return undefined;
    const show = () => {
      if (text.current) text.current.textContent = duration((performance.now() - since) / 1000);
    };
    show();
    const timer = setInterval(show, 100);
    return () => clearInterval(timer);
  }, [since]);
  return since ? <span className="cv-seconds" ref={text} /> : null;
}

/** Whether the pointer or the keyboard is at this node: [active, handlers]. */
function useNear(selected, id) {
  const [near, setNear] = useState(false);
  const handlers = useMemo(
    () => ({
      onPointerEnter: () => setNear(true),
      onPointerLeave: () => {
        setNear(false);
        left(id);
      },
    }),
    [id],
  );
  return [near || selected, handlers];
}

const AgentNode = memo(function AgentNode({ id, selected, data: { view } }) {
  const phase = useRuns(() => phaseOf(view.name));
  const failure = useRuns(() => failureOf(view.name));
  const fit = useFit(view);
  const [active, near] = useNear(selected, id);
  const talking = phase && phase !== "asked" && phase !== "error";
  return (
    <div className="cv-agent" {...near} data-phase={phase} data-fit={fit} data-human={view.kind === "human"} style={{ "--own": ownColor(view) }}>
      <div className="cv-head">
        <span className="cv-dot" />
        <span className="cv-name" title={view.name}>{view.name}</span>
        {phase === "asked" && <span className="cv-asked">{t("canvas.asked")}</span>}
        {failure && <Failed />}
        {talking && <Seconds name={view.name} />}
        {!phase && <Place turn={view.turn} />}
        <Badge problems={view.problems} />
      </div>
      {failure ? <Failure {...failure} /> : view.line && <div className="cv-line" title={view.line}>{view.line}</div>}
      {active && <Chips chips={view.chips} />}
      {talking && <Tail name={view.name} what={phase} />}
      <Ports view={view} fit={fit} active={active} />
    </div>
  );
});

/** Resized to the right and down only: the members then stay where they are. */
function Grips({ id, minWidth, minHeight }) {
  const { resized } = useContext(CanvasActions);
  const rest = { minWidth, minHeight, onResizeEnd: (_, box) => resized(id, box) };
  return (
    <>
      <NodeResizeControl {...rest} variant="line" position="right" className="cv-resize-line" />
      <NodeResizeControl {...rest} variant="line" position="bottom" className="cv-resize-line" />
      <NodeResizeControl {...rest} position="bottom-right" className="cv-resize" />
    </>
  );
}

const TeamNode = memo(function TeamNode({ id, selected, data: { view } }) {
  const over = useHover((hover) => hover.team === id);
  const isEmpty = useStore((flow) => !flow.parentLookup.get(id)?.size);
  const phase = useRuns(() => (view.parent ? phaseOf(view.name) : ""));
  const failure = useRuns(() => failureOf(view.name));
  const choosing = useRuns(() => shown().status === "running" && shown().at.get(view.name) === "choosing");
  const asked = useRuns(() => shownState().questions.some((question) => question.source === view.name));
  const fit = useFit(view);
  const [active, near] = useNear(selected, id);
  return (
    <div className="cv-team" {...near} data-kind={view.kind} data-phase={failure ? "error" : phase} data-over={over} data-fit={fit} data-selected={selected} data-inner={Boolean(view.parent)}>
      {selected && <Grips id={id} minWidth={240} minHeight={140} />}
      <div className="cv-team-head">
        {view.kind !== "team" && <span className="cv-team-kind" title={t(`canvas.team.${view.kind}`)}><KindIcon kind={view.kind} size={14} /></span>}
        <span className="cv-team-name" title={view.line || view.name}>{view.name}</span>
        {choosing ? <span className="cv-chip cv-choosing">{t("canvas.choosing")}</span> : null}
        {asked ? <span className="cv-asked">{t("canvas.asked")}</span> : null}
        {failure && <Failed />}
        <Chips chips={view.chips} />
        <Place turn={view.turn} />
        <Badge problems={view.problems} />
      </div>
      {failure && <Failure {...failure} />}
      {isEmpty && <p className="cv-team-empty">{t(view.kind === "filter" ? "canvas.filter_empty" : "canvas.team_empty")}</p>}
      <Ports view={view} fit={fit} active={view.parent ? active : selected} />
    </div>
  );
});

/** A model, a tool, a stop rule: what it is, in grey, and which one. */
const PartNode = memo(function PartNode({ id, selected, data: { view } }) {
  const fit = useFit(view);
  const [active, near] = useNear(selected, id);
  const main = view.line || view.name;
  return (
    <div className="cv-part" {...near} data-fit={fit} data-category={view.category}>
      <div className="cv-head">
        <KindIcon kind={view.kind} category={view.category} size={12} />
        <span className="cv-title" title={view.title}>{view.title}{view.line && view.name && view.name !== view.title ? ` · ${view.name}` : ""}</span>
        <Badge problems={view.problems} />
      </div>
      {main && <div className="cv-main" title={main}>{main}</div>}
      <Ports view={view} fit={fit} active={active} />
    </div>
  );
});

function NoteText({ text }) {
  const root = useRef(null);
  useLayoutEffect(() => root.current.replaceChildren(rendered(text)), [text]);
  return <div className="cv-note-text" ref={root} />;
}

const NoteNode = memo(function NoteNode({ id, selected, data: { view } }) {
  return (
    <div className="cv-note" data-selected={selected}>
      {selected && <Grips id={id} minWidth={120} minHeight={48} />}
      {view.text ? <NoteText text={view.text} /> : <span className="cv-empty">{t("canvas.note_empty")}</span>}
    </div>
  );
});

export const nodeTypes = { agent: AgentNode, team: TeamNode, part: PartNode, note: NoteNode };
