/* Where a wire leaves one box and where it meets the other, and where it gives way to words. Pure. */

/** Pixels between the end of a wire and the box that it leads to. */
export const GAP = 3;
/** Pixels between two boxes, both ways, from which on a wire goes round a corner. */
const CORNER = 20;

const overlap = (from, length, other, otherLength) => {
  const low = Math.max(from, other);
  const high = Math.min(from + length, other + otherLength);
  return high - low > 24 ? (low + high) / 2 : null;
};

const isWithin = (a, b) => a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;

/** The ends of a wire between a box and one around it: straight to the side of the frame that is nearest, its head last where several are. */
function outwards(a, b, shift, gap = 0) {
  const [right, bottom] = [a.x + a.width, a.y + a.height];
  const level = a.y + a.height / 2 + shift;
  const column = a.x + a.width / 2 + shift;
  const rest = GAP - gap;
  const ways = [
    [a.x - b.x, { x: a.x - gap, y: level, side: "left" }, { x: b.x + rest, y: level, side: "right" }],
    [b.x + b.width - right, { x: right + gap, y: level, side: "right" }, { x: b.x + b.width - rest, y: level, side: "left" }],
    [b.y + b.height - bottom, { x: column, y: bottom + gap, side: "bottom" }, { x: column, y: b.y + b.height - rest, side: "top" }],
    [a.y - b.y, { x: column, y: a.y - gap, side: "top" }, { x: column, y: b.y + rest, side: "bottom" }],
  ];
  const [, here, there] = ways.reduce((best, way) => (way[0] < best[0] ? way : best));
  return [here, there];
}

/**
 * The two ends of a wire between two boxes: {x, y, side}. Straight where the boxes face each other, round a corner where they do not; from within
 * a team to the team's own frame.
 */
export function ends(a, b, shift = 0) {
  if (isWithin(a, b)) return outwards(a, b, shift);
  if (isWithin(b, a)) return outwards(b, a, shift, GAP).reverse();
  const gapX = Math.max(b.x - (a.x + a.width), a.x - (b.x + b.width));
  const gapY = Math.max(b.y - (a.y + a.height), a.y - (b.y + b.height));
  const toRight = b.x + b.width / 2 >= a.x + a.width / 2;
  const down = b.y + b.height / 2 >= a.y + a.height / 2;
  if (gapX > CORNER && gapY > CORNER) {
    return [
      { x: a.x + a.width / 2 + shift, y: down ? a.y + a.height : a.y, side: down ? "bottom" : "top" },
      { x: toRight ? b.x - GAP : b.x + b.width + GAP, y: b.y + b.height / 2 + shift, side: toRight ? "left" : "right" },
    ];
  }
  if (gapX >= gapY) {
    const level = overlap(a.y, a.height, b.y, b.height);
    const ay = (level ?? a.y + a.height / 2) + shift;
    const by = (level ?? b.y + b.height / 2) + shift;
    return [
      { x: toRight ? a.x + a.width : a.x, y: ay, side: toRight ? "right" : "left" },
      { x: toRight ? b.x - GAP : b.x + b.width + GAP, y: by, side: toRight ? "left" : "right" },
    ];
  }
  const level = overlap(a.x, a.width, b.x, b.width);
  const ax = (level ?? a.x + a.width / 2) + shift;
  const bx = (level ?? b.x + b.width / 2) + shift;
  return [
    { x: ax, y: down ? a.y + a.height : a.y, side: down ? "bottom" : "top" },
    { x: bx, y: down ? b.y - GAP : b.y + b.height + GAP, side: down ? "top" : "bottom" },
  ];
}

/** The head of a team: how high its words are, how far they are from its side, and the pixels of what stands in it, about. */
const HEAD = { top: 6, bottom: 34, side: 10 };
const LETTER = 7.6;
const WIDE_LETTER = 13.5;
const SMALL_LETTER = 6.2;
const CHIP = 26;

/** How wide the words in the head of a team are, with what is left and right of them; reckoned, not measured. */
export function wordsOf({ name, chips }) {
  const letters = [...name].reduce((sum, letter) => sum + (letter > "\u2e80" ? WIDE_LETTER : LETTER), 0);
  return 2 * HEAD.side + letters + chips.reduce((sum, chip) => sum + CHIP + chip.length * SMALL_LETTER, 0);
}

/** A path around everything but the words in the head of a team at x, y: what is drawn within it does not cross them. */
export function around(x, y, width) {
  const [left, right, top, bottom] = [x + HEAD.side, x + width, y + HEAD.top, y + HEAD.bottom];
  return `M-1e6 -1e6H1e6V1e6H-1e6ZM${left} ${top}H${right}V${bottom}H${left}Z`;
}
