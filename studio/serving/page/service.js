/* The service behind the page: requests with the token, and streams that come back by themselves where they were cut. */

const PATIENCE = [500, 1_000, 2_000, 5_000, 10_000];

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Requests of one door. `token` may change; `unreachable` is what is said where nothing answers. */
export class Service {
  #waiting = new Set();

  #unreachable;

  constructor(token, unreachable) {
    this.token = token;
    this.#unreachable = unreachable;
  }

  async get(path) {
    return this.#json(path, {});
  }

  async post(path, body) {
    return this.#json(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  }

  /** Tells `hear` every event of a run after number `after` until it is over; `signal` ends it. */
  async listen(run, after, hear, signal) {
    let last = after;
    for (let failed = 0; !signal.aborted; ) {
      try {
        const response = await this.#fetch(`api/runs/${run}/events`, { headers: { "Last-Event-ID": String(last) }, signal });
        if (response.status === 204) return;
        let over = false;
        for await (const told of events(response.body)) {
          failed = 0;
          if (told.seq) last = told.seq;
          over = told.type === "status" && ["done", "stopped", "failed", "interrupted"].includes(told.status);
          hear(told);
        }
        if (over) return;
      } catch (mistake) {
        if (signal.aborted) return;
        if (mistake instanceof Refused && mistake.status < 500 && mistake.status !== 429) throw mistake;
      }
      await this.#pause(PATIENCE[Math.min(failed, PATIENCE.length - 1)]);
      failed += 1;
    }
  }

  async #json(path, options) {
    const response = await this.#fetch(path, options);
    // The service is there: streams that were cut off need not wait any longer.
    for (const goOn of this.#waiting) goOn();
    return response.json();
  }

  async #pause(milliseconds) {
    let goOn;
    await new Promise((resolve) => {
      goOn = resolve;
      this.#waiting.add(goOn);
      setTimeout(goOn, milliseconds);
    });
    this.#waiting.delete(goOn);
  }

  async #fetch(path, options) {
    const headers = { ...options.headers, Authorization: `Bearer ${this.token}` };
    const response = await fetch(path, { ...options, headers, credentials: "omit", redirect: "error" }).catch((mistake) => {
      throw options.signal?.aborted ? mistake : new Error(this.#unreachable);
    });
    if (!response.ok) {
      const told = await response.json().catch(() => ({}));
      throw new Refused(response.status, told.error?.message ?? String(response.status));
    }
    return response;
  }
}

/* The events of a stream of server-sent events, each as its data. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const pieces = (rest + value).split("\n\n");
      rest = pieces.pop();
      for (const piece of pieces) {
        const data = piece.split("\n").find((line) => line.startsWith("data: "));
        if (data) yield JSON.parse(data.slice(6));
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
