/* Markdown of a model as a safe piece of page: no HTML of its own, no foreign image is loaded, links open outside, code is coloured. */
import MarkdownIt from "markdown-it";
import DOMPurify from "dompurify";
import { highlighted } from "./highlight.js";
import { t } from "../texts.js";

const MOST_TEXT = 400_000;

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true, typographer: false });
markdown.linkify?.set?.({ fuzzyEmail: false, fuzzyLink: false });
markdown.renderer.rules.image = (tokens, index) => {
  const token = tokens[index];
  const escape = markdown.utils.escapeHtml;
  const source = token.attrGet("src") ?? "";
  const text = token.content || source;
  return /^data:image\/(png|jpe?g|gif|webp);base64,/i.test(source) ? `<img src="${escape(source)}" alt="${escape(text)}">` : `<a href="${escape(source)}">${escape(text)}</a>`;
};

const ALLOWED = {
  ALLOWED_TAGS: ["p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "img", "table", "thead", "tbody", "tr", "th", "td"],
  ALLOWED_ATTR: ["href", "src", "alt", "title", "class", "start", "style"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|data:image\/(?:png|jpe?g|gif|webp);base64,)/i,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

/** A document fragment that shows `text`. Very long texts are shown as they are, without Markdown. */
export function rendered(text) {
  if (text.length > MOST_TEXT) return plain(text);
  const fragment = DOMPurify.sanitize(markdown.render(text), ALLOWED);
  for (const link of fragment.querySelectorAll("a")) {
    if (!link.getAttribute("href")) link.replaceWith(...link.childNodes);
    else Object.assign(link, { target: "_blank", rel: "noopener noreferrer nofollow" });
  }
  for (const cell of fragment.querySelectorAll("[style]")) {
    const align = cell.style.textAlign;
    cell.removeAttribute("style");
    if (align) cell.style.textAlign = align;
  }
  for (const pre of fragment.querySelectorAll("pre")) frame(pre);
  for (const table of fragment.querySelectorAll("table")) {
    const holder = document.createElement("div");
    holder.className = "tr-table";
    table.replaceWith(holder);
    holder.append(table);
  }
  return fragment;
}

function plain(text) {
  const fragment = document.createDocumentFragment();
  const pre = document.createElement("pre");
  pre.textContent = text;
  fragment.append(pre);
  return fragment;
}

function frame(pre) {
  const code = pre.querySelector("code") ?? pre;
  const language = /language-([\w+#.-]+)/.exec(code.className)?.[1] ?? "";
  pre.replaceWith(codeFrame(code.textContent.replace(/\n$/, ""), language));
}

/** One soft frame of code with its language and a Copy button; `data-copy` buttons are pressed by the transcript. */
export function codeFrame(source, language, title = "") {
  const figure = document.createElement("figure");
  figure.className = "tr-code";
  const caption = document.createElement("figcaption");
  const name = document.createElement("span");
  name.textContent = title || language;
  const copy = document.createElement("button");
  copy.type = "button";
  copy.dataset.copy = "";
  copy.textContent = t("transcript.copy");
  caption.append(name, copy);
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  const code = document.createElement("code");
  code.append(highlighted(source, language));
  pre.append(code);
  figure.append(caption, pre);
  return figure;
}

/** Copies the code of the frame whose button was pressed, and says so on the button. */
export async function pressCopy(button) {
  const text = button.closest("figure").querySelector("code").textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(button.closest("figure").querySelector("code"));
  }
  button.textContent = t("transcript.copied");
  setTimeout(() => (button.textContent = t("transcript.copy")), 1_500);
}

function copyBySelection(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  document.execCommand("copy");
  selection.removeAllRanges();
}
