/* Which flows this tab shows: the server says their revision and which run goes on, and again after every change. */
import { onLine, send } from "./line.js";

const shown = new Map();

onLine({
  takes: {
    flow({ flow, rev, run }) {
      for (const hear of shown.get(flow) ?? []) hear(rev ?? GONE, run ?? "");
    },
  },
  again: () => [...shown.keys()].map((flow) => ({ t: "watch_flow", flow })),
});

/** The revision of a flow that was deleted. */
const GONE = -1;

/** `hear(rev, run)` now and whenever the flow was changed or run by anybody: rev -1 when it is gone, run "" when none goes on. Returns how to stop. */
export function watchFlow(flow, hear) {
  const hearers = shown.get(flow) ?? new Set();
  shown.set(flow, hearers.add(hear));
  send({ t: "watch_flow", flow });
  return () => {
    hearers.delete(hear);
    if (hearers.size) return;
    shown.delete(flow);
    send({ t: "unwatch_flow", flow });
  };
}
