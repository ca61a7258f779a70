/* Fetches the parts of the editor while nothing else happens: whoever opens a flow from another page waits for none of them. */
import { useEffect } from "react";

const parts = () => void Promise.allSettled([import("../canvas.jsx"), import("../transcript.jsx"), import("../run_controls.jsx"), import("../palette.jsx")]);
const whenIdle = (work) => (window.requestIdleCallback ? window.requestIdleCallback(work, { timeout: 2_000 }) : setTimeout(work, 500));

export function Ahead() {
  useEffect(() => {
    if (document.readyState === "complete") whenIdle(parts);
    else window.addEventListener("load", () => whenIdle(parts), { once: true });
  }, []);
  return null;
}
