/* One entry of the transcript: who, why, what it cost, and what was said and done. */
import { memo, useContext, useLayoutEffect, useRef, useState, createContext } from "react";
import { Icon } from "../icons.jsx";
import { clock, counted, duration, money, t, whole } from "../texts.js";
import { downloadOf, isPicture, pictureOf } from "../run/files.js";
import { listenTo } from "../run/live.js";
import { shown, shownState, useRuns } from "../run/store.js";
import { codeFrame } from "./markdown.js";
import { renderSoon } from "./patience.js";
import { Stream } from "./stream.js";

/** What every entry may need: `colorOf(name)`, and `onCommand`. Its value keeps its identity while a run goes on. */
export const TranscriptContext = createContext({ colorOf: () => "var(--muted)" });

function Markdown({ text, className = "tr-text" }) {
  const root = useRef(null);
  useLayoutEffect(() => renderSoon(root.current, text), [text]);
  return <div className={className} ref={root} />;
}

export function Code({ source, language, title }) {
  const root = useRef(null);
  useLayoutEffect(() => root.current.replaceChildren(codeFrame(source, language, title)), [source, language, title]);
  return <div ref={root} />;
}

function Head({ source, why, facts, practice, model }) {
  const { colorOf } = useContext(TranscriptContext);
  return (
    <header className="tr-head">
      <span className="tr-dot" style={{ "--own": colorOf(source) }} aria-hidden="true" />
      <span className="tr-name" title={model ? `${source} · ${model}` : source}>{source}</span>
      {practice && <span className="tr-practice" title={t("transcript.practice_help")}>{t("transcript.practice")}</span>}
      {why && <span className="tr-why" title={why}>{why}</span>}
      <span className="tr-facts">{facts}</span>
    </header>
  );
}

function factsOf(item) {
  if (item.role === "task") return item.at == null ? "" : clock(item.at);
  const parts = [];
  if (item.seconds >= 0.05) parts.push(duration(item.seconds));
  if (item.tokens) parts.push(t("transcript.tokens", { count: whole(item.tokens) }));
  if (item.cost) parts.push(money(item.cost));
  if (!parts.length && item.at != null) parts.push(clock(item.at));
  return parts.join(" · ");
}

const SAID = new Set(["text", "heard", "handoff"]);

export const Turn = memo(function Turn({ item }) {
  const said = item.parts.some((part) => SAID.has(part.kind));
  return (
    <article className="tr-turn" data-testid={said ? "message" : "turn"} data-source={item.source} data-role={item.role} data-earlier={item.earlier}>
      <Head source={item.source} why={item.reason} facts={factsOf(item)} practice={item.practice} model={item.model} />
      <div className="tr-body">
        {item.parts.map((part, index) => (
          <Part key={index} part={part} source={item.source} />
        ))}
      </div>
    </article>
  );
});

const Part = memo(function Part({ part, source }) {
  const Shown = PARTS[part.kind];
  return Shown ? <Shown part={part} source={source} /> : null;
});

const PARTS = {
  text: ({ part }) => <Markdown text={part.text} />,
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
  notice: ({ part }) => <p className="tr-quiet">{part.text}</p>,
  tool: ToolPart,
  code: CodePart,
  question: QuestionPart,
  handoff: ({ part, source }) => (
    <>
      {/* The engine's own sentence for a hand-over without words says what stands below. */}
      {part.text && part.text !== `${source} hands over to ${part.target}.` && <Markdown text={part.text} />}
      <p className="tr-quiet">
        <span aria-hidden="true">→ </span>
        {t("transcript.handoff", { target: part.target })}
      </p>
    </>
  ),
};

function ToolPart({ part }) {
  return (
    <details className="tr-fold" data-testid="tool-call" data-state={part.state} open={part.state === "failed" || undefined}>
      <summary>
        <span className="tr-mono">{part.name}</span>
        <span className="tr-brief">{brief(part.arguments)}</span>
        <span className="tr-state">{stateOf(part)}</span>
      </summary>
      {part.arguments && part.arguments !== "{}" && <Code source={pretty(part.arguments)} language="json" title={t("transcript.arguments")} />}
      {part.output !== undefined && <pre className="tr-output" tabIndex={0} data-bad={part.state === "failed"}>{part.output || t("transcript.no_output")}</pre>}
    </details>
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

function CodePart({ part }) {
  const verdict = part.state === "running" ? t("transcript.code_running") : part.state === "refused" ? t("transcript.code_refused") : part.exit === 124 ? t("transcript.code_timeout") : part.exit === 125 ? t("transcript.code_cancelled") : t("transcript.exit", { code: part.exit });
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

/** What the code wrote: pictures as pictures, everything to be downloaded. */
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

function QuestionPart({ part }) {
  if (!part.answer) return <p className="tr-quiet tr-asks">{t(part.dropped ? "transcript.unanswered" : "transcript.waits")}</p>;
  const { approved, text, by } = part.answer;
  const verdict = approved === true ? t("transcript.approved", { by }) : approved === false ? t("transcript.rejected", { by }) : t("transcript.answered", { by });
  return (
    <div className="tr-answered">
      <Markdown text={part.text} className="tr-text tr-muted" />
      {part.details && (
        <details className="tr-fold">
          <summary>{t("transcript.details")}</summary>
          <pre className="tr-output" tabIndex={0}>{part.details}</pre>
        </details>
      )}
      <p className="tr-quiet" data-approved={approved}>{[verdict, text].filter(Boolean).join(approved === null ? ": " : " · ")}</p>
    </div>
  );
}

/** What is being said right now. It is no part of the log that is read aloud: a screen reader hears the whole message when it is there. */
export function LiveTurn({ source }) {
  const live = useRuns(() => shown().live.get(source) ?? null);
  const why = useRuns(() => (shown().state.reason?.speaker === source ? shown().state.reason.text : ""));
  const at = useRuns(() => shown().at.get(source) ?? "");
  const begun = useRuns(() => begunTurn(source));
  if (!live) return null;
  const doing = t(at === "speaking" ? "transcript.streaming" : `transcript.at_${at || "thinking"}`);
  const isTold = at === "speaking" || begun?.parts.some((part) => part.state === "running");
  return (
    <article className="tr-turn tr-live" data-testid="message-live" data-source={source} data-at={at} data-begun={begun !== null} aria-live="off">
      {!begun && <Head source={source} why={why} facts={doing} />}
      {at !== "choosing" && (
        <div className="tr-body">
          <LiveBody source={source} />
          {begun && !isTold && <p className="tr-quiet">{doing}</p>}
        </div>
      )}
    </article>
  );
}

/** The last entry, when it is a turn of `source` that is not over: what is said or printed now goes on below it. */
function begunTurn(source) {
  const last = shownState().items.at(-1);
  return last?.kind === "turn" && !last.closed && last.source === source ? last : null;
}

function LiveBody({ source }) {
  const root = useRef(null);
  const output = useRef(null);
  const { colorOf } = useContext(TranscriptContext);
  const live = useRuns(() => shown().live.get(source) ?? null);
  useLayoutEffect(() => {
    if (!live) return undefined;
    const stream = new Stream(root.current);
    const write = ({ text, output: printed }) => {
      stream.write(text);
      if (printed) {
        output.current.hidden = false;
        output.current.append(printed);
      }
    };
    output.current.replaceChildren();
    const heard = listenTo(live, write);
    write(heard.said);
    return heard.stop;
  }, [live, source]);
  return (
    <div className="tr-streaming" style={{ "--own": colorOf(source) }}>
      <div ref={root} />
      <pre className="tr-output" ref={output} hidden />
    </div>
  );
}

/** An entry that is no turn: a notice, an error, the end. */
export const Remark = memo(function Remark({ item }) {
  const { onCommand } = useContext(TranscriptContext);
  switch (item.kind) {
    case "error":
      return (
        <div className="tr-error" data-testid="error" role="alert">
          <p><Icon name="warning" size={14} /> <strong>{item.source ? t("transcript.error_of", { source: item.source }) : t("transcript.error")}</strong></p>
          <p>{item.text}</p>
          {item.remedy && <p>{item.remedy}</p>}
          {item.account && <button type="button" onClick={() => onCommand?.(`account:${item.account}`)}>{t("transcript.open_account", { account: item.account })}</button>}
        </div>
      );
    case "rejected":
      return <p className="tr-remark">{t("transcript.rejected_choice", { answer: item.answer.length > 90 ? `${item.answer.slice(0, 90)}…` : item.answer, why: item.why })}</p>;
    case "earlier":
      return <p className="tr-rule"><span>{t("transcript.earlier")}</span></p>;
    case "interrupted":
      return <p className="tr-remark tr-warn">{item.step ? t("transcript.interrupted_at", { step: item.step }) : t("transcript.interrupted")}</p>;
    case "resumed":
      return <p className="tr-remark">{t("transcript.resumed")}</p>;
    case "finished":
      return item.status === "waiting" ? null : <p className="tr-rule" data-testid="run-finished" data-status={item.status}><span>{[t(`transcript.ended_${item.status}`), item.text].filter(Boolean).join(" · ")}</span></p>;
    default:
      return <p className="tr-remark">{item.source ? `${item.source}: ${item.text}` : item.text}</p>;
  }
});
