/* The card of a question: text, one of several choices, a form, approve or reject with a reason, or change what is proposed. */
import { useContext, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { clock, t } from "../texts.js";
import { EDITED } from "../run/answers.js";
import { answer } from "../run/orders.js";
import { shown, tab, useRuns } from "../run/store.js";
import { useAnswer } from "./answer.js";
import { rendered } from "./markdown.js";
import { Form } from "./form.jsx";
import { TranscriptContext } from "./turn.jsx";
import { Code } from "./words.jsx";

export function Question({ question, isHuman }) {
  const { colorOf } = useContext(TranscriptContext);
  const sending = useRuns(() => tab.answering.includes(question.id));
  const card = useRef(null);
  const isNew = useDisplaced(card);
  const label = useId();
  const text = useRef(null);
  useLayoutEffect(() => text.current.replaceChildren(rendered(question.text)), [question.text]);
  const Answer = asksToSignIn(question) ? SignIn : question.form === "approve" || question.form === "edit" ? Approval : question.form === "choice" && question.choices.length ? Choice : question.form === "form" && question.fields?.properties ? Form : Text;
  return (
    <section ref={card} tabIndex={-1} className="tr-question" data-testid="question" data-new={isNew || undefined} data-form={question.form} aria-labelledby={label}>
      <header className="tr-head" id={label}>
        <span className="tr-dot" style={{ "--own": isHuman ? "var(--human)" : colorOf(question.source) }} aria-hidden="true" />
        <span className="tr-name">{titleOf(question, isHuman)}</span>
        {question.until !== null && <TimeLeft question={question} />}
      </header>
      <div className="tr-body">
        <div className="tr-text" ref={text} />
        {question.details && (asksForCode(question) ? <Code source={question.details} language="python" title="" /> : <pre className="tr-output" tabIndex={0}>{question.details}</pre>)}
        {isNew && <p className="tr-quiet" role="status">{t("question.displaced")}</p>}
        <fieldset className="tr-lock" disabled={isNew}>
          <Answer question={question} sending={sending} send={(said, approved, always) => answer(question.id, said, approved, always)} />
        </fieldset>
      </div>
    </section>
  );
}

const RECENT = 10_000;
const LOOK = 1_500;

/** Whether this card has just come to where another one stood that somebody else answered: a click meant for that one must not count here. */
function useDisplaced(card) {
  const displaced = useRuns(() => shown().displaced);
  const came = useRef(performance.now());
  const until = performance.now() - displaced > RECENT ? 0 : Math.max(displaced, came.current) + LOOK;
  const [isNew, setNew] = useState(() => until > performance.now());
  useLayoutEffect(() => {
    const left = until - performance.now();
    if (left <= 0) return undefined;
    setNew(true);
    if (document.activeElement === document.body) card.current.focus({ preventScroll: true });
    const timer = setTimeout(setNew, left, false);
    return () => clearTimeout(timer);
  }, [displaced]); // eslint-disable-line react-hooks/exhaustive-deps
  return isNew;
}

/** How long there is to answer, and what counts after that. */
function TimeLeft({ question }) {
  const left = () => Math.max(0, Math.ceil((question.until - Date.now()) / 1000));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    const timer = setInterval(() => setSeconds(left()), 1000);
    return () => clearInterval(timer);
  });
  return <span className="tr-facts" data-testid="time-left" title={question.default ? t("question.default", { answer: question.default }) : t("question.no_default")}>{t("question.left", { time: clock(seconds) })}</span>;
}

const LOCAL_CODE = "local_code";
const asksForCode = (question) => question.subject === LOCAL_CODE;

const SIGN_IN = "sign_in:";
const asksToSignIn = (question) => question.subject.startsWith(SIGN_IN);

/** What the card is called, and the tab while it waits. */
export function titleOf(question, isHuman) {
  if (asksToSignIn(question)) return t("question.sign_in", { name: question.source });
  if (asksForCode(question)) return t("question.local_code", { name: question.source });
  return t(isHuman ? "question.for" : "question.from", { name: question.source });
}

function Text({ question, sending, send }) {
  const [said, setSaid] = useAnswer(question);
  const form = useAnswerBox();
  const submit = () => !sending && send(said);
  return (
    <div className="tr-answer">
      <textarea ref={form} rows={2} value={said} disabled={sending} data-testid="answer-input" aria-label={t("question.answer", { name: question.source })} placeholder={t("question.placeholder")} onChange={(event) => setSaid(event.target.value)} onKeyDown={(event) => enters(event, submit)} />
      <div className="tr-actions">
        <button type="button" className={said.trim() ? "tr-go" : ""} data-testid="answer-send" disabled={sending} onClick={submit}>{t(sending ? "question.sending" : said.trim() ? "question.send" : "question.send_nothing")}</button>
        <span className="tr-quiet">{t("question.help")}</span>
      </div>
    </div>
  );
}

/** The page of the server opens beside the studio; once somebody has signed in there, the run goes on by itself. */
function SignIn({ question, sending, send }) {
  const run = useRuns(() => shown().id);
  const [gone, setGone] = useState(false);
  const there = `/api/sign-in?${new URLSearchParams({ run, question: question.id })}`;
  const go = () => {
    window.open(there, "_blank", "noopener");
    setGone(true);
  };
  return (
    <div className="tr-actions">
      <button type="button" className={gone ? "" : "tr-go"} data-testid="sign-in" disabled={sending} onClick={go}>{t("question.sign_in.go")}</button>
      {gone && <button type="button" data-testid="signed-in" disabled={sending} onClick={() => send("", true)}>{t("question.sign_in.done")}</button>}
      <button type="button" className={gone ? "tr-plain" : ""} data-testid="answer-reject" disabled={sending} onClick={() => send("", false)}>{t("question.sign_in.without")}</button>
    </div>
  );
}

function Approval({ question, sending, send }) {
  const [rejecting, setRejecting] = useState(false);
  const [reason, setReason] = useAnswer(question);
  const [always, setAlways] = useState(false);
  const [proposed, propose] = useAnswer(question, EDITED);
  const [editing, setEditing] = useState(proposed !== "");
  const edited = editing ? proposed || question.details : null;
  const setEdited = (text) => {
    setEditing(text !== null);
    propose(text === null || text === question.details ? "" : text);
  };
  const first = useRef(null);
  const box = useRef(null);
  useEffect(() => (rejecting ? box.current?.focus() : undefined), [rejecting]);
  if (edited !== null) return <Edited question={question} edited={edited} setEdited={setEdited} sending={sending} send={send} />;
  if (!rejecting)
    return (
      <div className="tr-actions">
        <button ref={first} type="button" className="tr-go" data-testid="answer-approve" disabled={sending} onClick={() => send("", true, always)}>{t(sending ? "question.sending" : asksForCode(question) ? "question.run_it" : "question.approve")}</button>
        <button type="button" data-testid="answer-reject" disabled={sending} onClick={() => (asksForCode(question) ? send("", false) : setRejecting(true))}>{t(asksForCode(question) ? "question.do_not_run" : "question.reject")}</button>
        {question.form === "edit" && <button type="button" data-testid="answer-edit" disabled={sending} onClick={() => setEdited(question.details)}>{t("question.edit")}</button>}
        {asksForCode(question) && (
          <label className="tr-always">
            <input type="checkbox" checked={always} disabled={sending} data-testid="answer-always" onChange={(event) => setAlways(event.target.checked)} />
            {t("question.always")}
          </label>
        )}
      </div>
    );
  const submit = () => !sending && send(reason, false);
  return (
    <div className="tr-answer">
      <textarea ref={box} rows={2} value={reason} disabled={sending} data-testid="answer-input" aria-label={t("question.reason", { name: question.source })} placeholder={t("question.reason_placeholder")} onChange={(event) => setReason(event.target.value)} onKeyDown={(event) => enters(event, submit)} />
      <div className="tr-actions">
        <button type="button" className="tr-no" data-testid="answer-send" disabled={sending} onClick={submit}>{t(sending ? "question.sending" : "question.send_rejection")}</button>
        <button type="button" className="tr-plain" disabled={sending} onClick={() => setRejecting(false)}>{t("question.back")}</button>
      </div>
    </div>
  );
}

/** What is proposed, changed before it is approved. The arguments of a tool call stay a JSON object; any other proposal is free text. */
function Edited({ question, edited, setEdited, sending, send }) {
  const box = useRef(null);
  const hint = useId();
  useEffect(() => box.current?.focus(), []);
  const isCall = question.subject !== "";
  const fits = isCall ? isObject(edited) : edited.trim() !== "";
  return (
    <div className="tr-answer">
      <textarea ref={box} rows={Math.min(16, edited.split("\n").length + 1)} value={edited} disabled={sending} spellCheck={!isCall} data-testid="answer-input" aria-label={t(isCall ? "question.arguments" : "question.changed", { name: question.source })} aria-invalid={!fits} aria-describedby={hint} onChange={(event) => setEdited(event.target.value)} />
      <div className="tr-actions">
        <button type="button" className="tr-go" data-testid="answer-send" disabled={sending || !fits} onClick={() => send(edited, true)}>{t(sending ? "question.sending" : "question.approve_edited")}</button>
        <button type="button" className="tr-plain" disabled={sending} onClick={() => setEdited(null)}>{t("question.back")}</button>
        <span className="tr-quiet" id={hint}>{fits || !isCall ? "" : t("question.no_object")}</span>
      </div>
    </div>
  );
}

function isObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function Choice({ question, sending, send }) {
  return (
    <div className="tr-actions tr-choices" role="group" aria-label={t("question.answer", { name: question.source })}>
      {question.choices.map((choice) => (
        <button key={choice} type="button" data-testid="answer-choice" disabled={sending} onClick={() => send(choice)}>{choice}</button>
      ))}
    </div>
  );
}

/** Takes the focus when the question comes, unless the person is writing somewhere else. */
function useAnswerBox() {
  const box = useRef(null);
  useEffect(() => {
    const focus = document.activeElement;
    if (!focus || focus === document.body) box.current?.focus({ preventScroll: true });
  }, []);
  return box;
}

/** Enter sends, Shift+Enter begins a new line; not while a word is being composed. */
export function enters(event, submit) {
  if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
  event.preventDefault();
  event.stopPropagation();
  submit();
}
