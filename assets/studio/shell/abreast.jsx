/* Keeps a page abreast of its flow: says when it is not as the page shows it any more, and when the person comes back to this tab. */
import { useEffect, useRef } from "react";
import { watchFlow } from "../run/flows.js";

/** What this tab changed itself is on its way back already. */
const OWN = 80;
const FIRST_AGAIN = 2_000;
const LONGEST = 30_000;

export function Abreast({ flow, rev, onNews }) {
  const latest = useRef({});
  latest.current = { rev, onNews };

  useEffect(() => {
    const wake = () => document.visibilityState === "visible" && latest.current.onNews?.();
    document.addEventListener("visibilitychange", wake);
    window.addEventListener("focus", wake);
    return () => {
      document.removeEventListener("visibilitychange", wake);
      window.removeEventListener("focus", wake);
    };
  }, []);

  useEffect(() => {
    if (!flow) return undefined;
    let timer = 0;
    // Asked again until it is seen: the line to the page's state may be lost while this one is there.
    const ask = (newest, again) => {
      if (newest === latest.current.rev) return;
      latest.current.onNews?.();
      timer = setTimeout(ask, again, newest, Math.min(2 * again, LONGEST));
    };
    const stop = watchFlow(flow, (newest) => {
      clearTimeout(timer);
      timer = setTimeout(ask, OWN, newest, FIRST_AGAIN);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [flow]);
  return null;
}
