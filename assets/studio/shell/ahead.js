/* Fetches the parts of the editor before it is drawn: at once where the address asks for it, elsewhere while nothing else happens. */
import { useEffect } from "react";

const parts = () => void Promise.allSettled([import("../canvas.jsx"), import("../transcript.jsx"), import("../run_controls.jsx"), import("../palette.jsx")]);
const whenIdle = (work) => (window.requestIdleCallback ? window.requestIdleCallback(work, { timeout: 2_000 }) : setTimeout(work, 500));

if (typeof window !== "undefined" && /^\/(flow|run)\//.test(window.location.pathname)) parts();

export function Ahead() {
  useEffect(() => {
    if (document.readyState === "complete") whenIdle(parts);
    else window.addEventListener("load", () => whenIdle(parts), { once: true });
  }, []);
  return null;
}
