/* What a turn is made of: words, tool calls, code that ran, files, questions with their answers. */
import { useState } from "react";
import { Icon } from "../icons.jsx";
import { counted, duration, t } from "../texts.js";
import { downloadOf, isPicture, pictureOf } from "../run/files.js";
import { shown, useRuns } from "../run/store.js";
import { Attached } from "./attached.jsx";
import { filled, NOTES, Rows } from "./notes.jsx";
import { Code, Markdown } from "./words.jsx";

export const PARTS = {
  ...NOTES,
  text: ({ part }) => <Markdown text={part.text} passages={part.passages} />,
  heard: ({ part }) => (
    <details className="tr-fold">
      <summary>{t("transcript.heard")}</summary>
      <Markdown text={part.text} />
    </details>
  ),
  partial: ({ part }) => (
    <div className="tr-partial">
      <Markdown text={part.text} />
      <p className="tr-quiet">{t("transcript.partial")}</p>
    </div>
  ),
  reasoning: ({ part }) => (
    <details className="tr-fold">
      <summary>{t("transcript.reasoning")}</summary>
      <Markdown text={part.text} className="tr-text tr-muted" />
    </details>
  ),
  attachments: ({ part }) => <Attached files={part.files} />,
  tool: ToolPart,
  code: CodePart,
  question: QuestionPart,
  handoff: ({ part }) => (
    <>
      {part.text && <Markdown text={part.text} />}
      <p className="tr-quiet">
        <span aria-hidden="true">→ </span>
        {t("transcript.handoff", { target: part.target })}
      </p>
    </>
  ),
};

/** What had begun when the server ended has no result for as long as the run only waits: nobody works on it. */
function useUnderWay(part) {
  const left = useRuns(() => Boolean(shown().left));
  return left && part.state === "running" ? { ...part, state: "left" } : part;
}

function ToolPart({ part: told }) {
  const part = useUnderWay(told);
  return (
    <>
      <details className="tr-fold" data-testid="tool-call" data-state={part.state} open={part.state === "failed" || undefined}>
        <summary>
          <span className="tr-mono">{part.name}</span>
          <span className="tr-brief">{brief(part.arguments)}</span>
          <span className="tr-state">{stateOf(part)}</span>
        </summary>
        {part.arguments && part.arguments !== "{}" && <Code source={pretty(part.arguments)} language="json" title={t("transcript.arguments")} />}
        {part.output !== undefined && <pre className="tr-output" tabIndex={0} data-bad={part.state === "failed"}>{part.output || t("transcript.no_output")}</pre>}
      </details>
      {part.pictures?.length > 0 && <Attached files={part.pictures} alt={t("transcript.tool_picture", { name: part.name })} />}
      {part.files?.length > 0 && <Files files={part.files} version={part.seq} />}
    </>
  );
}

const stateOf = (part) => [t(`transcript.tool_${part.state}`), part.seconds != null ? duration(part.seconds) : ""].filter(Boolean).join(" · ");
const brief = (json) => {
  const text = json === "{}" ? "" : json.replace(/\s+/g, " ");
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};

function pretty(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

const MOST_LINES = 14;

function CodePart({ part: told }) {
  const part = useUnderWay(told);
  const verdict = part.state === "left" ? t("transcript.code_left") : part.state === "stopped" ? t("transcript.code_cancelled") : part.state === "running" ? t("transcript.code_running") : part.state === "refused" ? t("transcript.code_refused") : part.exit === 124 ? t("transcript.code_timeout") : part.exit === 125 ? t("transcript.code_cancelled") : t("transcript.exit", { code: part.exit });
  const facts = [verdict, part.where].filter(Boolean).join(" · ");
  const lines = (part.output ?? "").replace(/\n+$/, "").split("\n");
  return (
    <div className="tr-ran" data-testid="code-result" data-state={part.state}>
      {part.blocks.length > 0 && (
        <details className="tr-fold">
          <summary>{part.blocks.map((block) => block.filename || block.language).join(", ")}</summary>
          {part.blocks.map((block, index) => (
            <Code key={index} source={block.code} language={block.language} title={block.filename ?? ""} />
          ))}
        </details>
      )}
      <div className="tr-result" data-state={part.state}>
        <div className="tr-exit">{facts}</div>
        {part.output !== undefined && (lines.length > MOST_LINES ? <Long lines={lines} /> : <pre tabIndex={0}>{lines.join("\n") || t("transcript.no_output")}</pre>)}
        {part.files?.length > 0 && <Files files={part.files} version={part.seq} />}
      </div>
    </div>
  );
}

const MOST_PICTURES = 12;

/** What code or a tool wrote: pictures as pictures, everything to be downloaded. */
function Files({ files, version }) {
  const run = useRuns(() => shown().id);
  return (
    <>
      <div className="tr-exit tr-files">
        {files.map((name) => (
          <a key={name} href={downloadOf(run, name)} download title={t("files.download_one", { name })} data-testid="code-file"><Icon name="download" size={11} />{name}</a>
        ))}
      </div>
      {files.filter(isPicture).slice(0, MOST_PICTURES).map((name) => (
        <Picture key={name} address={pictureOf(run, name, version)} name={name} />
      ))}
    </>
  );
}

function Picture({ address, name }) {
  const [gone, setGone] = useState(false);
  if (gone) return null;
  return (
    <a className="tr-picture" href={address} target="_blank" rel="noreferrer" data-testid="code-picture">
      <img src={address} alt={t("files.picture", { name })} loading="lazy" decoding="async" onError={() => setGone(true)} />
    </a>
  );
}

function Long({ lines }) {
  return (
    <>
      <pre tabIndex={0}>{lines.slice(-MOST_LINES).join("\n")}</pre>
      <details className="tr-fold">
        <summary>{counted("transcript.all_lines", lines.length)}</summary>
        <pre className="tr-output" tabIndex={0}>{lines.join("\n")}</pre>
      </details>
    </>
  );
}

/** Who answered when nobody did in time. */
const IN_TIME = "timeout";

function QuestionPart({ part }) {
  if (!part.answer) return <p className="tr-quiet tr-asks">{t(part.dropped ? "transcript.unanswered" : "transcript.waits")}</p>;
  const { approved, text, by } = part.answer;
  const rows = filled(part, text);
  const verdict = by === IN_TIME ? t("transcript.in_time") : approved === true ? t("transcript.approved", { by }) : approved === false ? t("transcript.rejected", { by }) : t("transcript.answered", { by });
  return (
    <div className="tr-answered">
      <Markdown text={part.text} className="tr-text tr-muted" />
      {part.details && (
        <details className="tr-fold">
          <summary>{t("transcript.details")}</summary>
          <pre className="tr-output" tabIndex={0}>{part.details}</pre>
        </details>
      )}
      <p className="tr-quiet" data-approved={approved}>{[verdict, rows ? "" : text].filter(Boolean).join(approved === null ? ": " : " · ")}</p>
      {rows && <Rows rows={rows} />}
    </div>
  );
}
