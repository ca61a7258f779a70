/* When this person chose a panel last: what they did before that brings no other one to the front any more. */

const CHOICES = '.editor-side [role="tab"], .views .view';
let chosen = 0;

if (typeof document !== "undefined") {
  document.addEventListener("click", (event) => event.target.closest?.(CHOICES) && (chosen = performance.now()), true);
}

/** Whether they chose one since a moment of `performance.now()`. */
export const hasChosenPanel = (since) => chosen >= since;
