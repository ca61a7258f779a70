/* CodeMirror in the studio's colours: a reader that lights lines up, and a writer that reports when the typing rests. */
import { Compartment, EditorState, Prec, RangeSetBuilder, StateEffect, StateField, Transaction } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder as ghost } from "@codemirror/view";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { python } from "@codemirror/lang-python";
import { json } from "@codemirror/lang-json";
import { tags } from "@lezer/highlight";
import { types } from "../shell/unsent.js";

const REST = 400;

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.className, tags.definition(tags.variableName)], color: "var(--code-name)" },
  { tag: tags.propertyName, color: "var(--code-name)" },
  { tag: [tags.comment, tags.meta], color: "var(--code-comment)" },
]);

/** Flowcharts as we write them: words of the language, quoted labels, arrows. */
const mermaid = () =>
  StreamLanguage.define({
    token(stream) {
      if (stream.match(/^"[^"]*"/)) return "string";
      if (stream.sol() && stream.match(/^---$/)) return "meta";
      if (stream.match(/^(?:flowchart|subgraph|end|classDef|title)\b/)) return "keyword";
      if (stream.match(/^(?:-->|-\.->)/)) return "operatorKeyword";
      if (stream.match(/^\w+/)) return "variableName";
      stream.next();
      return null;
    },
  });

const LANGUAGES = { python, json, mermaid, text: () => [] };

const setMarks = StateEffect.define();
const line = Decoration.line({ class: "cd-marked" });
const marks = StateField.define({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setMarks)) continue;
      const builder = new RangeSetBuilder();
      const { doc } = transaction.state;
      const numbers = new Set(effect.value.flatMap(([first, last]) => Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)));
      for (const number of [...numbers].sort((a, b) => a - b)) if (number >= 1 && number <= doc.lines) builder.add(doc.line(number).from, doc.line(number).from, line);
      return builder.finish();
    }
    return value.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

const shared = (language, label) => [
  syntaxHighlighting(COLOURS),
  (LANGUAGES[language] ?? LANGUAGES.text)(),
  drawSelection(),
  EditorView.contentAttributes.of({ "aria-label": label }),
];

/**
 * Code to read: `show(text, [[first, last]])`, `destroy()`; lines count from 1. With `editable` it can be written in: `onEdited` then tells
 * "edited", "stale" when other code came meanwhile, and "" when it is as it was shown; Mod-Enter and `apply()` tell `onApply(text)`,
 * `write(text)` edits as if it were typed, `settle()` shows what was shown last.
 */
export function reader(parent, { language, label, editable = false, onLine, onEdited, onApply }) {
  let shown = "";
  let marked = "";
  let how = "";
  const text = () => view.state.doc.toString();
  const tell = (next) => {
    if (next === how) return;
    how = next;
    onEdited?.(how);
  };
  const apply = () => {
    if (how) onApply?.(text());
    return true;
  };
  const writing = editable
    ? [
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: apply }])),
        history(),
        keymap.of(historyKeymap),
        bracketMatching(),
        indentOnInput(),
        indentUnit.of("    "),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          if (text() === shown) tell("");
          else if (!how) tell("edited");
        }),
      ]
    : [EditorState.readOnly.of(true), EditorView.contentAttributes.of({ "aria-readonly": "true" })];
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: "",
      extensions: [
        shared(language, label), lineNumbers(), marks, writing, keymap.of(defaultKeymap),
        EditorView.domEventHandlers({
          click(event, clicked) {
            const at = clicked.posAtCoords({ x: event.clientX, y: event.clientY });
            // The lines of a text that was edited are no longer those that the canvas knows.
            if (at != null && !how && clicked.state.selection.main.empty) onLine(clicked.state.doc.lineAt(at).number);
          },
        }),
      ],
    }),
  });
  const put = (effects) => {
    const changes = shown === text() ? undefined : difference(text(), shown);
    view.dispatch({ changes, effects, annotations: Transaction.addToHistory.of(false) });
  };
  return {
    show(next, ranges) {
      if (how) {
        if (next !== shown) tell("stale");
        shown = next;
        return;
      }
      shown = next;
      const wish = JSON.stringify(ranges);
      put([setMarks.of(ranges)]);
      if (wish !== marked && ranges.length && ranges[0][0] <= view.state.doc.lines) view.dispatch({ effects: EditorView.scrollIntoView(view.state.doc.line(Math.max(1, ranges[0][0])).from, { y: "center" }) });
      marked = wish;
    },
    settle() {
      if (!how) return;
      put([]);
      tell("");
    },
    write(words) {
      view.dispatch({ changes: difference(text(), words) });
    },
    edited: () => how !== "",
    apply,
    text,
    destroy: () => view.destroy(),
  };
}

/** An editor: `set(text)` when the value changed elsewhere, `destroy()`. Escape, then Tab, leaves it with the keyboard. */
export function writer(parent, { language, label, placeholder, disabled, text, onChange }) {
  let told = text;
  let timer = null;
  let rested = null;
  const editable = new Compartment();
  const tell = () => {
    clearTimeout(timer);
    timer = null;
    rested?.();
    const now = view.state.doc.toString();
    if (now === told) return;
    told = now;
    onChange(now);
  };
  const isCode = language !== "text";
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        shared(language, label), history(), keymap.of([...defaultKeymap, ...historyKeymap, ...(isCode ? [indentWithTab] : [])]),
        isCode ? [lineNumbers(), bracketMatching(), indentOnInput(), indentUnit.of("    "), highlightActiveLine()] : EditorView.lineWrapping,
        placeholder ? ghost(placeholder) : [],
        editable.of([EditorView.editable.of(!disabled), EditorState.readOnly.of(disabled)]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) {
            clearTimeout(timer);
            timer = setTimeout(tell, REST);
            rested = types(tell);
          }
          if (update.focusChanged && !update.view.hasFocus) tell();
        }),
      ],
    }),
  });
  return {
    set(value) {
      if (value === told || timer) return;
      told = value;
      if (value !== view.state.doc.toString()) view.dispatch({ changes: difference(view.state.doc.toString(), value) });
    },
    destroy() {
      if (timer) tell();
      view.destroy();
    },
  };
}

/** The one change that makes `after` of `before`, so that cursor, selection and scroll stay where they are. */
function difference(before, after) {
  let from = 0;
  const most = Math.min(before.length, after.length);
  while (from < most && before[from] === after[from]) from += 1;
  let end = 0;
  while (end < most - from && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) };
}
