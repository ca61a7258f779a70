/* Where an answer has something from: the passages that its agent was told, and the numbers in the words that lead to them. */
import { named } from "../run/passages.js";
import { counted, t } from "../texts.js";

/** As in engine/documents/citations.py: numbers in brackets, but for those of links. */
const CITED = /\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\](?![([:])/g;

/** Makes numbers in the words of `root` into buttons that lead to their passages; what no passage has is marked, code is left alone. */
export function cite(root, passages) {
  const words = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, (node) => (node.parentElement.closest("code, pre, a, button") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
  const found = [];
  while (words.nextNode()) if (words.currentNode.data.match(CITED)) found.push(words.currentNode);
  for (const node of found) node.replaceWith(...pieces(node.data, passages));
}

function pieces(text, passages) {
  const made = [];
  let from = 0;
  for (const match of text.matchAll(CITED)) {
    made.push(text.slice(from, match.index));
    for (const number of match[1].match(/\d+/g)) made.push(citation(Number(number), passages[Number(number)]));
    from = match.index + match[0].length;
  }
  return [...made, text.slice(from)];
}

function citation(number, passage) {
  const made = document.createElement(passage ? "button" : "span");
  made.className = "tr-cite";
  made.textContent = `[${number}]`;
  made.title = passage ? passage.name : t("transcript.unsupported");
  if (!passage) made.dataset.bad = "true";
  else Object.assign(made, { type: "button", onclick: () => lead(made, number) });
  return made;
}

/** Unfolds the passage of a number within its turn, and takes the reader there. */
function lead(from, number) {
  const passage = from.closest(".tr-turn")?.querySelector(`.tr-passage[data-number="${number}"]`);
  if (!passage) return;
  passage.closest(".tr-fold").open = true;
  passage.open = true;
  passage.scrollIntoView({ block: "nearest" });
  passage.querySelector("summary").focus({ preventScroll: true });
}

export function Passages({ part }) {
  return (
    <details className="tr-fold" data-testid="recalled">
      <summary>
        <span className="tr-mono">{t("transcript.documents")}</span>
        <span className="tr-brief">{[...new Set(part.entries.map((entry) => entry.document))].join(", ")}</span>
        <span className="tr-state">{counted("transcript.passages", part.entries.length)}</span>
      </summary>
      <div className="tr-passages">
        {part.entries.map((entry) => (
          <details key={entry.number} className="tr-passage" data-number={entry.number} data-testid="passage">
            <summary>
              <span className="tr-cite">[{entry.number}]</span> {named(entry)}
            </summary>
            <p>{entry.text}</p>
          </details>
        ))}
      </div>
    </details>
  );
}
