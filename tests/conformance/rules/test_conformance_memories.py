"""What every memory promises: pure where it knows, one recalled event where it looks up, and a key that is the same in every replay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from misbehaving import Log, ScriptedModel, place
from pydantic import ValidationError

from studio.engine.advance import advance
from studio.engine.agents.agent import Turn
from studio.engine.agents.assistant import Assistant
from studio.engine.component import kinds
from studio.engine.documents.document import Document
from studio.engine.events import YOU, MessageSaid, Recalled, RunStarted
from studio.engine.memory.base import Memory
from studio.engine.memory.documents import Documents
from studio.engine.memory.list_memory import ListMemory
from studio.engine.memory.vector_memory import VectorMemory
from studio.engine.models.base import ModelRequest
from studio.engine.teams.team import Team

CASES: dict[str, Memory] = {
    "list_memory": ListMemory(facts=("The sky is green today.", "Bob likes tea.")),
    "vector_memory": VectorMemory(texts=("The sky is green today.", "Bob likes tea."), threshold=0),
    "documents": Documents(documents=(Document(name="sky.txt", text="The sky is green today."),), threshold=0),
}


def _others() -> dict[str, Memory]:
    """Memories that can be made without being told anything; one that needs a model to look up has tests of its own for that."""
    known = (each for kind, each in kinds().items() if each.category == "memory" and each.drawable and kind not in CASES)
    return {each.kind: each() for each in known if not any(field.is_required() for field in each.model_fields.values())}  # type: ignore[misc]


ALL = CASES | _others()


@pytest.fixture(params=sorted(ALL))
def memory(request: pytest.FixtureRequest) -> Memory:
    return ALL[request.param]


def turn() -> Turn:
    return Turn(0, (MessageSaid(source=YOU, role="task", text="What colour is the sky?"),), (), None, ("ann",))


def test_it_is_frozen_and_the_same_after_a_trip_through_json(memory: Memory) -> None:
    again = type(memory).model_validate_json(memory.model_dump_json())
    assert again == memory
    assert again.key == memory.key
    with pytest.raises(ValidationError):
        setattr(memory, next(iter(type(memory).model_fields)), None)


def test_what_it_knows_is_the_same_each_time(memory: Memory) -> None:
    asked = turn()
    assert memory.known(asked) == memory.known(asked)


async def test_its_agent_is_told_and_its_log_says_what_was_looked_up(memory: Memory, tmp_path: Path) -> None:
    if memory not in CASES.values():
        pytest.skip("it knows nothing before it is told")
    asked: list[ModelRequest] = []

    def say(request: ModelRequest) -> Any:
        asked.append(request)
        return "green"

    drawn = Team(participants=(Assistant(name="ann", model=ScriptedModel(say=say), memory=(memory,)),), max_turns=2)
    log = Log(RunStarted(seq=1, source=YOU, task="What colour is the sky?"))
    assert await advance(drawn, log.events, log, place(tmp_path)) == "done"
    assert all("green today" in request.system for request in asked)
    recalled = [event for event in log.events if isinstance(event, Recalled)]
    assert len(recalled) == (2 if memory.recall(turn(), "ann") is not None else 0)
    assert all(event.memory == memory.key for event in recalled)
