"""What typed lines mean, which answers fit, what counts when nobody answers; and runs that are saved, loaded and gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from studio.engine import Human, PracticeModel, Team, load_events, resume, run, save_events, stream
from studio.engine.agents.assistant import Assistant
from studio.engine.answers import Answer, answer_from, answer_in_time, unfit
from studio.engine.events import YOU, CommandGiven, Event, QuestionAsked, RunFinished
from studio.engine.saved import LogUnreadable, NoSuchEvent, StepUnfinished

FIELDS = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "ok": {"type": "boolean"}, "name": {"type": "string"}},
    "required": ["n"],
}
CHOICE = QuestionAsked(text="?", form="choice", choices=("Tea", "Coffee"))
FORM = QuestionAsked(text="?", form="form", fields=FIELDS)
EDIT = QuestionAsked(text="?", form="edit", details="Send it.")


class Says:
    """Somebody who gives prepared answers."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    async def answer(self, question: QuestionAsked) -> Answer:
        return answer_from(self.answers.pop(0), question)


def talk(turns: int = 4, **human: object) -> Team:
    model = PracticeModel(script={"ann": ["one", "two", "three"]})
    people = (Human(name="boss", **human),) if human else ()
    return Team(participants=(Assistant(name="ann", model=model), *people), max_turns=turns)


@pytest.mark.parametrize(
    ("line", "question", "means"),
    [
        ("coffee", CHOICE, Answer("Coffee")),
        ("1", CHOICE, Answer("Tea")),
        ("3", CHOICE, Answer("3")),
        ('{"n": 1}', FORM, Answer('{"n": 1}')),
        ("n=3; ok=Yes; name=Ada = B", FORM, Answer('{"n": 3, "ok": "Yes", "name": "Ada = B"}')),
        ("n=3; ok=True", FORM, Answer('{"n": 3, "ok": true}')),
        ("yes", EDIT, Answer("", True)),
        ("no, too dear", EDIT, Answer("too dear", False)),
        ("Send it tomorrow.", EDIT, Answer("Send it tomorrow.", True)),
    ],
)
def test_a_typed_line_means_an_answer(line: str, question: QuestionAsked, means: Answer) -> None:
    assert answer_from(line, question) == means


@pytest.mark.parametrize(
    ("question", "answer", "why"),
    [
        (CHOICE, Answer("Milk"), "not_a_choice"),
        (CHOICE, Answer("Tea"), None),
        (FORM, Answer("no"), "no_object"),
        (FORM, Answer("[" * 100_000), "no_object"),
        (FORM, Answer('{"n": "x"}'), "not_the_form"),
        (FORM, Answer('{"n": 1}'), None),
        (EDIT, Answer("x"), "yes_or_no"),
        (EDIT, Answer("other words", True), None),
        (EDIT.model_copy(update={"subject": "tool:c1_1"}), Answer("other words", True), "no_object"),
    ],
)
def test_an_answer_fits_its_question_or_not(question: QuestionAsked, answer: Answer, why: str | None) -> None:
    found = unfit(question, answer)
    assert (found[0] if found else None) == why


@pytest.mark.parametrize(
    ("question", "default", "answer"),
    [
        (CHOICE, "tea", Answer("Tea")),
        (CHOICE, "Milk", Answer("")),
        (EDIT, "", Answer("", False)),
        (EDIT, "yes", Answer("", True)),
        (FORM, '{"n": 5}', Answer('{"n": 5}')),
        (FORM, "", Answer("")),
        (QuestionAsked(text="?"), "Go on.", Answer("Go on.")),
    ],
)
def test_when_nobody_answers_the_default_counts(question: QuestionAsked, default: str, answer: Answer) -> None:
    assert answer_in_time(question.model_copy(update={"default": default})) == answer


async def test_a_script_waits_no_longer_than_the_question_says() -> None:
    class Nobody:
        async def answer(self, question: QuestionAsked) -> Answer:
            import asyncio

            await asyncio.Event().wait()
            raise AssertionError

    for people in (None, Nobody()):
        result = await run(talk(2, timeout=0.1, timeout_answer="Nobody was there."), "Begin.", people=people)
        answer = next(event for event in result.events if event.type == "answer")  # type: ignore[attr-defined]
        assert (answer.source, result.messages[-1].text) == ("timeout", "Nobody was there.")


async def test_a_saved_run_goes_on_from_any_event(tmp_path: Path) -> None:
    whole = await run(talk(3), "Count.")
    save_events(tmp_path / "log.jsonl", whole.events)
    events = load_events(tmp_path / "log.jsonl")
    assert events == whole.events
    for seq in range(1, len(events)):
        again = await resume(talk(3), events, up_to=seq)
        assert [said.text for said in again.messages] == ["Count.", "one", "two", "three"]
        assert again.events[:seq] == events[:seq]
    with pytest.raises(NoSuchEvent):
        await resume(talk(3), events, up_to=99)


async def test_a_run_that_waits_is_saved_and_answered_later(tmp_path: Path) -> None:
    waiting = await run(talk(2, prompt="Well?"), "Begin.")
    assert waiting.status == "waiting"
    save_events(tmp_path / "log.jsonl", waiting.events)
    done = await resume(talk(2, prompt="Well?"), load_events(tmp_path / "log.jsonl"), people=Says("Fine."))
    assert (done.status, done.messages[-1].text) == ("done", "Fine.")


async def test_a_run_that_was_stopped_goes_on_and_one_that_is_done_does_not() -> None:
    whole = await run(talk(3), "Count.")
    again = await resume(talk(3), whole.events)
    assert again.events == whole.events
    asked = talk(2, prompt="Well?")
    waiting = await run(asked, "Begin.")
    for team, log, people in ((talk(3), whole.events[:5], None), (asked, waiting.events, Says("Fine."))):
        stop = RunFinished(seq=len(log) + 1, time=log[-1].time, status="stopped")
        done = await resume(team, (*log, stop), people=people)
        assert done.status == "done"
        assert [event.type for event in done.events[len(log) :]][:2] == ["run_finished", "run_resumed"]


async def test_commands_pause_a_script_and_it_goes_on(tmp_path: Path) -> None:
    wishes: list[list[Event]] = [[], [CommandGiven(source=YOU, command="pause")]]

    def commands() -> Sequence[Event]:
        return wishes.pop(0) if wishes else ()

    paused = await run(talk(3), "Count.", commands=commands)
    assert paused.status == "paused"
    assert (await resume(talk(3), paused.events)).status == "done"
    told = [event async for event in stream(talk(3), events=(await run(talk(3), "Count.")).events[:4])]
    assert all(event.seq == 0 or event.seq > 4 for event in told)


async def test_what_was_under_way_is_repeated_only_when_that_is_said() -> None:
    from studio.engine.events import CodeStarted, RunStarted, SpeakerChosen

    log = (
        RunStarted(seq=1, task="x"),
        SpeakerChosen(seq=2, source="team", speaker="ann"),
        CodeStarted(seq=3, source="ann", blocks=()),
    )
    with pytest.raises(StepUnfinished, match="code was under way"):
        await resume(talk(1), log)
    assert (await resume(talk(1), log, repeat=True)).status == "done"


@pytest.mark.parametrize("content", ["{", '{"type":"message","seq":1}', '{"type":"run_started","seq":2,"task":"x"}', "\x00"])
def test_a_file_that_holds_no_log_is_refused_with_its_line(tmp_path: Path, content: str) -> None:
    file = tmp_path / "log.jsonl"
    file.write_text(content)
    with pytest.raises(LogUnreadable, match="line 1"):
        load_events(file)
