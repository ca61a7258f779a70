/* Choosing a panel: by arrow keys on its tabs too, and when that was last, so that what was done before it brings no other panel to the front. */

const CHOICES = '.editor-side [role="tab"], .views .view';
const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
let chosen = 0;

function onKey(event) {
  const tab = event.target.closest?.('[role="tab"]');
  const step = STEPS[event.key];
  if (!tab || !step || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const tabs = [...tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')];
  const next = Number.isFinite(step) ? tabs.at((tabs.indexOf(tab) + step) % tabs.length) : tabs.at(step < 0 ? 0 : -1);
  event.preventDefault();
  next.focus();
  next.click();
}

if (typeof document !== "undefined") {
  document.addEventListener("click", (event) => event.target.closest?.(CHOICES) && (chosen = performance.now()), true);
  document.addEventListener("keydown", onKey);
}

/** Whether they chose one since a moment of `performance.now()`. */
export const hasChosenPanel = (since) => chosen >= since;
