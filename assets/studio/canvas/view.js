/* Which part of the drawing is in view: all of it at first, what was added, and otherwise what the person looks at. */
import { useEffect, useRef } from "react";
import { useNodesInitialized } from "@xyflow/react";
import { whole } from "./around.jsx";
import { absolute, shiftInto, sizeOf } from "./graph.js";

/** Below this size of 1 names cannot be read. */
const LEGIBLE = 0.5;
/** Nodes up to which a drawing is rather read than seen whole. */
const SMALL = 40;
/** Pixels at each side of the canvas that something larger than it leaves free when it is brought into view. */
const EDGE = 20;

/** Brings the whole flow into view when it is opened, and again when panels take or give room, until the person looks elsewhere. */
export function useFit(flow, root, id, count) {
  const ready = useNodesInitialized();
  const fitted = useRef(null);
  const view = useRef(null);
  useEffect(() => {
    let frame = 0;
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      const now = flow.getViewport();
      const isSame = view.current && ["x", "y", "zoom"].every((each) => Math.abs(now[each] - view.current[each]) < 0.01);
      if (isSame) frame = requestAnimationFrame(() => void fitInto(view, flow));
    });
    observer.observe(root.current);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
    };
  }, [flow, root]);
  useEffect(() => {
    if (!id || fitted.current === id) return;
    if (count === 0) fitted.current = id;
    else if (ready) {
      fitted.current = id;
      void fitInto(view, flow);
    }
  }, [flow, id, ready, count]);
}

/** A small drawing that would be too small to read shows what it is about at a legible size; "Fit" shows all of it. */
async function fitInto(view, flow) {
  await flow.fitView(whole(0));
  const nodes = flow.getNodes();
  if (flow.getZoom() < LEGIBLE && nodes.length <= SMALL) {
    const teams = nodes.filter((node) => node.type === "team");
    await flow.fitView({ ...whole(0), nodes: teams.length ? teams : nodes.filter((node) => node.type === "agent"), minZoom: LEGIBLE });
  }
  view.current = flow.getViewport();
}

/** Shifts the view by as little as shows what was added, farther away where it is larger than the canvas; one that is not seen shows all when it is. */
export function bringIntoView(flow, canvas, added, nodes) {
  const { width, height } = canvas.getBoundingClientRect();
  if (!added.length || !width) return;
  const { x, y, zoom } = flow.getViewport();
  const box = boxAround(added, new Map(nodes.map((node) => [node.id, node])));
  const near = Math.max(LEGIBLE, Math.min((width - 2 * EDGE) / box.width, (height - 2 * EDGE) / box.height));
  if (near < zoom) {
    const place = (from, length, most) => Math.max(EDGE, (most - length * near) / 2) - from * near;
    void flow.setViewport({ x: place(box.x, box.width, width), y: place(box.y, box.height, height), zoom: near }, { duration: 120 });
    return;
  }
  const by = (from, length, most) => shiftInto(from, length * zoom, most);
  const shift = { x: by(box.x * zoom + x, box.width, width), y: by(box.y * zoom + y, box.height, height) };
  if (shift.x || shift.y) void flow.setViewport({ x: x + shift.x, y: y + shift.y, zoom }, { duration: 120 });
}

function boxAround(added, byId) {
  const boxes = added.map((node) => ({ ...absolute(node, byId), ...sizeOf(node) }));
  const [x, y] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
  return { x, y, width: Math.max(...boxes.map((box) => box.x + box.width)) - x, height: Math.max(...boxes.map((box) => box.y + box.height)) - y };
}
