/* One entry of the transcript: who, why, what it cost, and what was said and done; live ones, and conversations within a turn. */
import { createContext, memo, useContext, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Icon } from "../icons.jsx";
import { clock, counted, duration, spending, t, whole } from "../texts.js";
import { listenTo } from "../run/live.js";
import { shown, shownState, useRuns } from "../run/store.js";
import { NOTES } from "./notes.jsx";
import { PARTS } from "./parts.jsx";
import { FarUp } from "./patience.js";
import { Stream } from "./stream.js";

/** What every entry may need: `colorOf(name)`, and `onCommand`. Its value keeps its identity while a run goes on. */
export const TranscriptContext = createContext({ colorOf: () => "var(--muted)" });

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
  if (item.cost) parts.push(spending(item));
  if (!parts.length && item.at != null) parts.push(clock(item.at));
  return parts.join(" · ");
}

/** The words for a command: who was named speaks in somebody's place, after somebody's turn, or just next. */
const ordered = ({ command, instead, after }) => `transcript.command_${command}${instead ? "_instead" : after ? "_after" : ""}`;

const SAID = new Set(["text", "heard", "handoff"]);

export const Turn = memo(function Turn({ item }) {
  const said = item.parts.some((part) => SAID.has(part.kind));
  return (
    <article className="tr-turn" data-testid={said ? "message" : "turn"} data-source={item.source} data-role={item.role} data-earlier={item.earlier}>
      {useContext(FarUp) ? plainly(item) : wholly(item)}
    </article>
  );
});

function wholly(item) {
  return (
    <>
      <Head source={item.source} why={item.reason} facts={factsOf(item)} practice={item.practice} model={item.model} />
      <div className="tr-body">
        {item.parts.map((part, index) => (
          <Part key={index} part={part} />
        ))}
      </div>
    </>
  );
}

/** A fourth of what `wholly` costs. */
function plainly(item) {
  return (
    <>
      <header className="tr-head">{item.source}</header>
      <div className="tr-body">{item.parts.map((part) => (part.kind === "text" ? part.text : "")).join("\n")}</div>
    </>
  );
}

const Part = memo(function Part({ part }) {
  const Shown = part.kind === "talk" ? Talk : PARTS[part.kind];
  return Shown ? <Shown part={part} /> : null;
});

/** What is being said right now. It is no part of the log that is read aloud: a screen reader hears the whole message when it is there. */
function LiveTurn({ source: key, scope = null }) {
  const source = scope ? key.slice(scope.length + 1) : key;
  const live = useRuns(() => shown().live.get(key) ?? null);
  const why = useRuns(() => talkOf(scope)?.choices[source]?.text ?? "");
  const at = useRuns(() => shown().at.get(key) ?? "");
  const begun = useRuns(() => begunTurn(source, scope));
  if (!live) return null;
  const doing = t(at === "speaking" ? "transcript.streaming" : `transcript.at_${AT.has(at) ? at : "thinking"}`);
  const isTold = at === "speaking" || begun?.parts.some((part) => part.state === "running");
  return (
    <article className="tr-turn tr-live" data-testid="message-live" data-source={source} data-at={at} data-begun={begun !== null} aria-live="off">
      {!begun && <Head source={source} why={why} facts={doing} />}
      {at !== "choosing" && (
        <div className="tr-body">
          <LiveBody live={key} source={source} />
          {begun && !isTold && <p className="tr-quiet">{doing}</p>}
        </div>
      )}
    </article>
  );
}

const AT = new Set(["choosing", "thinking", "tool", "code", "function"]);

/** A conversation of the run that is shown: its own, or the one with this id. */
const talkOf = (scope) => (scope ? shownState().talks[scope] : shownState());

/** The last entry, when it is a turn of `source` that is not over: what is said or printed now goes on below it. */
function begunTurn(source, scope) {
  const last = talkOf(scope)?.items.at(-1);
  return last?.kind === "turn" && !last.closed && last.source === source ? last : null;
}

/** A conversation within a turn: open while it goes on and where the others heard it, else folded into what came of it. */
function Talk({ part }) {
  const talk = useRuns(() => shownState().talks[part.id] ?? null);
  const speaking = useRuns(() => (shown().past ? NOBODY : shown().speaking));
  const inner = useMemo(() => speaking.filter((key) => key.startsWith(`${part.id}/`)), [speaking, part.id]);
  const [chosen, setChosen] = useState(null);
  if (!talk) return null;
  const isOpen = chosen ?? (talk.open || talk.heard);
  const facts = [counted("transcript.talk_messages", talk.messages)];
  if (talk.tokens) facts.push(t("transcript.tokens", { count: whole(talk.tokens) }));
  if (talk.cost) facts.push(spending(talk));
  const toggle = (event) => {
    event.preventDefault();
    setChosen(!isOpen);
  };
  return (
    <details className="tr-talk" open={isOpen} data-testid="talk" data-team={talk.team} data-open={talk.open}>
      <summary onClick={toggle} aria-expanded={isOpen}>
        <span className="tr-talk-name">{talk.team}</span>
        <span className="tr-brief">{talk.open ? t("transcript.talk_open") : isOpen ? talk.stopReason : talk.text.slice(0, 160)}</span>
        <span className="tr-state">{facts.join(" · ")}</span>
      </summary>
      {isOpen && (
        <div className="tr-talk-body">
          <Entries items={talk.items} />
          <Speaking keys={inner} scope={part.id} />
          {!talk.open && talk.stopReason && <p className="tr-quiet">{t("transcript.talk_over", { why: talk.stopReason })}</p>}
        </div>
      )}
    </details>
  );
}

const NOBODY = Object.freeze([]);

export function Entries({ items }) {
  return items.map((item) => (item.kind === "turn" ? <Turn key={item.key} item={item} /> : <Remark key={item.key} item={item} />));
}

/** Those who speak right now in one conversation, beside each other when they are several. */
export function Speaking({ keys, scope = null }) {
  if (!keys.length) return null;
  return (
    <div className="tr-lives" data-many={keys.length > 1}>
      {keys.map((key) => (
        <LiveTurn key={key} source={key} scope={scope} />
      ))}
    </div>
  );
}

function LiveBody({ live: key, source }) {
  const root = useRef(null);
  const output = useRef(null);
  const { colorOf } = useContext(TranscriptContext);
  const live = useRuns(() => shown().live.get(key) ?? null);
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
  const Note = NOTES[item.kind];
  if (Note && item.kind !== "notice") return <div className="tr-remark tr-note"><Note part={item} source={item.source} /></div>;
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
    case "guest":
      return <p className="tr-rule" data-testid="guest"><span>{t("transcript.guest", { via: item.via })}</span></p>;
    case "forked":
      return <p className="tr-rule" data-testid="forked"><span><a href={`/run/${item.parent}`}>{t("transcript.forked", { count: whole(item.copied) })}</a></span></p>;
    case "command":
      return <p className="tr-remark" data-testid="command">{t(ordered(item), { speaker: item.speaker, other: item.instead || item.after })}</p>;
    case "resumed":
      return <p className="tr-remark">{t("transcript.resumed")}</p>;
    case "finished":
      return item.status === "waiting" ? null : <p className="tr-rule" data-testid="run-finished" data-status={item.status}><span>{[t(`transcript.ended_${item.status}`), item.text].filter(Boolean).join(" · ")}</span></p>;
    default:
      return <p className="tr-remark">{item.source ? `${item.source}: ${item.text}` : item.text}</p>;
  }
});
