/* A moment as people say it: "3 minutes ago", kept true while the page is open; the exact time is its tooltip. */
import { useEffect, useState } from "react";

const steps = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export function said(time, now = Date.now(), language = document.documentElement.lang || "en") {
  const seconds = (new Date(time).getTime() - now) / 1000;
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const [unit, size] = steps.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return unit === "second" ? words.format(0, "second") : words.format(Math.round(seconds / size), unit);
}

export function Ago({ time }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
  if (!time) return null;
  return (
    <time dateTime={time} title={new Date(time).toLocaleString()}>
      {said(time)}
    </time>
  );
}
