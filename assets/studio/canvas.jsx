/* The canvas: draws the flow, turns gestures into edits, and shows on the nodes what happens while the flow runs. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Background, MiniMap, Panel, ReactFlow, ReactFlowProvider, SelectionMode, useReactFlow } from "@xyflow/react";
import { t } from "./texts.js";
import { shownState, shownStatus, useRuns } from "./run/store.js";
import { runOrReveal } from "./run/actions.js";
import { Far, Nothing, Targets, whole, Zoom } from "./canvas/around.jsx";
import { DRAG_TYPE, setAdder, setHover } from "./canvas/board.js";
import { gestures } from "./canvas/gestures.js";
import { useKeys } from "./canvas/keys.js";
import { CanvasActions, nodeTypes, ownColor } from "./canvas/nodes.jsx";
import { ABOVE, GRID, teamAt } from "./canvas/graph.js";
import { useMeasured } from "./canvas/measured.js";
import { useDrawing } from "./canvas/use_drawing.js";
import { bringIntoView, useFit } from "./canvas/view.js";
import { usePart } from "./shell/alive.jsx";
import { handOver, takerOf } from "./shell/handed.js";
import { hasChosenPanel } from "./shell/panes.js";
import { edgeTypes, WireInHand } from "./canvas/wire.jsx";

const MANY = 200;
const OPTIONS = { hideAttribution: true };
const SEVERAL = ["Meta", "Control", "Shift"];
const SNAP = [GRID, GRID];

export function StudioCanvas(props) {
  return (
    <ReactFlowProvider>
      <Board {...props} />
    </ReactFlowProvider>
  );
}

function Board({ graph, patch, selected, focus, readonly = false, snap = false, onSelect, onOpen, onCommand }) {
  const root = useRef(null);
  const flow = useReactFlow();
  const { drawing, loaded, now, change, send, onNodesChange, onEdgesChange } = useDrawing({ graph, patch, onCommand });
  const [choosing, setChoosing] = useState(null);

  const does = useMemo(() => {
    const centre = () => {
      const box = root.current.getBoundingClientRect();
      return flow.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
    };
    return gestures({ now, change, send, centre });
  }, [now, change, send, flow]);

  const showChosen = useCallback((beside = []) => bringIntoView(flow, root.current, [...beside, ...does.chosenNodes()], now().nodes), [does, flow, now]);
  const duplicate = () => {
    const originals = does.chosenNodes();
    if (!does.duplicate()) return false;
    showChosen(originals);
    return true;
  };

  useEffect(() => {
    if (readonly) return undefined;
    setAdder((entry) => {
      does.add(entry);
      showChosen();
    });
    return () => setAdder(null);
  }, [does, showChosen, readonly]);

  useFit(flow, root, loaded, drawing.nodes.length);
  useMeasured(flow, drawing.nodes);
  useSelection({ drawing, does, flow, selected, focus, onSelect });

  const act = (name, event, arrow) => {
    const edits = !readonly;
    const actions = {
      undo: () => onCommand?.("undo"),
      redo: () => onCommand?.("redo"),
      help: () => onCommand?.("help"),
      palette: () => onCommand?.("palette"),
      run: () => {
        document.activeElement?.blur?.();
        runOrReveal({ flow: graph?.flow, onCommand });
      },
      remove: () => edits && does.remove(),
      duplicate: () => edits && duplicate(),
      select_all: () => does.selectAll(),
      nudge: () => edits && does.nudge(arrow, event.altKey || event.shiftKey ? 1 : undefined),
      escape: () => {
        setChoosing(null);
        setHover({ connecting: null, isAway: false });
        does.select([]);
      },
      choose: () => focused(event, (id) => does.select([id])),
      open: () => focused(event, (id) => {
        does.select([id]);
        onOpen?.(id);
      }),
      fit: () => void flow.fitView(whole()),
      zoom_in: () => void flow.zoomIn({ duration: 120 }),
      zoom_out: () => void flow.zoomOut({ duration: 120 }),
      connect: () => edits && beginConnecting(),
    };
    return actions[name]?.();
  };

  const beginConnecting = () => {
    const [from, ...others] = does.chosenNodes();
    if (!from || others.length || !from.data.view.gives) return false;
    setHover({ connecting: does.start(from.id) });
    setChoosing({ from: from.id, name: from.data.view.name || from.data.view.title, targets: does.targetsOf(from.id).map((node) => node.data.view) });
    return true;
  };
  const endConnecting = (target) => {
    if (target) does.connect(choosing.from, target);
    setChoosing(null);
    setHover({ connecting: null, isAway: false });
  };

  const clip = (kind, event) => {
    if (kind === "paste") return !readonly && does.paste(event.clipboardData?.getData("text/plain") ?? "") && (showChosen(), true);
    const text = does.copy();
    if (!text) return false;
    event.clipboardData?.setData("text/plain", text);
    if (kind === "cut" && !readonly) does.remove();
    return true;
  };
  useKeys(root, act, clip);
  usePart("canvas");

  const takerUnder = (event) => {
    const id = event.target.closest?.(".react-flow__node")?.dataset.id;
    return id ? takerOf(id, now().nodes.map((node) => node.data.view), now().edges.map((edge) => edge.data.view)) : null;
  };
  const onDragOver = (event) => {
    if (readonly) return;
    if (event.dataTransfer.types.includes("Files")) {
      if (takerUnder(event)) event.preventDefault();
      return;
    }
    if (!event.dataTransfer.types.includes(DRAG_TYPE)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    setHover({ team: teamUnder(event) });
  };
  const teamUnder = (event) => {
    const point = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    return teamAt(now().nodes, point)?.id ?? "";
  };
  const onDrop = (event) => {
    const held = event.dataTransfer.getData(DRAG_TYPE);
    setHover({ team: "" });
    if (readonly) return;
    const taker = event.dataTransfer.files.length ? takerUnder(event) : null;
    if (taker) {
      event.preventDefault();
      does.select([taker]);
      onOpen?.(taker);
      handOver(taker, [...event.dataTransfer.files]);
      return;
    }
    if (!held) return;
    event.preventDefault();
    const entry = entryOf(held);
    if (entry) does.add(entry, flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
  };

  // React Flow tells all its nodes of every handler that changed: these keep their identity.
  const pointer = useMemo(
    () => ({
      onConnect: ({ source, target }) => does.connect(source, target),
      onConnectStart: (_, { nodeId }) => setHover({ isAway: false, connecting: does.start(nodeId) }),
      onConnectEnd: () => setHover({ connecting: null, isAway: false }),
      isValidConnection: ({ source, target }) => Boolean(does.mayConnect(source, target)),
      onNodeDrag: (_, __, dragged) => setHover({ team: does.teamBelow(dragged) }),
      onNodeDragStop: (_, __, dragged) => {
        setHover({ team: "" });
        does.drop(dragged);
      },
      onSelectionEnd: () => does.leaveHalfTeams(),
      onSelectionDragStop: (_, dragged) => does.drop(dragged),
    }),
    [does, now],
  );
  const opens = useRef(onOpen);
  opens.current = onOpen;
  const open = useCallback((_, node) => opens.current?.(node.id), []);

  const status = useRuns(shownStatus);
  const actions = useMemo(() => ({ resized: does.resized }), [does]);
  const edges = useHop(drawing);

  return (
    <CanvasActions.Provider value={actions}>
      <div ref={root} className="cv" data-testid="canvas" data-status={status} data-many={drawing.nodes.length > MANY} onDragStart={stay} onDragOver={onDragOver} onDragLeave={() => setHover({ team: "" })} onDrop={onDrop}>
        <ReactFlow
          nodes={drawing.nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onNodesChange={onNodesChange}
          onEdgesChange={onEdgesChange}
          {...pointer}
          onNodeDoubleClick={open}
          nodesDraggable={!readonly}
          nodesConnectable={!readonly}
          edgesReconnectable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode="Shift"
          selectionMode={SelectionMode.Partial}
          multiSelectionKeyCode={SEVERAL}
          panActivationKeyCode="Space"
          zoomOnDoubleClick={false}
          zIndexMode="manual"
          elevateNodesOnSelect={false}
          onlyRenderVisibleElements={drawing.nodes.length > MANY}
          snapToGrid={snap}
          snapGrid={SNAP}
          minZoom={0.1}
          maxZoom={2}
          connectionRadius={24}
          connectionDragThreshold={0}
          connectionLineComponent={WireInHand}
          proOptions={OPTIONS}
          aria-label={t("canvas.label")}
        >
          <Background gap={16} size={1.4} color="var(--grid)" />
          <Panel position="bottom-left"><Zoom /></Panel>
          <Far root={root} />
          {drawing.nodes.length > 0 && <MiniMap position="bottom-right" pannable zoomable nodeColor={mapColor} nodeStrokeColor={mapLine} nodeBorderRadius={6} nodeStrokeWidth={3} ariaLabel={t("canvas.map")} maskColor="var(--map-mask)" />}
          {choosing && <Panel position="top-center"><Targets {...choosing} onChoose={endConnecting} /></Panel>}
        </ReactFlow>
        {graph?.nodes && drawing.nodes.length === 0 && <Nothing readonly={readonly} onCommand={onCommand} />}
      </div>
    </CanvasActions.Provider>
  );
}

/** Where text of the page is selected a browser drags that text away, and whoever drew a wire never hears that the mouse was released. */
const stay = (event) => event.preventDefault();

/** The entry of the palette that was dragged; null when somebody else made the text. */
function entryOf(held) {
  try {
    const entry = JSON.parse(held);
    return typeof entry?.kind === "string" && typeof entry.category === "string" ? entry : null;
  } catch {
    return null;
  }
}

const mapColor = (node) => (node.type === "team" ? "transparent" : node.type === "agent" ? ownColor(node.data.view) : "var(--line-strong)");
const mapLine = (node) => (node.type === "team" ? "var(--muted)" : "transparent");

function focused(event, use) {
  const id = event.target?.closest?.(".react-flow__node, .react-flow__edge")?.dataset.id;
  if (!id) return false;
  use(id);
  return true;
}

/** Does something once what came in the same message is drawn; gives a function that calls it off. */
function afterDrawing(act) {
  let frame = requestAnimationFrame(() => (frame = requestAnimationFrame(act)));
  return () => cancelAnimationFrame(frame);
}

/** Tells the page what is chosen, and chooses what the page asks for; an echo of what was told is no wish. */
function useSelection({ drawing, does, flow, selected, focus, onSelect }) {
  const told = useRef("[]");
  const echoes = useRef([]);
  const latest = useRef(onSelect);
  latest.current = onSelect;
  const chosen = useMemo(() => JSON.stringify([...drawing.nodes, ...drawing.edges].filter((item) => item.selected).map((item) => item.id)), [drawing]);

  useEffect(() => {
    if (chosen === told.current) return undefined;
    const since = performance.now();
    const timer = setTimeout(() => {
      told.current = chosen;
      echoes.current = [...echoes.current, chosen].slice(-8);
      latest.current?.(JSON.parse(chosen), !hasChosenPanel(since));
    }, 60);
    return () => clearTimeout(timer);
  }, [chosen]);

  const wish = JSON.stringify(selected ?? null);
  useEffect(() => {
    if (wish === "null" || wish === told.current) return;
    const echo = echoes.current.indexOf(wish);
    if (echo >= 0) echoes.current.splice(0, echo + 1);
    else does.select(JSON.parse(wish));
  }, [wish, does]);

  const asked = focus?.seq;
  useEffect(() => {
    if (!asked) return undefined;
    if (!focus.ids.length) return afterDrawing(() => void flow.fitView(whole()));
    does.select(focus.ids);
    flow.fitView({ ...whole(), nodes: focus.ids.map((id) => ({ id })), padding: 0.6 });
    return undefined;
  }, [asked]); // eslint-disable-line react-hooks/exhaustive-deps
}

/** The edges, and the hop that the conversation just made where no wire was drawn for it. */
function useHop({ nodes, edges }) {
  const hop = useRuns(() => {
    const { hop: made } = shownState();
    const status = shownStatus();
    return made?.from && made.from !== made.to && (status === "running" || status === "waiting") ? `${made.from}\n${made.to}` : "";
  });
  const ids = useMemo(() => {
    const [from, to] = hop.split("\n");
    const find = (name) => nodes.find((node) => (node.type === "agent" || node.type === "team") && node.data.view.name === name)?.id;
    return hop ? [find(from), find(to)] : [];
  }, [hop, nodes]);
  const [source, target] = ids;
  const drawnAlready = edges.some((edge) => edge.source === source && edge.target === target && edge.data.view.kind === "speaks");
  return useMemo(() => {
    if (!source || !target || drawnAlready) return edges;
    const view = { id: "hop", kind: "speaks", source, target };
    const twin = edges.some((edge) => edge.source === target && edge.target === source && edge.data.view.kind === "speaks");
    return [...edges, { id: "hop", type: "wire", source, target, selectable: false, focusable: false, zIndex: ABOVE.arrows, data: { view, twin, hop: true } }];
  }, [edges, source, target, drawnAlready]);
}
