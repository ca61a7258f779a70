/* Text that is still being spoken: finished paragraphs become Markdown once, the rest grows as plain text, one text node a flush. */
import { rendered } from "./markdown.js";

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** Writes into `root`. `write(text)` appends; nothing that was written is touched again until its paragraph is over. */
export class Stream {
  constructor(root) {
    this.done = document.createElement("div");
    this.done.className = "tr-text";
    this.tail = document.createElement("div");
    this.tail.className = "tr-tail";
    root.replaceChildren(this.done, this.tail);
    this.text = "";
  }

  write(more) {
    if (!more) return;
    this.text += more;
    const cut = more.includes("\n") ? lastBreak(this.text) : 0;
    if (cut) {
      this.done.append(rendered(this.text.slice(0, cut)));
      this.text = this.text.slice(cut);
      this.tail.textContent = this.text;
    } else this.tail.append(more);
    if (cut || more.includes("`")) this.tail.classList.toggle("tr-tail-code", isOpenFence(this.text));
  }
}

/** Where the last paragraph that is surely over ends: after an empty line outside of fences, or after a closed fence. 0 when none is. */
export function lastBreak(text) {
  let fence = "";
  let cut = 0;
  let at = 0;
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1;
    at += line.length + (isLast ? 0 : 1);
    const mark = FENCE.exec(line)?.[1];
    if (fence) {
      if (mark?.startsWith(fence) && !isLast && line.trim() === mark) {
        fence = "";
        cut = at;
      }
    } else if (mark && !isLast) fence = mark;
    else if (!line.trim() && !isLast && index > 0 && !continues(lines[index + 1])) cut = at;
  }
  return cut;
}

/** A list or an indented text may go on after an empty line: it is not cut there. */
const continues = (line) => line === undefined || line === "" || /^\s+\S|^ {0,3}(?:[-*+]|\d+[.)])(?:\s|$)/.test(line);

export function isOpenFence(text) {
  let fence = "";
  for (const line of text.split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    if (!mark) continue;
    if (!fence) fence = mark;
    else if (mark.startsWith(fence)) fence = "";
  }
  return fence !== "";
}
