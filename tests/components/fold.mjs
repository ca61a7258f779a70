import assert from "node:assert/strict";
import { EMPTY, fold, foldUpTo, isActive, lastLine } from "./studio/run/fold.js";
import { spending } from "./studio/texts.js";

const time = (seconds) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const usage = (tokens, cost) => ({ prompt_tokens: tokens - 10, completion_tokens: 10, cached_tokens: 0, calls: 1, ...(cost == null ? {} : { cost }) });

/** Numbers the events and gives each a time. */
const log = (...events) => events.map((event, index) => ({ seq: index + 1, time: time(index), source: "", ...event }));

const TASK = { type: "run_started", source: "you", task: "Make fib.py", v: 1 };
const chosen = (speaker, reason = "") => ({ type: "speaker_chosen", source: "Team", speaker, by: "model_choice", reason, usage: usage(50) });
const said = (source, text, more = {}) => ({ type: "message", source, text, role: "agent", usage: usage(100, 0.001), seconds: 1.5, ...more });
const CONVERSATION = log(
  TASK,
  chosen("coder", "it writes"),
  { type: "tool_calls", source: "coder", calls: [{ id: "a", name: "search", arguments: '{"q":1}' }], usage: usage(40), seconds: 0.5 },
  { type: "tool_started", source: "coder", call: "a", name: "search" },
  { type: "tool_result", source: "coder", call: "a", name: "search", output: "found", seconds: 0.1 },
  said("coder", "Here it is."),
  chosen("runner"),
  { type: "code_started", source: "runner", blocks: [{ language: "python", code: "1" }], where: "Docker" },
  { type: "code_result", source: "runner", exit_code: 0, output: "ok", where: "Docker", seconds: 0.3 },
  said("runner", "exitcode: 0", { role: "code", usage: undefined, seconds: undefined }),
  chosen("you"),
  { type: "question", source: "you", id: "q12", text: "Go on?", form: "approve" },
  { type: "answer", source: "anna", question: "q12", text: "fine", approved: true },
  said("you", "Approved. fine", { role: "human", usage: undefined }),
  { type: "run_finished", source: "Team", status: "done", stop_reason: "the reviewer said DONE", usage: usage(9999, 9) },
);
const turns = (state) => state.items.filter((item) => item.kind === "turn");

export function the_task_is_the_first_turn() {
  const state = fold(EMPTY, CONVERSATION.slice(0, 1));
  assert.deepEqual(turns(state).map((turn) => [turn.source, turn.role, turn.parts[0].text]), [["you", "task", "Make fib.py"]]);
  assert.equal(state.status, "running");
}

export function a_task_that_is_also_a_message_is_shown_once() {
  const state = fold(EMPTY, log(TASK, { type: "message", source: "you", text: "Make fib.py", role: "task" }));
  assert.equal(turns(state).length, 1);
}

export function a_turn_holds_what_its_speaker_did_until_it_spoke() {
  const [, coder] = turns(fold(EMPTY, CONVERSATION));
  assert.deepEqual(coder.parts.map((part) => part.kind), ["tool", "text"]);
  assert.deepEqual([coder.parts[0].state, coder.parts[0].output], ["done", "found"]);
  assert.equal(coder.seconds, 2);
  assert.equal(coder.tokens, 140);
}

export function a_hand_over_tells_who_played_it_and_what_it_cost() {
  const handed = { type: "handoff", source: "reception", target: "billing", text: "Over to you.", usage: usage(30), seconds: 0.4, practice: true, model: "practice" };
  const [, turn] = turns(fold(EMPTY, log(TASK, chosen("reception"), handed)));
  assert.deepEqual([turn.practice, turn.tokens, turn.seconds, turn.model], [true, 30, 0.4, "practice"]);
}

export function a_hand_over_without_words_shows_none_in_whatever_language_they_were_put() {
  const handed = (facts) => ({ type: "handoff", source: "reception", target: "billing", ...facts });
  const said = (event) => turns(fold(EMPTY, log(TASK, chosen("reception"), event)))[1].parts[0].text;
  assert.equal(said(handed({ text: "reception передаёт слово billing.", wordless: true })), "");
  assert.equal(said(handed({ text: "Over to you." })), "Over to you.");
}

export function the_reason_of_a_choice_stands_at_the_turn_of_the_chosen_one() {
  assert.deepEqual(turns(fold(EMPTY, CONVERSATION)).map((turn) => turn.reason), ["", "it writes", "", ""]);
}

export function what_ran_is_shown_once_and_what_the_others_hear_is_folded() {
  const runner = turns(fold(EMPTY, CONVERSATION))[2];
  assert.deepEqual(runner.parts.map((part) => part.kind), ["code", "heard"]);
  assert.deepEqual([runner.parts[0].exit, runner.parts[0].state, runner.seconds], [0, "done", 0.3]);
}

export function a_question_waits_until_it_is_answered() {
  const waiting = fold(EMPTY, CONVERSATION.slice(0, 12));
  assert.equal(waiting.status, "waiting");
  assert.deepEqual(waiting.questions.map((question) => question.id), ["q12"]);
  const answered = fold(waiting, CONVERSATION.slice(12, 13));
  assert.equal(answered.status, "running");
  assert.deepEqual(answered.questions, []);
  assert.deepEqual(turns(answered).at(-1).parts[0].answer, { text: "fine", approved: true, by: "anna" });
}

export function a_question_that_the_end_overtook_is_shown_as_unanswered() {
  const state = fold(EMPTY, [...CONVERSATION.slice(0, 12), { seq: 13, time: time(13), type: "run_finished", source: "Team", status: "stopped" }]);
  assert.deepEqual(state.questions, []);
  assert.equal(turns(state).at(-1).parts[0].dropped, true);
}

export function every_usage_counts_once_and_the_total_of_the_end_not_again() {
  const state = fold(EMPTY, CONVERSATION);
  assert.equal(state.tokens, 3 * 50 + 40 + 100);
  assert.equal(state.cost.toFixed(4), "0.0010");
  assert.equal(fold(EMPTY, log(TASK, said("a", "x", { usage: usage(20) }))).cost, null);
}

export function money_that_is_only_partly_known_is_shown_as_at_least() {
  const state = fold(EMPTY, log(TASK, said("a", "x", { usage: usage(20) }), said("b", "y", { usage: usage(20, 0.5) })));
  assert.deepEqual([state.cost, state.unpriced, spending(state)], [0.5, 1, "at least $0.50"]);
  assert.equal(spending(turns(state).at(-1)), "$0.50");
  assert.equal(spending(turns(state).at(0)), "");
  const summed = fold(EMPTY, log(TASK, said("a", "x", { usage: { ...usage(20, 0.5), calls: 3, unpriced: 2 } })));
  assert.equal(summed.unpriced, 2);
}

export function turns_and_the_hop_follow_the_speakers() {
  const state = fold(EMPTY, CONVERSATION.slice(0, 8));
  assert.equal(state.turn, 2);
  assert.deepEqual([state.hop.from, state.hop.to, state.speaker], ["coder", "runner", "runner"]);
}

export function the_log_may_come_in_any_pieces() {
  const whole = fold(EMPTY, CONVERSATION);
  for (let cut = 0; cut <= CONVERSATION.length; cut += 1) {
    const pieces = fold(fold(EMPTY, CONVERSATION.slice(0, cut)), CONVERSATION.slice(cut));
    assert.deepEqual(pieces, whole, `cut at ${cut}`);
  }
  let single = EMPTY;
  for (const event of CONVERSATION) single = fold(single, [event]);
  assert.deepEqual(single, whole);
}

export function a_fold_changes_nothing_that_was_given_out() {
  let state = EMPTY;
  for (const event of CONVERSATION) {
    const before = structuredClone(state);
    const next = fold(state, [event]);
    assert.deepEqual(state, before, `event ${event.seq}`);
    state = next;
  }
  assert.equal(EMPTY.items.length, 0);
}

export function entries_that_did_not_change_keep_their_identity() {
  const before = fold(EMPTY, CONVERSATION.slice(0, 11));
  const after = fold(before, CONVERSATION.slice(11));
  for (const [index, item] of before.items.entries()) assert.equal(after.items[index], item);
}

export function stepping_back_is_the_fold_of_what_came_before() {
  for (const { seq } of CONVERSATION) assert.deepEqual(foldUpTo(CONVERSATION, seq), fold(EMPTY, CONVERSATION.slice(0, seq)));
}

export function earlier_tasks_of_the_session_stand_above_a_rule() {
  const history = [said("you", "First task", { role: "task" }), { type: "tool_calls", source: "coder", calls: [{ id: "a", name: "search" }] }, { type: "tool_result", source: "coder", call: "a", name: "search", output: "found" }, said("coder", "Done.")];
  const state = fold(EMPTY, log({ ...TASK, history }));
  assert.deepEqual(state.items.map((item) => item.kind), ["turn", "turn", "turn", "earlier", "turn"]);
  assert.equal(state.items[1].parts[0].output, "found");
  assert.equal(new Set(state.items.map((item) => item.key)).size, state.items.length);
  assert.equal(state.tokens, 0);
}

export function an_error_marks_its_node_until_somebody_speaks_again() {
  const failed = fold(EMPTY, log(TASK, chosen("coder"), { type: "error", source: "coder", code: "model", text: "401", remedy: "Open the account.", account: "lab" }, { type: "run_finished", source: "Team", status: "failed" }));
  assert.deepEqual([failed.failing, failed.failure], ["coder", { text: "401", remedy: "Open the account." }]);
  assert.equal(failed.status, "failed");
  assert.deepEqual(failed.items.filter((item) => item.kind === "error").map((item) => [item.text, item.remedy, item.account]), [["401", "Open the account.", "lab"]]);
  const resumed = fold(failed, [{ seq: 5, time: time(9), type: "run_resumed", source: "" }]);
  assert.deepEqual([resumed.failing, resumed.failure, resumed.status], ["", null, "running"]);
}

export function what_was_cut_off_is_shown_but_is_no_message() {
  const state = fold(EMPTY, log(TASK, chosen("coder"), { type: "partial", source: "coder", text: "half a sen" }, { type: "run_finished", source: "Team", status: "stopped" }));
  assert.deepEqual(turns(state).at(-1).parts.map((part) => part.kind), ["partial"]);
  assert.equal(state.previous, "");
}

export function a_notice_of_the_speaker_does_not_break_its_turn() {
  const state = fold(EMPTY, log(TASK, chosen("coder"), { type: "tool_calls", source: "coder", calls: [] , text: "Let me look." }, { type: "notice", source: "coder", text: "Tried again.", code: "retry" }, said("coder", "Here.")));
  assert.deepEqual(turns(state).at(-1).parts.map((part) => part.kind), ["text", "notice", "text"]);
}

export function kinds_of_events_that_are_not_known_do_no_harm() {
  const state = fold(EMPTY, log(TASK, { type: "of_the_future", source: "coder" }, { type: "of_the_future", source: "coder", text: "something" }));
  assert.equal(state.seq, 3);
  assert.deepEqual(state.items.slice(1).map((item) => [item.kind, item.text]), [["notice", "something"]]);
}

export function a_thousand_turns_fold_in_a_moment() {
  const events = log(TASK, ...Array.from({ length: 1000 }, (_, index) => [chosen(`a${index % 5}`), said(`a${index % 5}`, `Message ${index}`)]).flat());
  const began = performance.now();
  let state = EMPTY;
  for (const event of events) state = fold(state, [event]);
  assert.equal(state.items.length, 1001);
  assert.ok(performance.now() - began < 2000);
}

export function the_last_line_is_one_of_words() {
  assert.equal(lastLine("First.\n\n```python\nreturn a\n```\n"), "First.");
  assert.equal(lastLine("```python\nreturn a\n```"), "return a");
  assert.equal(lastLine("x".repeat(500)).length, 140);
  assert.equal(lastLine(""), "");
}

const inner = (event) => ({ ...event, scope: "t3" });
const NESTED = log(
  TASK,
  chosen("experts"),
  { type: "conversation_opened", source: "experts", id: "t3", team: "experts", heard: true },
  inner(chosen("ina", "the first")),
  inner(said("ina", "inside", { usage: usage(30) })),
  inner(chosen("ivo")),
  inner({ type: "question", source: "ivo", id: "q7", text: "Well?", form: "form", fields: { properties: { n: {} } }, timeout: 10, default: "{}" }),
  { type: "answer", source: "timeout", question: "q7", text: "{}" },
  inner(said("ivo", "also inside")),
  { type: "conversation_closed", source: "experts", id: "t3", team: "experts", text: "also inside", stop_reason: "2 turns" },
  chosen("ann"),
  said("ann", "outside"),
  { type: "run_finished", source: "Team", status: "done" },
);

export function a_conversation_within_a_turn_holds_its_own_entries_and_sums() {
  const state = fold(EMPTY, NESTED);
  assert.deepEqual(turns(state).map((turn) => turn.source), ["you", "experts", "ann"]);
  assert.deepEqual(turns(state)[1].parts.map((part) => [part.kind, part.id]), [["talk", "t3"]]);
  const talk = state.talks.t3;
  assert.deepEqual(turns(talk).map((turn) => [turn.source, turn.reason]), [["ina", "the first"], ["ivo", ""]]);
  assert.deepEqual([talk.open, talk.messages, talk.stopReason], [false, 2, "2 turns"]);
  assert.equal(talk.tokens, 50 + 30 + 50 + 100);
  assert.equal(state.tokens, talk.tokens + 50 + 50 + 100);
  assert.equal(state.turn, 2);
}

export function the_inner_speaker_and_the_team_around_it_are_active() {
  const now = fold(EMPTY, NESTED.slice(0, 4));
  assert.deepEqual(["ina", "experts", "ivo", "ann"].map((name) => isActive(now, name)), [true, true, false, false]);
  assert.equal(["ina", "experts", "ivo", "ann"].some((name) => isActive(fold(EMPTY, NESTED), name)), false);
}

export function a_question_in_a_conversation_within_is_answered_there() {
  const asked = fold(EMPTY, NESTED.slice(0, 7)).questions[0];
  assert.deepEqual([asked.scope, asked.until - Date.parse(time(6)), asked.default], ["t3", 10_000, "{}"]);
  const part = turns(fold(EMPTY, NESTED).talks.t3)[1].parts[0];
  assert.deepEqual(part.answer, { text: "{}", approved: null, by: "timeout" });
}

export function a_nested_log_may_come_in_any_pieces_and_changes_nothing_given_out() {
  const whole = fold(EMPTY, NESTED);
  let single = EMPTY;
  for (const event of NESTED) {
    const before = structuredClone(single);
    const next = fold(single, [event]);
    assert.deepEqual(single, before, `event ${event.seq}`);
    single = next;
  }
  assert.deepEqual(single, whole);
}

export function two_who_speak_at_once_are_not_mixed() {
  const call = (source, id) => ({ type: "tool_calls", source, calls: [{ id, name: "look" }] });
  const result = (source, id) => ({ type: "tool_result", source, call: id, name: "look", output: id });
  const state = fold(EMPTY, log(TASK, chosen("ann"), chosen("bob"), call("ann", "a"), call("bob", "b"), result("bob", "b"), result("ann", "a"), said("bob", "B"), said("ann", "A")));
  assert.deepEqual(turns(state).slice(1).map((turn) => [turn.source, turn.parts.map((part) => part.output ?? part.text)]), [["ann", ["a", "A"]], ["bob", ["b", "B"]]]);
  assert.deepEqual(state.active, []);
}

export function single_steps_are_told_once_and_pauses_take_no_time() {
  const order = (command) => ({ type: "command", source: "you", command });
  const state = fold(EMPTY, log(TASK, order("pause"), order("step"), said("ann", "x"), order("pause"), order("resume"), said("ann", "y")));
  assert.deepEqual(state.items.filter((item) => item.kind === "command").map((item) => item.command), ["pause", "resume"]);
  assert.equal(state.started, Date.parse(time(0)) + 2_000);
}

export function one_who_had_not_begun_gives_way_and_need_not_be_asked() {
  const question = { type: "question", source: "boss", id: "q3", text: "Your turn." };
  const next = (more) => ({ type: "command", source: "you", command: "next_speaker", speaker: "ann", ...more });
  const state = fold(EMPTY, log(TASK, chosen("boss"), question, next({ instead_of: "boss", question: "q3" })));
  assert.deepEqual([state.status, state.questions, state.active], ["running", [], []]);
  assert.equal(state.items.at(-1).instead, "boss");
  assert.equal(turns(state).at(-1).parts[0].dropped, true);
  const spoken = fold(state, [{ ...chosen("ann"), seq: 5, time: time(5) }, { ...said("ann", "x"), seq: 6, time: time(6) }]);
  assert.deepEqual(turns(spoken).map((turn) => turn.source), ["you", "boss", "ann"]);
  assert.equal(fold(EMPTY, log(TASK, chosen("boss"), next({ after: "boss" }))).active[0], "boss");
}

export function a_conversation_that_gives_way_is_over() {
  const opened = { type: "conversation_opened", source: "crew", id: "t3", team: "crew" };
  const next = { type: "command", source: "you", command: "next_speaker", speaker: "ann", instead_of: "crew" };
  const state = fold(EMPTY, log(TASK, chosen("crew"), opened, { ...chosen("bob"), scope: "t3" }, next));
  assert.equal(isActive(state, "bob"), false);
  assert.equal(state.talks.t3.open, false);
}

export function a_run_that_continues_another_one_says_so_and_counts_its_own_time() {
  const state = fold(EMPTY, [...log({ ...TASK, parent: "r1", copied: 2 }, said("ann", "x")), { seq: 3, time: time(100), type: "run_resumed", source: "you" }]);
  assert.deepEqual(state.items[0], { key: "forked", kind: "forked", parent: "r1", copied: 2 });
  assert.equal(state.started, Date.parse(time(99)));
}

export function what_was_under_way_when_the_run_was_stopped_is_marked() {
  const state = fold(EMPTY, log(TASK, chosen("ann"), { type: "tool_calls", source: "ann", calls: [{ id: "a", name: "look" }] }, { type: "tool_started", source: "ann", call: "a", name: "look" }, { type: "run_finished", source: "Team", status: "stopped" }));
  assert.equal(turns(state).at(-1).parts[0].state, "stopped");
}

export function what_was_under_way_when_the_server_ended_is_marked_and_what_is_done_again_stands_beside_it() {
  const code = { type: "code_started", source: "bob", blocks: [{ language: "python", code: "1" }], where: "Docker" };
  const called = [{ type: "tool_calls", source: "ann", calls: [{ id: "a", name: "look" }] }, { type: "tool_started", source: "ann", call: "a", name: "look" }];
  const events = log(TASK, chosen("ann"), ...called, chosen("bob"), code, { type: "run_interrupted", source: "bob", step: "running code" }, { type: "run_resumed", source: "you" }, called[1], code);
  const states = (upTo) => turns(foldUpTo(events, upTo)).flatMap((turn) => turn.parts.map((part) => part.state)).filter(Boolean);
  assert.deepEqual(states(6), ["running", "running"]);
  assert.deepEqual(states(7), ["stopped", "stopped"]);
  assert.deepEqual(states(10), ["running", "stopped", "running"]);
}

export function attachments_stand_with_the_task() {
  const files = [{ name: "a.png", media_type: "image/png", data: "QQ==" }];
  const state = fold(EMPTY, log({ ...TASK, attachments: files }, { type: "message", source: "you", text: "Make fib.py", role: "task" }));
  assert.deepEqual(turns(state)[0].parts.map((part) => part.kind), ["text", "attachments"]);
}

export function passages_belong_to_the_turn_whose_answer_cites_them() {
  const entries = [{ number: 1, text: "At nine.", document: "a.md", place: "Hours" }, { text: "a memory" }];
  const events = log(TASK, chosen("ann"), { type: "recalled", source: "ann", memory: "documents:1", query: "when?", entries, usage: usage(40) }, said("ann", "At nine [1]."));
  const [, turn] = turns(fold(EMPTY, events));
  assert.deepEqual(turn.parts.map((part) => part.kind), ["recalled", "text"]);
  assert.deepEqual(turn.parts[1].passages, { 1: { text: "At nine.", name: "a.md, Hours" } });
  assert.equal(turn.tokens, 140);
  const [, plain] = turns(fold(EMPTY, log(TASK, chosen("ann"), said("ann", "At nine [1]."))));
  assert.equal("passages" in plain.parts[0], false);
}

export function a_tool_call_has_the_pictures_and_the_files_that_came_with_its_result() {
  const picture = { name: "page.jpg", media_type: "image/jpeg", data: "AAAA" };
  const call = { type: "tool_calls", source: "coder", calls: [{ id: "a", name: "visit_url", arguments: "{}" }] };
  const result = { type: "tool_result", source: "coder", call: "a", name: "visit_url", output: "# Shop", files: ["downloads/list.csv"], attachments: [picture] };
  const [, turn] = turns(fold(EMPTY, log(TASK, call, result)));
  const part = turn.parts.find((each) => each.kind === "tool");
  assert.deepEqual([part.state, part.pictures, part.files], ["done", [picture], ["downloads/list.csv"]]);
}

export function a_team_that_is_made_up_stands_in_the_turn_of_its_caller_with_what_it_cost() {
  const outline = { agents: [{ name: "poet", description: "writes" }] };
  const called = { type: "tool_calls", source: "captain", calls: [{ id: "c3_1", name: "seek_experts_help", arguments: "{}" }], usage: usage(40) };
  const made = { type: "team_outlined", source: "captain", key: "k", call: "c3_1", team: "poets", outline, changes: ["x"], usage: usage(60) };
  const [, turn] = turns(fold(EMPTY, log(TASK, chosen("captain"), called, made, said("captain", "Done."))));
  assert.deepEqual(turn.parts.map((part) => part.kind), ["tool", "outlined", "text"]);
  assert.deepEqual([turn.parts[1].team, turn.parts[1].outline.agents[0].name, turn.parts[1].changes], ["poets", "poet", ["x"]]);
  assert.equal(turn.tokens, 200);
}
