/* What was sent to be kept elsewhere and has not come back yet, oldest first. Pure. */

/** Milliseconds after which nothing comes back any more: it was refused, or two came as one. */
const LONGEST = 5_000;

/** Notes what is sent; nothing comes back of what is there already. `known` is what came last. */
export function sends(sent, what, known, at) {
  if ((sent.at(-1)?.what ?? known) !== what) sent.push({ what, at });
}

/** Whether what comes is only what was sent earlier than something that is still on its way. What somebody else changed ends all waiting. */
export function isOvertaken(sent, what, at) {
  const own = sent.findIndex((each) => each.what === what && at - each.at < LONGEST);
  sent.splice(0, own < 0 ? sent.length : own + 1);
  while (sent.length && at - sent[0].at >= LONGEST) sent.shift();
  return sent.length > 0;
}
