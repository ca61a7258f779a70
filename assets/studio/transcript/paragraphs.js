/* Where growing Markdown may be cut, so that what is finished can be shown finished. Pure. */

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** Where the last paragraph that is surely over ends: after an empty line outside of fences, before a fence, or after a closed one. 0 when none is. */
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
    } else if (mark && !isLast) {
      if (line.startsWith(mark)) cut = at - line.length - 1;
      fence = mark;
    }
    else if (!line.trim() && !isLast && index > 0 && !continues(lines[index + 1])) cut = at;
  }
  return cut;
}

/** A list or an indented text may go on after an empty line: it is not cut there. */
const continues = (line) => line === undefined || line === "" || /^\s+\S|^ {0,3}(?:[-*+]|\d+[.)])(?:\s|$)/.test(line);

/** Whether the text ends inside of a fence. */
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

const HALF_MARK = /(?:^|\n)[ \t]*(?:[-=]+|[*_]{1,3}|#{1,6}|\d{1,9}[.)]?|[-*+] \[?|>|\|)[ \t]*$/;

/** The paragraph that is being written, with what is half written closed or left out, so that no bare marks are seen for a moment. */
export function mended(text) {
  let shown = text.replace(HALF_MARK, "\n").replace(/\[([^\]\n]*)\]\([^)\n]*$/, "$1");
  if ((shown.match(/`/g)?.length ?? 0) % 2) return shown.endsWith("`") ? shown.slice(0, -1) : `${shown}\``;
  const words = shown.replace(/`[^`]*`/g, "");
  if ((words.match(/\*\*/g)?.length ?? 0) % 2) {
    shown = shown.trimEnd();
    return shown.endsWith("**") ? shown.slice(0, -2) : `${shown.replace(/\*$/, "")}**`;
  }
  return shown;
}
