/* A moment as people say it: "3 minutes ago", kept true while the page is open; the exact time is its tooltip. */
import { useEffect, useState } from "react";
import { said } from "./since.js";

/** The first date that a page spells out costs it 15 ms: it is spelled out for whoever points at it. */
const tell = (event) => (event.currentTarget.title = new Date(event.currentTarget.dateTime).toLocaleString());

export function Ago({ time }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
  if (!time) return null;
  return (
    <time dateTime={time} onPointerEnter={tell}>
      {said(time)}
    </time>
  );
}
