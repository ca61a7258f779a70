/* The page of a shared flow: a conversation with the team, which goes on after a reload and where a connection was lost. */
import { questionCard } from "./question.js";
import { Refused, Service } from "./service.js";
import { make, rendered } from "./words.js";

const texts = JSON.parse(document.querySelector("meta[name=texts]").content);
const at = (id) => document.getElementById(id);
const KEPT = `convene:${location.pathname}`;
const COLORS = 8;

/* What this tab keeps over a reload: the token, and the runs of its conversation. */
const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") ?? { token: "", session: null, runs: [] };
const keep = () => sessionStorage.setItem(KEPT, JSON.stringify(kept));

if (location.hash.length > 1) {
  kept.token = decoded(location.hash.slice(1));
  keep();
  // The token stays out of the history and of what is copied from the address bar.
  history.replaceState(null, "", location.pathname + location.search);
}

const service = new Service(kept.token, texts.unreachable);
const colors = new Map();
let listening = new AbortController();
let running = null;
let status = "";

async function enter() {
  try {
    const flow = await service.get("api/flow");
    show(flow);
  } catch (mistake) {
    const isToken = mistake instanceof Refused && mistake.status === 401;
    askForToken(!isToken ? mistake.message : service.token ? texts.wrong : "");
  }
}

/* A token as it was given, also one that holds a percent sign. */
function decoded(written) {
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}

function askForToken(why) {
  at("door").hidden = false;
  at("door-note").textContent = why;
  at("token").focus();
}

function show(flow) {
  document.title = flow.name;
  at("name").textContent = flow.name;
  at("door").hidden = true;
  at("composer").hidden = false;
  at("about").textContent = flow.description || texts.about;
  at("samples").replaceChildren(...flow.sample_tasks.slice(0, 4).map((task) => make("li", "", sample(task))));
  at("task").focus();
  for (const run of kept.runs) listen(run);
  refresh();
}

function sample(task) {
  const button = make("button", "", task);
  button.type = "button";
  button.addEventListener("click", () => {
    at("task").value = task;
    grow();
    at("task").focus();
  });
  return button;
}

async function say(task) {
  note("");
  setStatus("running");
  try {
    const started = await service.post("api/runs", { task, from_page: true, ...(kept.session ? { session: kept.session } : {}) });
    kept.session = started.session;
    kept.runs = [...kept.runs, started.run].slice(-50);
    keep();
    at("task").value = "";
    grow();
    listen(started.run);
  } catch (mistake) {
    setStatus("");
    note(mistake.message);
  }
}

/* Shows a run as it is told; earlier runs of the conversation stand above it. */
function listen(run) {
  const shown = new Run(run);
  running = run;
  service.listen(run, 0, (told) => shown.hear(told), listening.signal).catch((mistake) => {
    if (run === running) setStatus("");
    note(mistake.message);
  });
}

/* One run on the page: its messages, what is being said, its question. */
class Run {
  constructor(id) {
    this.id = id;
    this.place = make("li", "run");
    this.speaking = new Map();
    this.question = null;
    at("talk").append(this.place);
  }

  hear(told) {
    const follow = nearEnd();
    switch (told.type) {
      case "message":
        this.silence(told.source);
        if (!this.place.querySelector(`[data-seq="${Number(told.seq)}"]`)) this.add(message(told));
        break;
      case "delta":
        this.speak(told.source, told.text);
        break;
      case "void":
        this.silence(told.source);
        break;
      case "tools":
        this.silence(told.source);
        this.add(make("p", "aside", `${told.source} · ${texts.tools} ${told.names.join(", ")}`));
        break;
      case "code":
        this.add(make("p", "aside", `${told.source} · ${texts.code}`));
        break;
      case "question":
        this.ask(told);
        break;
      case "answer":
      case "withdrawn":
        this.question?.remove();
        this.question = null;
        break;
      case "error":
        this.add(make("p", "problem", told.text));
        break;
      case "finished":
        this.finish(told);
        break;
      case "status":
        if (this.id === running) setStatus(told.status);
        break;
    }
    if (follow) window.scrollTo({ top: document.body.scrollHeight });
  }

  add(element) {
    this.place.append(element);
    at("welcome").hidden = true;
  }

  speak(source, text) {
    let spoken = this.speaking.get(source);
    if (!spoken) {
      const shown = message({ source, role: "agent", text: "" });
      shown.classList.add("speaking");
      spoken = { shown, text: "", due: false };
      this.speaking.set(source, spoken);
      this.add(shown);
    }
    spoken.text += text;
    if (spoken.due) return;
    spoken.due = true;
    requestAnimationFrame(() => {
      spoken.due = false;
      const follow = nearEnd();
      spoken.shown.querySelector(".said").replaceChildren(rendered(spoken.text));
      if (follow) window.scrollTo({ top: document.body.scrollHeight });
    });
  }

  silence(source) {
    this.speaking.get(source)?.shown.remove();
    this.speaking.delete(source);
  }

  ask(told) {
    this.question?.remove();
    this.question = questionCard(told, texts, async ({ text, approved }) => {
      try {
        await service.post(`api/runs/${this.id}/answer`, { text, question: told.id, ...(approved === undefined ? {} : { approved }) });
        return "";
      } catch (mistake) {
        return mistake.message;
      }
    });
    this.add(this.question);
    if (this.id === running) this.question.querySelector("textarea, input, select, button")?.focus({ preventScroll: true });
  }

  finish(told) {
    for (const source of [...this.speaking.keys()]) this.silence(source);
    this.question?.remove();
    const isTold = this.place.lastElementChild?.textContent === told.reason;
    const end = make("p", "end", [texts[told.status] ?? told.status, isTold ? "" : told.reason].filter(Boolean).join(" · "));
    end.dataset.status = told.status;
    this.add(end);
  }
}

function message({ seq, source, role, text }) {
  const mine = role === "task" || role === "human";
  const article = make("article", mine ? "mine" : "");
  if (seq) article.dataset.seq = seq;
  article.dataset.source = source;
  const name = make("span", "name", role === "task" || source === "guest" ? texts.you : source);
  if (!mine) name.dataset.color = colorOf(source);
  article.append(make("div", "who", name), make("div", "said", rendered(text)));
  return article;
}

function colorOf(source) {
  if (!colors.has(source)) colors.set(source, colors.size % COLORS);
  return colors.get(source);
}

const nearEnd = () => window.innerHeight + window.scrollY > document.body.scrollHeight - 120;

function setStatus(now) {
  status = now;
  refresh();
}

function refresh() {
  const busy = status === "running" || status === "waiting" || status === "paused";
  at("status").textContent = texts[status] ?? "";
  at("status").dataset.status = status;
  at("send").hidden = busy;
  at("stop").hidden = !busy;
  if (at("task").disabled && !busy) queueMicrotask(() => document.activeElement === document.body && at("task").focus());
  at("task").disabled = busy;
  at("anew").hidden = busy || !kept.runs.length;
  at("welcome").hidden = Boolean(kept.runs.length) || at("composer").hidden;
}

function note(words) {
  at("note").textContent = words;
  at("note").hidden = !words;
}

function grow() {
  const box = at("task");
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, 200)}px`;
}

at("door").addEventListener("submit", (event) => {
  event.preventDefault();
  service.token = kept.token = at("token").value.trim();
  keep();
  enter();
});

at("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const task = at("task").value;
  if (task.trim() && !at("send").hidden) say(task);
});

at("task").addEventListener("input", grow);
at("task").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    at("composer").requestSubmit();
  }
});

at("stop").addEventListener("click", () => service.post(`api/runs/${running}/stop`, {}).catch((mistake) => note(mistake.message)));

at("anew").addEventListener("click", () => {
  listening.abort();
  listening = new AbortController();
  Object.assign(kept, { session: null, runs: [] });
  keep();
  at("talk").replaceChildren();
  note("");
  setStatus("");
  at("task").focus();
});

enter();
