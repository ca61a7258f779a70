/* The entries of a conversation while its events are folded: turns that are open, parts that change. What was given out is copied first. */

const NEAR = 64;

/** A conversation without entries: the run's own, or one within it. */
export const TALK = Object.freeze({ items: [], turn: 0, speaker: "", previous: "", active: [], reason: null, choices: {} });

/** The open turn of the event's source, copied so that it may be changed; a new one when it has none. */
export const turnOf = (talk, event, at) => openTurn(talk, event.source) ?? begin(talk, event, event.source, at);

/** The newest turn of `source` that is not over, copied; null when there is none. Several may be open at once. */
function openTurn(talk, source) {
  const end = Math.max(0, talk.items.length - NEAR);
  for (let index = talk.items.length - 1; index >= end; index -= 1) {
    const item = talk.items[index];
    if (item.kind === "turn" && item.source === source) return item.closed ? null : (talk.items[index] = copied(item));
  }
  return null;
}

/** The last entry, copied, when it is a turn of `source`, open or not. */
export function lastTurn(talk, source) {
  const index = talk.items.length - 1;
  const item = talk.items[index];
  return item?.kind === "turn" && item.source === source ? (talk.items[index] = copied(item)) : null;
}

export function begin(talk, event, source, at) {
  const reason = talk.choices[source];
  if (reason) {
    talk.choices = { ...talk.choices };
    delete talk.choices[source];
    if (talk.reason?.speaker === source) talk.reason = null;
  }
  const turn = {
    key: `e${event.seq}`, kind: "turn", source, seq: event.seq, at, reason: reason?.text ?? "", by: reason?.by ?? "",
    role: "agent", parts: [], seconds: null, tokens: 0, cost: null, unpriced: 0, model: null, practice: false, closed: false,
  };
  talk.items.push(turn);
  return turn;
}

/** A turn is over that ended without a word. */
export function closeTurn(talk, source) {
  const turn = openTurn(talk, source);
  if (turn) turn.closed = true;
}

/** Into the open turn of the event's source, or as an entry of its own. */
export function put(talk, event, at, part) {
  const turn = openTurn(talk, event.source);
  if (turn) turn.parts.push({ ...part, seq: event.seq });
  else push(talk, event, at, part);
}

export function push(talk, event, at, facts) {
  talk.items.push({ key: `e${event.seq}`, source: event.source ?? "", seq: event.seq, at, ...facts });
}

/** Changes the newest part that `wanted` accepts. Returns whether there was one. */
export function change(talk, wanted, facts) {
  for (let index = talk.items.length - 1; index >= 0; index -= 1) {
    const item = talk.items[index];
    const at = item.kind === "turn" ? item.parts.findLastIndex(wanted) : -1;
    if (at < 0) continue;
    talk.items[index] = { ...item, parts: item.parts.with(at, { ...item.parts[at], ...facts }) };
    return true;
  }
  return false;
}

/** Whatever is still under way is marked as broken off. */
export function breakOff(talk) {
  const underWay = (part) => part.state === "running" || part.state === "called";
  for (const [index, item] of talk.items.entries())
    if (item.kind === "turn" && !item.closed && item.parts.some(underWay)) talk.items[index] = { ...item, parts: item.parts.map((part) => (underWay(part) ? { ...part, state: "stopped" } : part)) };
}

export function think(turn, event) {
  if (event.reasoning) turn.parts.push({ kind: "reasoning", text: event.reasoning, seq: event.seq });
}

export function attach(turn, event) {
  if (event.attachments?.length) turn.parts.push({ kind: "attachments", files: event.attachments, seq: event.seq });
}

export function spent(turn, event) {
  if (event.seconds != null) turn.seconds = (turn.seconds ?? 0) + event.seconds;
  count(turn, event.usage);
}

/** Adds what `usage` says to the sums of a turn, a conversation or a run. */
export function count(sums, usage) {
  if (!usage) return;
  sums.tokens += tokensOf(usage);
  if (usage.cost != null) sums.cost = (sums.cost ?? 0) + usage.cost;
  sums.unpriced += unpricedOf(usage);
}

/** How many calls have no known price: what they have cost is in no sum. */
export const unpricedOf = (usage) => (usage?.cost == null ? (usage?.calls ?? 0) : (usage.unpriced ?? 0));

export const tokensOf = (usage) => (usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0);

const copied = (turn) => ({ ...turn, parts: turn.parts.slice() });
