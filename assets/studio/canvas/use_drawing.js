/* The drawing that the person sees and changes: the server's graph and patches below, the person's own edits on top, at once. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { applyEdgeChanges, applyNodeChanges } from "@xyflow/react";
import { send as sendChange, unsent } from "../shell/unsent.js";
import { patched, replaced } from "./graph.js";

/** The ids of the nodes that an edit lays or sizes anew. */
const placedBy = (edit) => (edit.type === "several" ? edit.edits.flatMap(placedBy) : edit.type === "move" ? edit.moves.map((move) => move.id) : edit.type === "resize" ? [edit.id] : []);

/** The ids of the nodes and wires that an edit makes. */
const madeBy = (edit) => (edit.type === "several" ? edit.edits.flatMap(madeBy) : edit.type === "add" ? [...edit.nodes, ...edit.edges].map((each) => each.id) : edit.type === "connect" ? [edit.edge.id] : []);

/**
 * `drawing` is {nodes, edges} of React Flow, `loaded` the flow that it shows, `now()` the newest one, `change(next)` shows another, `send(edit)` tells the server.
 * A patch never moves what the person has moved and the server does not have yet; patches that are old are passed over; a gap asks for everything ("resync").
 */
export function useDrawing({ graph, patch, onCommand }) {
  const [drawing, setDrawing] = useState({ nodes: [], edges: [] });
  const [loaded, setLoaded] = useState("");
  const newest = useRef(drawing);
  const place = useRef({ flow: null, rev: -1, seq: null });
  const command = useRef(onCommand);
  command.current = onCommand;

  const change = useCallback((next) => {
    newest.current = next;
    setDrawing(next);
  }, []);
  const now = useCallback(() => newest.current, []);

  useEffect(() => {
    if (!graph?.nodes) return;
    const same = place.current.flow === graph.flow;
    const old = same ? newest.current : { nodes: [], edges: [] };
    place.current = { flow: graph.flow, rev: graph.rev ?? 0, seq: null };
    setLoaded(graph.flow ?? "");
    change(replaced(graph, old, new Set(unsent(graph.flow).flatMap(madeBy))));
  }, [graph, change]);

  useEffect(() => {
    const patches = (Array.isArray(patch) ? patch : [patch]).filter((each) => each?.seq != null);
    for (const each of patches) {
      const here = place.current;
      if (each.flow !== undefined && each.flow !== here.flow) continue;
      if (here.seq === null ? each.rev <= here.rev : each.seq <= here.seq) {
        here.seq ??= each.seq;
        continue;
      }
      if (here.seq !== null && each.seq > here.seq + 1) command.current?.("resync");
      Object.assign(here, { seq: each.seq, rev: each.rev });
      const moving = new Set(unsent(here.flow).flatMap(placedBy));
      for (const node of newest.current.nodes) if (node.dragging || node.resizing) moving.add(node.id);
      change(patched(newest.current, each, (id) => moving.has(id)));
    }
  }, [patch, graph, change]);

  const send = useCallback((edit) => sendChange(place.current.flow, edit), []);

  const onNodesChange = useCallback((changes) => change({ ...newest.current, nodes: applyNodeChanges(changes, newest.current.nodes) }), [change]);
  const onEdgesChange = useCallback((changes) => change({ ...newest.current, edges: applyEdgeChanges(changes, newest.current.edges) }), [change]);

  return useMemo(() => ({ drawing, loaded, now, change, send, onNodesChange, onEdgesChange }), [drawing, loaded, now, change, send, onNodesChange, onEdgesChange]);
}
