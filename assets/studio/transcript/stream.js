/* Text that is still being spoken, as Markdown: finished paragraphs are drawn once, the one that is being written again as it grows. */
import { rendered } from "./markdown.js";
import { isOpenFence, lastBreak, mended } from "./paragraphs.js";

/** The line that opens a fence: it says how to show the code and is not shown itself. */
const FIRST_LINE = /^[^\n]*\n?/;

/** So many times as long as the drawing of the unfinished paragraph took, it rests: a long list never takes the page's time. */
const REST = 10;

/** Writes into `root`. `write(text)` appends; what was written is not touched again once its paragraph is over. */
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
    this.due = 0;
    this.timer = 0;
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
    const changes = isCode !== this.isCode || cut > 0 || this.opens;
    if (!isCode) {
      this.setCode(false);
      if (changes) this.draw();
      else this.drawSoon();
    } else if (changes) {
      this.setCode(true);
      this.opens = !this.text.includes("\n");
      this.tail.textContent = this.text.replace(FIRST_LINE, "");
    } else this.tail.append(more);
  }

  setCode(isCode) {
    this.isCode = isCode;
    this.opens = this.opens && isCode;
    this.tail.classList.toggle("tr-tail-code", isCode);
    this.tail.classList.toggle("tr-text", !isCode);
  }

  drawSoon() {
    if (this.timer) return;
    const wait = this.due - performance.now();
    if (wait <= 0) this.draw();
    else this.timer = setTimeout(() => this.draw(), wait);
  }

  draw() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.isCode) return;
    const began = performance.now();
    this.tail.replaceChildren(rendered(mended(this.text)));
    this.due = performance.now() + REST * (performance.now() - began);
  }
}
