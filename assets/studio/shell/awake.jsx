/* Says when the person comes back to this tab: what others changed meanwhile can then be fetched. */
import { useEffect, useRef } from "react";

export function Awake({ onWake }) {
  const latest = useRef(onWake);
  latest.current = onWake;
  useEffect(() => {
    const wake = () => document.visibilityState === "visible" && latest.current?.();
    document.addEventListener("visibilitychange", wake);
    window.addEventListener("focus", wake);
    return () => {
      document.removeEventListener("visibilitychange", wake);
      window.removeEventListener("focus", wake);
    };
  }, []);
  return null;
}
