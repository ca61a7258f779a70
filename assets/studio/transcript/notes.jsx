/* What happens beside the words: a planner's ledger, summaries, what was remembered, variables, what functions decided. */
import { counted, t } from "../texts.js";
import { Passages } from "./sources.jsx";
import { Markdown } from "./words.jsx";

const LONGEST = 400;

/** A value in few words. */
export function brief(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text === undefined ? "" : text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** The values of a filled form as [title, value] rows; null where the answer is no such form. */
export function filled(question, text) {
  if (question.form !== "form") return null;
  try {
    const values = JSON.parse(text);
    return typeof values === "object" && values !== null && !Array.isArray(values) ? Object.entries(values).map(([name, value]) => [question.fields?.properties?.[name]?.title ?? name, brief(value)]) : null;
  } catch {
    return null;
  }
}

export function Rows({ rows }) {
  return (
    <dl className="tr-rows">
      {rows.map(([title, value], index) => (
        <div key={index}>
          <dt>{title}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A page of a planner's ledger: progress as its questions and answers, the others as they were written. */
function Ledger({ part }) {
  const facts = part.data && !Array.isArray(part.data) ? Object.entries(part.data) : [];
  const rows = facts.map(([name, value]) => [name.replaceAll("_", " "), answered(value)]).filter(([, value]) => value);
  return (
    <details className="tr-ledger" data-testid="ledger" data-page={part.page} open={part.page !== "facts" || undefined}>
      <summary>{t(`transcript.ledger_${part.page}`)}</summary>
      {rows.length ? <Rows rows={rows} /> : <Markdown text={part.text} className="tr-text tr-muted" />}
    </details>
  );
}

/** A planner's answer to one of its questions: yes, no, or a value; with a reason where it gives one beside it. */
function answered(value) {
  if (value === true) return t("transcript.yes");
  if (value === false) return t("transcript.no");
  if (value === null || typeof value !== "object" || !("answer" in value)) return brief(value);
  return [answered(value.answer), value.reason ? brief(value.reason) : ""].filter(Boolean).join(" · ");
}

function Recalled({ part }) {
  if (part.entries.some((entry) => entry.number)) return <Passages part={part} />;
  return (
    <details className="tr-fold" data-testid="recalled">
      <summary>
        <span className="tr-mono">{part.memory}</span>
        <span className="tr-brief">{part.query}</span>
        <span className="tr-state">{counted("transcript.recalled", part.entries.length)}</span>
      </summary>
      <ol className="tr-sources">
        {part.entries.map((entry, index) => (
          <li key={index}>
            {(entry.source ?? entry.title) && <strong>{brief(entry.source ?? entry.title)} </strong>}
            {brief(entry.text ?? "")}
          </li>
        ))}
      </ol>
    </details>
  );
}

/** A team that was made up while others talk: who is in it, and what was made otherwise than the model wrote it. */
function Outlined({ part }) {
  const agents = part.outline?.agents ?? [];
  if (!agents.length) return <p className="tr-quiet">{t("transcript.outlined_none", { team: part.team })}</p>;
  return (
    <details className="tr-fold" data-testid="outlined">
      <summary>{t("transcript.outlined", { team: part.team, names: agents.map((agent) => agent.name).join(", ") })}</summary>
      <Rows rows={agents.map((agent) => [agent.name, [agent.description, agent.system_message].filter(Boolean).join("\n")])} />
      {part.changes.map((change, index) => (
        <p key={index} className="tr-quiet">{change}</p>
      ))}
    </details>
  );
}

export const NOTES = {
  notice: ({ part }) => <p className="tr-quiet">{part.text}</p>,
  ledger: Ledger,
  recalled: Recalled,
  outlined: Outlined,
  remembered: ({ part }) => part.text && <p className="tr-quiet" data-testid="remembered">{part.person ? t("transcript.noted", { person: part.person, text: brief(part.text) }) : t("transcript.remembered", { memory: part.memory.split(":")[0], text: brief(part.text) })}</p>,
  summary: ({ part }) => (
    <details className="tr-fold" data-testid="summary">
      <summary>{t("transcript.summary")}</summary>
      <Markdown text={part.text} className="tr-text tr-muted" />
    </details>
  ),
  variables: ({ part }) => (
    <p className="tr-variables" data-testid="variables">
      {Object.entries(part.values).map(([name, value]) => (
        <span key={name} className="tr-variable"><span className="tr-mono">{name}</span>{value === null ? ` ${t("transcript.variable_gone")}` : ` = ${brief(value)}`}</span>
      ))}
    </p>
  ),
  function: ({ part }) => (
    <p className="tr-quiet" data-testid="function-result" data-bad={part.bad}>
      <span className="tr-mono">{part.name || part.purpose}</span> {t("transcript.function", { value: brief(part.value) })}
    </p>
  ),
};
