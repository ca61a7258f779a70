/* Text that is still being spoken: finished paragraphs become Markdown once, the rest grows as plain text, one text node a flush. */
import { rendered } from "./markdown.js";
import { isOpenFence, lastBreak } from "./paragraphs.js";

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
