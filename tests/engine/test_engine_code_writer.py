"""A code runner with a model of its own: it writes, runs, repairs, and then says what came of it."""

from __future__ import annotations

from pathlib import Path

from conversation import Typed, environment, saying

from studio.engine.agents.code_runner import DRAFT, REFLECT, REPAIR, CodeRunner
from studio.engine.answers import Answer
from studio.engine.code.local import LocalExecutor
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.events import CodeFinished, Event, MessageSaid, Noticed
from studio.engine.fold import fold
from studio.engine.models.base import Model, ModelReply, ModelRequest
from studio.engine.models.practice import PracticeModel
from studio.engine.script import run
from studio.engine.teams.team import Team
from studio.engine.usage import Usage

GOOD = "Here it is:\n```python\nprint(6 * 7)\n```"
BAD = "```python\nraise SystemExit(3)\n```"


def alone(model: Model | None, **fields: object) -> Team:
    return Team(participants=(CodeRunner(name="runner", model=model, executor=LocalExecutor(), **fields),), stop=MaxTurns(max_turns=1))


def exit_codes(events: tuple[Event, ...]) -> list[int]:
    return [event.exit_code for event in events if isinstance(event, CodeFinished)]


def last_text(events: tuple[Event, ...]) -> str:
    return next(event.text for event in reversed(events) if isinstance(event, MessageSaid))


def listening(*texts: str) -> tuple[list[ModelRequest], Model]:
    """A model that says these in turn, and what it was asked."""
    asked: list[ModelRequest] = []

    def say(request: ModelRequest) -> ModelReply:
        asked.append(request)
        return ModelReply(text=texts[min(len(asked), len(texts)) - 1], usage=Usage(prompt_tokens=10, completion_tokens=2, calls=1))

    model = saying("")
    return asked, type(model)(say=say)


async def test_it_writes_code_runs_it_and_says_what_came_of_it(tmp_path: Path) -> None:
    asked, model = listening(GOOD, "It is 42.")
    result = await run(alone(model), "what is 6 * 7?", environment=environment(tmp_path, allow_local_code=True))
    assert (result.status, exit_codes(result.events), last_text(result.events)) == ("done", [0], "It is 42.")
    assert [event.text for event in result.events if isinstance(event, Noticed) and event.code == DRAFT] == [GOOD]
    assert asked[1].extra == (REFLECT,)
    assert "42" in asked[1].thread[-1].text  # type: ignore[union-attr]
    assert result.usage.calls == 2


async def test_code_that_fails_is_written_anew_as_often_as_is_allowed(tmp_path: Path) -> None:
    asked, model = listening(BAD, GOOD, "It is 42.")
    result = await run(alone(model, repairs=1), "go", environment=environment(tmp_path, allow_local_code=True))
    assert exit_codes(result.events) == [3, 0]
    assert [request.extra for request in asked] == [(), (REPAIR,), (REFLECT,)]
    asked, model = listening(BAD, BAD, BAD, "I gave up.")
    result = await run(alone(model, repairs=2), "go", environment=environment(tmp_path, allow_local_code=True))
    assert (exit_codes(result.events), last_text(result.events)) == ([3, 3, 3], "I gave up.")
    asked, model = listening(BAD, "It failed.")
    result = await run(alone(model, repairs=0), "go", environment=environment(tmp_path, allow_local_code=True))
    assert (exit_codes(result.events), [request.extra for request in asked]) == ([3], [(), (REFLECT,)])


async def test_a_model_that_cannot_repair_says_so_instead(tmp_path: Path) -> None:
    _, model = listening(BAD, "The data is missing.")
    result = await run(alone(model, repairs=5), "go", environment=environment(tmp_path, allow_local_code=True))
    assert (exit_codes(result.events), last_text(result.events)) == ([3], "The data is missing.")


async def test_an_answer_without_code_is_the_answer(tmp_path: Path) -> None:
    result = await run(alone(saying("Hello.")), "hi", environment=environment(tmp_path))
    assert (exit_codes(result.events), last_text(result.events)) == ([], "Hello.")


async def test_every_draft_is_shown_before_it_runs_and_a_no_is_told_to_the_model(tmp_path: Path) -> None:
    asked, model = listening(BAD, GOOD, "You did not want that.")
    people = Typed(Answer(approved=True), Answer(approved=False, text="too dear"))
    result = await run(
        alone(model, approval=True, repairs=3), "go", people=people, environment=environment(tmp_path, allow_local_code=True)
    )
    assert ["SystemExit(3)" in people.asked[0].details, "6 * 7" in people.asked[1].details] == [True, True]
    assert exit_codes(result.events) == [3, 1]
    assert "too dear" in asked[2].thread[-1].text  # type: ignore[union-attr]
    assert last_text(result.events) == "You did not want that."


async def test_a_log_with_drafts_folds_to_the_same_state_again(tmp_path: Path) -> None:
    team = alone(PracticeModel(script={"runner": (BAD, GOOD, "Done.")}, words_per_second=0))
    result = await run(team, "go", environment=environment(tmp_path, allow_local_code=True))
    assert last_text(result.events) == "Done."
    assert fold(team, result.events) == fold(team, result.events)


async def test_a_model_of_the_team_writes_nothing_for_a_runner_without_its_own(tmp_path: Path) -> None:
    team = Team(participants=(CodeRunner(name="runner", executor=LocalExecutor()),), model=saying(GOOD), stop=MaxTurns(max_turns=1))
    result = await run(team, "go", environment=environment(tmp_path, allow_local_code=True))
    assert (exit_codes(result.events), result.usage.calls) == ([], 0)
