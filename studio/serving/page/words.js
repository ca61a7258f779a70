/* What a model said, as a piece of page that is made of nothing but elements of ours and text: there is no HTML in it that could run. */

const MOST_TEXT = 200_000;
const INLINE = /`([^`\n]{1,1000})`|\*\*([^*\n]+)\*\*|\*([^*\s][^*\n]*)\*|\[([^\]\n]{1,500})\]\((https?:\/\/[^\s)]{1,2000})\)|(https?:\/\/[^\s<>"')\]]{1,2000})/g;

/** An element with a class, text and children. */
export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** A fragment that shows `text`: paragraphs, headings, lists, tables, quotes, code, links to the web. Very long texts are shown as they are. */
export function rendered(text) {
  const fragment = document.createDocumentFragment();
  if (text.length > MOST_TEXT) {
    fragment.append(make("pre", "", text));
    return fragment;
  }
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  for (let at = 0; at < lines.length; ) at = block(lines, at, fragment);
  return fragment;
}

/* Adds the block that begins at a line; gives the line after it. */
function block(lines, at, into) {
  const line = lines[at];
  const fence = /^\s{0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/.exec(line);
  if (fence) return code(lines, at, fence, into);
  if (!line.trim()) return at + 1;
  const heading = /^(#{1,6})\s+(.*)/.exec(line);
  if (heading) {
    into.append(make(`h${Math.min(6, heading[1].length + 2)}`, "", ...inline(heading[2])));
    return at + 1;
  }
  const item = listItem(line);
  if (item) return list(lines, at, item.ordered, into);
  const columns = tableAt(lines, at);
  if (columns) return table(lines, at, columns, into);
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !begins(lines, end)) end += 1;
  const said = lines.slice(at, end);
  const quoted = said.every((each) => /^\s{0,3}>/.test(each));
  const paragraph = make("p");
  said.forEach((each, number) => {
    if (number) paragraph.append(make("br"));
    paragraph.append(...inline(quoted ? each.replace(/^\s{0,3}>\s?/, "") : each));
  });
  into.append(quoted ? make("blockquote", "", paragraph) : paragraph);
  return end;
}

/* Whether a block that is no paragraph begins at a line, and so ends the one before. */
const begins = (lines, at) => /^\s{0,3}(`{3,}|~{3,}|#{1,6}\s)/.test(lines[at]) || listItem(lines[at]) || tableAt(lines, at);

/* Where each column of the table that begins at a line is aligned, "" for nowhere; null where none begins. */
function tableAt(lines, at) {
  const rule = lines[at + 1] ?? "";
  if (!lines[at].includes("|") || !rule.includes("-") || !/^[\s|:-]+$/.test(rule)) return null;
  const columns = cellsOf(rule);
  if (!columns.every((each) => /^:?-+:?$/.test(each)) || cellsOf(lines[at]).length !== columns.length) return null;
  return columns.map((each) => (each.endsWith(":") ? (each.startsWith(":") ? "center" : "right") : ""));
}

function table(lines, at, columns, into) {
  const row = (tag, line) => {
    const cells = cellsOf(line).slice(0, columns.length);
    return make("tr", "", ...cells.map((cell, number) => Object.assign(make(tag, columns[number], ...inline(cell)), tag === "th" ? { scope: "col" } : {})));
  };
  const body = make("tbody");
  let end = at + 2;
  for (; end < lines.length && lines[end].trim() && !begins(lines, end); end += 1) body.append(row("td", lines[end]));
  into.append(make("div", "table", make("table", "", make("thead", "", row("th", lines[at])), body)));
  return end;
}

/* The cells of a line of a table; a bar after a backslash is a bar. */
const cellsOf = (line) =>
  line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll("\\|", "|").trim());

function code(lines, at, [, marks, language], into) {
  let end = at + 1;
  while (end < lines.length && !lines[end].trim().startsWith(marks)) end += 1;
  const pre = make("pre", "", make("code", "", lines.slice(at + 1, end).join("\n")));
  pre.tabIndex = 0;
  if (language) pre.dataset.language = language;
  into.append(pre);
  return end + 1;
}

function listItem(line) {
  const found = /^\s{0,8}(?:([-*+])|(\d{1,6})[.)])\s+(.*)/.exec(line);
  return found && { ordered: Boolean(found[2]), start: Number(found[2] ?? 1), text: found[3] };
}

function list(lines, at, ordered, into) {
  const whole = make(ordered ? "ol" : "ul");
  if (ordered) whole.start = listItem(lines[at]).start;
  while (at < lines.length) {
    const item = listItem(lines[at]);
    if (!item || item.ordered !== ordered) break;
    whole.append(make("li", "", ...inline(item.text)));
    at += 1;
  }
  into.append(whole);
  return at;
}

function inline(text) {
  const parts = [];
  let after = 0;
  for (const found of text.matchAll(INLINE)) {
    parts.push(text.slice(after, found.index));
    after = found.index + found[0].length;
    const [whole, source, strong, emphasis, words, address, bare] = found;
    if (source) parts.push(make("code", "", source));
    else if (strong) parts.push(make("strong", "", strong));
    else if (emphasis) parts.push(make("em", "", emphasis));
    else parts.push(link(words ?? whole, address ?? bare));
  }
  parts.push(text.slice(after));
  return parts.filter((part) => part !== "");
}

/* A link that opens outside, and says where it leads when its words do not. */
function link(words, address) {
  const anchor = make("a", "", words);
  anchor.href = address;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer nofollow";
  anchor.title = address;
  return anchor;
}
