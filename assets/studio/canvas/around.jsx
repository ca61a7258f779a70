/* What lies around the drawing: the zoom, where a wire may end, and what to do with an empty canvas. */
import { useEffect, useRef } from "react";
import { useReactFlow, useStore } from "@xyflow/react";
import { Icon } from "../icons.jsx";
import { t } from "../texts.js";

const MAP = 112;

/** How the whole flow is shown: above the map and the zoom buttons, which lie at the foot of the canvas. */
export function whole(duration = 200) {
  const padding = window.innerWidth < 640 ? { top: "16px", left: "16px", right: "16px", bottom: "56px" } : { top: "36px", left: "36px", right: "36px", bottom: `${MAP}px` };
  return { maxZoom: 1, duration, padding };
}

/** Below these zooms the line of a node is smaller than 7 px, and its name smaller than 6 px. */
const FAR = [0.58, 0.45];

/** Tells the stylesheet how far away the drawing is: nothing is drawn anew for it. */
export function Far({ root }) {
  const far = useStore((state) => FAR.filter((zoom) => state.transform[2] < zoom).length);
  useEffect(() => {
    root.current.dataset.far = far;
  }, [far, root]);
  return null;
}

export function Zoom() {
  const flow = useReactFlow();
  const percent = useStore((state) => Math.round(state.transform[2] * 100));
  return (
    <div className="cv-zoom" role="group" aria-label={t("canvas.zoom")}>
      <button type="button" onClick={() => flow.zoomOut({ duration: 120 })} aria-label={t("canvas.zoom_out")}><Icon name="minus" size={12} /></button>
      <button type="button" className="cv-percent" data-testid="zoom-level" onClick={() => flow.zoomTo(1, { duration: 120 })} title={t("canvas.zoom_reset")}>{t("canvas.percent", { percent })}</button>
      <button type="button" onClick={() => flow.zoomIn({ duration: 120 })} aria-label={t("canvas.zoom_in")}><Icon name="plus" size={12} /></button>
      <button type="button" onClick={() => flow.fitView(whole())} title={t("canvas.fit_help")}>{t("canvas.fit")}</button>
    </div>
  );
}

/** Draws a wire with the keyboard: a list of where it may end. */
export function Targets({ name, targets, onChoose }) {
  const list = useRef(null);
  useEffect(() => list.current?.querySelector("button")?.focus(), []);
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") onChoose(null);
    else if (step) {
      const all = [...list.current.querySelectorAll("button")];
      all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="cv-targets nodrag nopan" ref={list} role="menu" aria-label={t("canvas.connect", { name })} onKeyDown={onKeyDown}>
      <span>{targets.length ? t("canvas.connect_to", { name }) : t("canvas.connect_none", { name })}</span>
      {targets.map((view) => (
        <button key={view.id} type="button" role="menuitem" onClick={() => onChoose(view.id)}>{view.name || view.title}</button>
      ))}
      <button type="button" role="menuitem" className="cv-quiet" onClick={() => onChoose(null)}>{t("canvas.cancel")}</button>
    </div>
  );
}

export function Nothing({ readonly, onCommand }) {
  return (
    <div className="cv-nothing">
      <p className={readonly ? undefined : "wide-only"}>{t(readonly ? "canvas.empty_readonly" : "canvas.empty")}</p>
      {!readonly && (
        <p className="narrow-only">
          <button type="button" onClick={() => onCommand?.("add")}>{t("canvas.empty_add")}</button>
        </p>
      )}
      {!readonly && (
        <p>
          {t("canvas.empty_or")} <button type="button" onClick={() => onCommand?.("templates")}>{t("canvas.empty_template")}</button>
        </p>
      )}
    </div>
  );
}
