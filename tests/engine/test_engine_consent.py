"""Consent to run code on this machine: the question names whose code it is, and shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from conversation import calling, environment, saying

from studio.engine.agents.agent import Agent
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.code_runner import CodeRunner
from studio.engine.agents.python_agent import PythonAgent
from studio.engine.code.local import LocalExecutor
from studio.engine.events import QuestionAsked
from studio.engine.functions import named
from studio.engine.script import run
from studio.engine.teams.team import Team
from studio.engine.tools.python_tool import PythonTool

GREET = 'def greet(messages: list[dict]) -> str:\n    """Greets."""\n    return "Hello."\n'
COUNTER = "class Counter:\n    def reply(self, messages):\n        return str(len(messages))\n"
ADD = 'def add(a: int, b: int) -> int:\n    """Adds."""\n    return a + b\n'
HERE = LocalExecutor()


async def asked(folder: Path, *members: Agent) -> QuestionAsked:
    result = await run(Team(participants=members, max_turns=3), "Go.", environment=environment(folder))
    assert result.status == "waiting"
    return next(event for event in result.events if isinstance(event, QuestionAsked))


@pytest.mark.parametrize(("source", "name"), [(GREET, "the function greet"), (COUNTER, "the class Counter")])
async def test_an_agent_of_ones_own_is_asked_for_by_name_with_its_source(tmp_path: Path, source: str, name: str) -> None:
    question = await asked(tmp_path, PythonAgent(name="ann", source=source, executor=HERE))
    assert f"May {name} of ann run on this machine" in question.text
    assert "a model" not in question.text
    assert question.details == source


async def test_a_function_that_a_model_calls_is_shown_with_its_arguments(tmp_path: Path) -> None:
    tool = PythonTool(source=ADD, executor=HERE)
    ann = Assistant(name="ann", model=saying(calling(("add", '{"a": 1, "b": 2}')), "Three."), tools=(tool,))
    question = await asked(tmp_path, ann)
    assert "May the function add of ann run on this machine" in question.text
    assert question.details == f'# add({{"a": 1, "b": 2}})\n\n{ADD}'


async def test_code_that_a_model_wrote_is_said_to_be_that(tmp_path: Path) -> None:
    question = await asked(
        tmp_path, Assistant(name="ann", model=saying("```python\nprint(1)\n```")), CodeRunner(name="runner", executor=HERE)
    )
    assert "May code written by a model run on this machine" in question.text
    assert question.details == "print(1)"


def test_a_source_that_cannot_be_read_has_no_name() -> None:
    assert named("def (") == ("function", "")
