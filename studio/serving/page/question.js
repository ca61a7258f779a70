/* A question to the guest as a card: text, one of several, yes or no, a changed proposal, or a form. */
import { make, rendered } from "./words.js";

/** The card of a question; `answer({text, approved?})` is called once, and gives whether it was taken. */
export function questionCard(question, texts, answer) {
  const card = make("form", "question");
  card.append(make("div", "said", rendered(question.text)));
  if (question.form === "wait") return card;
  const note = make("p", "problem");
  note.setAttribute("role", "alert");
  const give = async (given) => {
    for (const control of card.elements) control.disabled = true;
    const refused = await answer(given);
    for (const control of card.elements) control.disabled = !refused;
    note.textContent = refused;
  };
  const [body, read] = FORMS[question.form](question, texts, give);
  card.append(...body, note);
  card.addEventListener("submit", (event) => {
    event.preventDefault();
    if (read) give(read());
  });
  return card;
}

const FORMS = {
  text(question, texts) {
    const area = field("textarea", texts.answer);
    return [[area, row(submit(texts.send))], () => ({ text: area.value })];
  },
  choice(question, texts, give) {
    const buttons = question.choices.map((choice) => press(choice, () => give({ text: choice })));
    return [[row(...buttons)], null];
  },
  approve(question, texts, give) {
    const reason = field("input", texts.reason);
    const [yes, no] = verdict(texts, give, () => reason.value);
    return [[...details(question), reason, row(yes, no)], null];
  },
  edit(question, texts, give) {
    const area = field("textarea", texts.answer);
    area.value = question.details ?? "";
    const [yes, no] = verdict(texts, give, () => area.value, () => "");
    return [[area, row(yes, no)], null];
  },
  form(question, texts) {
    const properties = Object.entries(question.fields?.properties ?? {});
    const controls = properties.map(([name, schema]) => [name, schema, formField(name, schema)]);
    const read = () => ({ text: JSON.stringify(Object.fromEntries(controls.map(([name, schema, [, control]]) => [name, valueOf(schema, control)]).filter(([, value]) => value !== undefined))) });
    return [[...controls.map(([, , [label]]) => label), row(submit(texts.send))], read];
  },
};

function verdict(texts, give, yes, no = yes) {
  const approve = press(texts.approve, () => give({ text: yes(), approved: true }));
  const reject = press(texts.reject, () => give({ text: no(), approved: false }));
  approve.classList.add("primary");
  return [approve, reject];
}

function formField(name, schema) {
  const control = make(schema.enum ? "select" : "input");
  if (schema.enum) control.append(...schema.enum.map((value) => Object.assign(make("option", "", String(value)), { value: JSON.stringify(value) })));
  else if (schema.type === "boolean") control.type = "checkbox";
  else if (schema.type === "number" || schema.type === "integer") Object.assign(control, { type: "number", step: schema.type === "integer" ? "1" : "any" });
  const label = make("label", schema.type === "boolean" ? "check" : "", make("span", "", schema.title ?? name), control);
  if (schema.description) label.append(make("span", "muted", schema.description));
  return [label, control];
}

/* What a control holds, as the schema wants it; undefined when it is empty. */
function valueOf(schema, control) {
  if (schema.enum) return JSON.parse(control.value);
  if (schema.type === "boolean") return control.checked;
  if (control.value === "") return undefined;
  if (schema.type === "number" || schema.type === "integer") return Number(control.value);
  if (schema.type === "array" || schema.type === "object") {
    try {
      return JSON.parse(control.value);
    } catch {
      return control.value;
    }
  }
  return control.value;
}

const details = (question) => (question.details ? [make("pre", "", question.details)] : []);
const row = (...children) => make("div", "row", ...children);
const submit = (words) => make("button", "primary", words);

function field(tag, label) {
  const control = make(tag);
  control.setAttribute("aria-label", label);
  control.placeholder = label;
  if (tag === "textarea") control.rows = 3;
  return control;
}

function press(words, act) {
  const button = make("button", "", words);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}
