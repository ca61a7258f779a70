/* Text that is still being spoken: finished paragraphs become Markdown once, the rest grows as plain text, one text node a flush. */
import { rendered } from "./markdown.js";
import { isOpenFence, lastBreak } from "./paragraphs.js";

/** The line that opens a fence: it says how to show the code and is not shown itself. */
const FIRST_LINE = /^[^\n]*\n?/;

/** Writes into `root`. `write(text)` appends; nothing that was written is touched again until its paragraph is over. */
export class Stream {
  constructor(root) {
    this.done = document.createElement("div");
    this.done.className = "tr-text";
    this.tail = document.createElement("div");
    this.tail.className = "tr-tail";
    root.replaceChildren(this.done, this.tail);
    this.text = "";
    this.isCode = false;
    this.opens = false;
  }

  write(more) {
    if (!more) return;
    this.text += more;
    const cut = more.includes("\n") ? lastBreak(this.text) : 0;
    if (cut) {
      this.done.append(rendered(this.text.slice(0, cut)));
      this.text = this.text.slice(cut);
    }
    const isCode = more.includes("`") || cut ? isOpenFence(this.text) : this.isCode;
    if (cut || isCode !== this.isCode || this.opens) {
      this.isCode = isCode;
      this.opens = isCode && !this.text.includes("\n");
      this.tail.classList.toggle("tr-tail-code", isCode);
      this.tail.textContent = isCode ? this.text.replace(FIRST_LINE, "") : this.text;
    } else this.tail.append(more);
  }
}
