/* The run that is shown, as time: a line for each speaker, a bar for each thing that was said or done; a bar of an old run leads there. */
import { useEffect, useMemo } from "react";
import { duration, t } from "../texts.js";
import { stepTo } from "../run/orders.js";
import { isGoingOn, shown, useRuns } from "../run/store.js";

const LONGEST_GAP = 8;
const SHOWN = {
  message: "said",
  tool_calls: "called",
  tool_result: "tool",
  code_result: "code",
  question: "asked",
  answer: "answered",
  handoff: "handed",
  error: "error",
  partial: "said",
};

const seconds = (time) => new Date(time).getTime() / 1000;

/** Bars `{seq, source, kind, from, to, took, text}` on a time axis in seconds, on which nothing that happened and no wait is longer than it says. */
function bars(events) {
  const found = [];
  let clock = 0;
  let last = null;
  for (const event of events) {
    const end = seconds(event.time);
    const took = event.seconds ?? 0;
    const gap = last === null ? 0 : Math.max(0, end - last - took);
    clock += last === null ? took : Math.min(gap, LONGEST_GAP) + Math.min(took, end - last + 0.001);
    last = end;
    if (!SHOWN[event.type] || event.role === "task") continue;
    found.push({ seq: event.seq, source: event.source, kind: SHOWN[event.type], from: Math.max(0, clock - took), to: clock, took, text: event.text ?? event.name ?? "" });
  }
  return { bars: found, length: Math.max(clock, 0.5) };
}

export function Timeline({ agents }) {
  const id = useRuns(() => shown().id);
  const count = useRuns(() => shown().events.length);
  const at = useRuns(() => shown().upTo);
  const going = useRuns(isGoingOn);
  useEffect(() => () => stepTo(null), []);
  const line = useMemo(() => bars(shown().events), [id, count]);
  const colors = useMemo(() => new Map((agents ?? []).map((agent) => [agent.name, agent.kind === "human" ? "var(--human)" : `var(--agent-${(agent.color ?? 0) % 8})`])), [agents]);
  const lanes = useMemo(() => {
    const names = [...(agents ?? []).map((agent) => agent.name), ...line.bars.map((bar) => bar.source)];
    return [...new Set(names)].filter((name) => line.bars.some((bar) => bar.source === name));
  }, [agents, line]);

  if (!line.bars.length) return <p className="muted pad">{t("ui.timeline.empty")}</p>;
  const place = (value) => `${(100 * value) / line.length}%`;
  return (
    <div className="timeline" role="group" aria-label={t("ui.timeline.title")} data-testid="timeline">
      {lanes.map((name) => (
        <div className="lane" key={name}>
          <span className="lane-name clip">
            <span className="dot" style={{ background: colors.get(name) ?? "var(--human)" }} />
            {name}
          </span>
          <span className="lane-line">
            {line.bars
              .filter((bar) => bar.source === name)
              .map((bar) => {
                const words = [t(`ui.timeline.${bar.kind}`), bar.took ? duration(bar.took) : "", bar.text.slice(0, 120)].filter(Boolean).join(" · ");
                return (
                  <button
                    key={bar.seq}
                    type="button"
                    className={`lane-bar ${bar.kind}`}
                    style={{ left: place(bar.from), width: place(bar.to - bar.from), "--own": colors.get(name) ?? "var(--human)" }}
                    title={words}
                    aria-label={`${name}: ${words}`}
                    aria-current={at === bar.seq ? "step" : undefined}
                    data-later={at !== null && bar.seq > at ? true : undefined}
                    disabled={going}
                    onClick={() => stepTo(bar.seq >= shown().state.seq ? null : bar.seq)}
                  />
                );
              })}
          </span>
        </div>
      ))}
      <div className="lane lane-foot">
        <span className="lane-name muted">{at !== null && <button type="button" className="button small" onClick={() => stepTo(null)}>{t("ui.timeline.to_end")}</button>}</span>
        <span className="muted small-text number">{going ? t("ui.timeline.going") : t("ui.timeline.hint")}</span>
      </div>
    </div>
  );
}
