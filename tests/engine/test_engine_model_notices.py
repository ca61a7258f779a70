"""What a run's log tells of a call that did not go straight: another model, an answer that is not kept, one from the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from asking import OneAccount
from conversation import SpokenModel, environment, saying
from model_server import ModelServer

from studio.engine.agents.assistant import Assistant
from studio.engine.errors import ModelUnavailable
from studio.engine.events import MessageSaid, Noticed, RunFinished
from studio.engine.models.base import ModelReply
from studio.engine.models.best_of import BestOf
from studio.engine.models.fallback import FallbackModel
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.prices import Price, Prices
from studio.engine.script import run
from studio.engine.steps.workplace import Environment
from studio.engine.stored_events import event_from_json, event_to_json
from studio.engine.teams.team import Team
from studio.engine.usage import Usage


def alone(model: object) -> Team:
    return Team(participants=(Assistant(name="ann", model=model),), max_turns=1)  # type: ignore[arg-type]


async def test_a_fallback_is_a_notice_and_the_refused_answer_is_paid_for(tmp_path: Path):
    refused = ModelReply(text="", finish="content_filter", usage=Usage(prompt_tokens=100, completion_tokens=1, calls=1), model="dear")
    broken = SpokenModel(say=lambda request: ModelUnavailable("500 from here: the server failed."))
    model = FallbackModel(models=(broken, SpokenModel(say=lambda request: refused), saying("At last.")))
    prices = Prices({"dear": Price(10_000.0, 0.0), "spoken": Price(0.0, 0.0)})
    result = await run(alone(model), "Go.", environment=replace(environment(tmp_path), prices=prices))
    notices = [event for event in result.events if isinstance(event, Noticed)]
    assert [event.code for event in notices] == ["fallback", "refused", "fallback"]
    assert notices[0].text.startswith("500 from here: the server failed. Asking ")
    (said,) = [event for event in result.events if isinstance(event, MessageSaid) and event.source == "ann"]
    assert said.text == "At last."
    finished = result.events[-1]
    assert isinstance(finished, RunFinished)
    assert (finished.usage.calls, finished.usage.prompt_tokens, finished.usage.cost) == (2, 110, 1.0)
    assert [event_from_json(event_to_json(event)) for event in result.events] == list(result.events)


async def test_all_tries_of_the_best_of_several_are_counted(tmp_path: Path):
    model = BestOf(models=(saying("short"), saying("much longer")), keep="longest")
    result = await run(alone(model), "Go.", environment=environment(tmp_path))
    finished = result.events[-1]
    assert isinstance(finished, RunFinished)
    assert (finished.usage.calls, finished.usage.prompt_tokens) == (2, 20)
    assert "much longer" in [event.text for event in result.events if isinstance(event, MessageSaid)]


async def test_an_answer_from_the_file_is_told_and_costs_nothing(
    model_server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CONVENE_ANSWERS", str(tmp_path / "answers.sqlite"))
    model_server.script({"*": "Noon."})
    team = alone(OpenAIModel(model="m", account="lab", remember=True))
    place: Environment = replace(environment(tmp_path), accounts=OneAccount(model_server.base_url), prices=Prices({"m": Price(1.0, 1.0)}))
    first, again = [await run(team, "What time is it?", environment=place) for _ in range(2)]
    costs = [result.events[-1].usage.cost for result in (first, again)]
    assert costs[0] > 0
    assert costs[1] == 0
    assert again.events[-1].usage.remembered == 1
    assert [event.code for event in again.events if isinstance(event, Noticed)] == ["cache_hit"]
