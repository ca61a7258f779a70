/* How long ago a moment was, in words of the catalogue. Pure. */
import { counted, t } from "../texts.js";

const steps = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

const LAST = new Set(["year", "month", "week", "day"]);

/** From the catalogue and not from Intl, which takes 15 ms for its first words. What lies ahead, by another clock, is now. */
export function said(time, now = Date.now()) {
  const seconds = Math.max(0, now - new Date(time).getTime()) / 1000;
  const [unit, size] = steps.find(([, size]) => seconds >= size) ?? ["now", 1];
  const count = Math.round(seconds / size);
  return unit === "now" || (count === 1 && LAST.has(unit)) ? t(`time.ago.${unit}`) : counted(`time.ago.${unit}`, count);
}
