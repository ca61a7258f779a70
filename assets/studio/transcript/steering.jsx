/* Steering a run that goes on: a message put in between two steps, and who speaks next, also in the place of who is asked. */
import { useState } from "react";
import { Icon } from "../icons.jsx";
import { t } from "../texts.js";
import { nextSpeaker, say } from "../run/orders.js";
import { shown, useRuns } from "../run/store.js";
import { enters } from "./question.jsx";

const NO_NAMES = Object.freeze([]);

export function Steering({ names = NO_NAMES }) {
  const [text, setText] = useState("");
  const run = useRuns(() => shown().id);
  const submit = () => {
    if (!text.trim()) return;
    say(text.trim());
    setText("");
  };
  return (
    <div className="tr-steering" role="group" aria-label={t("steer.label")} key={run}>
      <div className="tr-box">
        <textarea rows={1} value={text} data-testid="inject-input" aria-label={t("steer.say")} placeholder={t("steer.say")} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => enters(event, submit)} />
        <button type="button" className="tr-send" data-testid="inject-send" disabled={!text.trim()} onClick={submit} aria-label={t("steer.send")} title={t("steer.send")}><Icon name="enter" /></button>
      </div>
      <NextSpeaker names={names} />
    </div>
  );
}

/** While somebody is asked: another one may speak in their place. */
export function InTheirPlace({ names = NO_NAMES }) {
  return names.length > 1 ? <div className="tr-steering" role="group" aria-label={t("steer.label")}><NextSpeaker names={names} /></div> : null;
}

function NextSpeaker({ names }) {
  if (names.length < 2) return null;
  return (
    <select className="tr-next" value="" data-testid="next-speaker" aria-label={t("steer.next")} title={t("steer.next")} onChange={(event) => event.target.value && nextSpeaker(event.target.value)}>
      <option value="">{t("steer.next")}</option>
      {names.map((name) => (
        <option key={name} value={name}>{name}</option>
      ))}
    </select>
  );
}
