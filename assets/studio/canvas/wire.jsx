/* A wire: from side to side of two nodes, wherever they stand; the one that was travelled last in the speaker's colour. */
import { memo } from "react";
import { getBezierPath, Position, useInternalNode, useStore } from "@xyflow/react";
import { travelled, useRuns } from "../run/store.js";
import { t } from "../texts.js";
import { NODE_SIZE } from "./graph.js";
import { ownColor } from "./nodes.jsx";
import { around, ends, GAP, wordsOf } from "./wire_ends.js";

const ARROW = 8;
const TWIN = 9;
/** How far the strokes of a cross reach from its middle. */
const CROSS = 5;
const LOOP = 26;
/** Pixels of a character of a label, about. */
const CHARACTER = 6.4;
/** Pixels between the end of an arrow and the word that says how it is joined. */
const JOIN = 22;
/** Pixels beyond which a wire is drawn without dots: thousands of them in one line take the browser seconds to paint. */
const DOTTED = 1_200;

function box(node) {
  const { x, y } = node.internals.positionAbsolute;
  return { x, y, width: node.measured.width ?? NODE_SIZE.width, height: node.measured.height ?? NODE_SIZE.height };
}

const OUT = { [Position.Right]: [1, 0], [Position.Left]: [-1, 0], [Position.Top]: [0, -1], [Position.Bottom]: [0, 1] };

function arrow({ x, y, side }) {
  const [ox, oy] = OUT[side];
  const [bx, by] = [x + ox * ARROW, y + oy * ARROW];
  const [wx, wy] = [-oy * ARROW * 0.5, ox * ARROW * 0.5];
  return `M${x} ${y}L${bx + wx} ${by + wy}L${bx - wx} ${by - wy}Z`;
}

function curve(from, to, shift, hasArrow) {
  const [a, b] = ends(from, to, shift);
  const long = Math.hypot(b.x - a.x, b.y - a.y) > DOTTED;
  const [ox, oy] = OUT[b.side];
  const tip = hasArrow ? ARROW - 1 : -GAP;
  const [path, x, y] = getBezierPath({ sourceX: a.x, sourceY: a.y, sourcePosition: a.side, targetX: b.x + ox * tip, targetY: b.y + oy * tip, targetPosition: b.side });
  return [path, b, long, { x, y }];
}

/** The words in the head of the team that a wire enters, as "x y width" of the drawing; "" where it crosses none. */
function useCrossedHead(from, to, speaks) {
  return useStore((flow) => {
    const team = speaks || !from || !to?.parentId || from.parentId === to.parentId ? null : flow.nodeLookup.get(to.parentId);
    if (!team || team.id === from.id) return "";
    const { x, y, width } = box(team);
    return `${x} ${y} ${Math.min(width, wordsOf(team.data.view))}`;
  });
}

/** Somebody who may speak twice in a row: a small loop above the right corner. */
function loop({ x, y, width }) {
  const [right, left] = [x + width - 18, x + width - 46];
  return [`M${right} ${y}C${right + 4} ${y - LOOP} ${left - 4} ${y - LOOP} ${left} ${y - GAP - ARROW + 1}`, { x: left, y: y - GAP, side: Position.Top }, false, { x: (left + right) / 2, y: y - LOOP }];
}

/** What an arrow of a graph waits for, or when a model is asked, in the middle of the way. Its width is reckoned, not measured: labels are short and many. */
function Label({ at, text, title = "" }) {
  const width = text.length * CHARACTER + 14;
  return (
    <g className="cv-wire-label" transform={`translate(${Math.round(at.x)} ${Math.round(at.y)})`}>
      {title && <title>{title}</title>}
      <rect x={-width / 2} y={-10} width={width} height={20} rx={10} />
      <text textAnchor="middle" dominantBaseline="central">{text}</text>
    </g>
  );
}

/** How arrows that meet are joined, right before their common end. */
function Join({ at, join }) {
  const [ox, oy] = OUT[at.side];
  const label = t(`canvas.join.${join}`);
  return (
    <g className="cv-wire-join" data-join={join} transform={`translate(${Math.round(at.x + ox * JOIN)} ${Math.round(at.y + oy * JOIN)})`}>
      <title>{t(`canvas.join.${join}_help`)}</title>
      <rect x={-11} y={-8} width={22} height={16} rx={8} />
      <text textAnchor="middle" dominantBaseline="central">{label}</text>
    </g>
  );
}

/** Across an arrow of somebody who may not speak next. */
function Cross({ at }) {
  const [x, y] = [Math.round(at.x), Math.round(at.y)];
  return <path className="cv-wire-cross" d={`M${x - CROSS} ${y - CROSS}L${x + CROSS} ${y + CROSS}M${x - CROSS} ${y + CROSS}L${x + CROSS} ${y - CROSS}`} />;
}

export const Wire = memo(function Wire({ source, target, data: { view, twin, hop } }) {
  const from = useInternalNode(source);
  const to = useInternalNode(target);
  const head = useCrossedHead(from, to, view.kind === "speaks");
  const now = useRuns(() => (view.kind === "speaks" || hop ? travelled(from?.data.view.name, to?.data.view.name) : ""));
  if (!from || !to) return null;
  const speaks = view.kind === "speaks";
  const shift = twin ? (source < target ? TWIN : -TWIN) : 0;
  const [path, b, long, middle] = source === target ? loop(box(from)) : curve(box(from), box(to), shift, speaks);
  const human = from.data.view.kind === "human" || to.data.view.kind === "human";
  const names = [from, to].map((end) => end.data.view.name || end.data.view.title);
  const order = view.order ? t("canvas.asked_in_place", { place: view.order }) : "";
  const title = names.join(" → ") + (view.label || order ? `: ${view.label || order}` : "");
  return (
    <g className="cv-wire" data-testid={hop ? undefined : `edge-${names.join("-")}`} data-kind={view.kind} data-human={human} data-barred={Boolean(view.barred)} data-hop={Boolean(hop)} data-long={long} data-moving={Boolean(from.dragging || to.dragging)} data-travelled={now} style={{ "--own": ownColor(from.data.view), "--to": ownColor(to.data.view) }}>
      <path className="cv-wire-grip" d={path} fill="none"><title id={`wire-${view.id}`}>{`${t(view.barred ? "canvas.wire.barred" : `canvas.wire.${view.kind}`)}: ${title}`}</title></path>
      {head && <clipPath id={`beside-${view.id}`}><path clipRule="evenodd" d={around(...head.split(" ").map(Number))} /></clipPath>}
      <path className="cv-wire-line react-flow__edge-path" d={path} fill="none" clipPath={head ? `url(#beside-${view.id})` : undefined} />
      {speaks && <path className="cv-wire-arrow" d={arrow(b)} />}
      {view.barred && <Cross at={middle} />}
      {view.join && <Join at={b} join={view.join} />}
      {view.label && <Label at={middle} text={view.label} />}
      {view.order && <Label at={middle} text={`${view.order}`} title={order} />}
      {now && <circle className="cv-pulse" r="4" style={{ offsetPath: `path("${path}")` }} />}
    </g>
  );
});

/** The wire while it is being drawn: from the box to the pointer, or to the box that takes it. */
export function WireInHand({ fromNode, toNode, toX, toY, connectionStatus }) {
  const takes = connectionStatus === "valid" && toNode;
  const to = takes ? box(toNode) : { x: toX, y: toY, width: 0, height: 0 };
  const [path, end] = takes && toNode.id === fromNode.id ? loop(to) : curve(box(fromNode), to, 0, true);
  return (
    <g className="cv-wire cv-in-hand">
      <path className="cv-wire-line" d={path} fill="none" />
      <path className="cv-wire-arrow" d={arrow(end)} />
    </g>
  );
}

export const edgeTypes = { wire: Wire };
