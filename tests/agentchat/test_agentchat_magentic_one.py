"""AutoGen's ready team Magentic-One and its coder, by their names and arguments."""

from __future__ import annotations

import inspect
import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from test_agentchat_faults import saying

from studio.engine.agentchat.agents import ApprovalRequest, ApprovalResponse, AssistantAgent
from studio.engine.agentchat.core import CancellationToken
from studio.engine.agentchat.core.code_executor import CodeBlock, CodeExecutor, CodeResult
from studio.engine.agentchat.core.models import ChatCompletionClient
from studio.engine.agentchat.ext.agents.magentic_one import MagenticOneCoderAgent
from studio.engine.agentchat.ext.code_executors import create_default_code_executor
from studio.engine.agentchat.ext.code_executors.docker import DockerCommandLineCodeExecutor
from studio.engine.agentchat.ext.models.openai import OpenAIChatCompletionClient
from studio.engine.agentchat.ext.teams.magentic_one import MagenticOne
from studio.engine.agents.planned_coder import CODER, CODER_DESCRIPTION
from studio.engine.errors import CodeExecutionError, FlowError

PARTS = ["FileSurfer", "WebSurfer", "Coder", "ComputerTerminal"]
PROGRAM = "```python\nprint(6 * 7)\n```"
HELLO = [CodeBlock(code="print('hello')", language="python")]

pytestmark = pytest.mark.filterwarnings("ignore:No approval function")


class Recorder(CodeExecutor):
    """Runs nothing, and keeps what it was to run."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    async def execute_code_blocks(self, code_blocks: list[CodeBlock], cancellation_token: CancellationToken) -> CodeResult:
        self.ran += [block.code.strip() for block in code_blocks]
        return CodeResult(exit_code=0, output="42")


def report(done: bool, name: str) -> str:
    """What the planner is told of the progress."""
    said = {
        "is_request_satisfied": done,
        "is_in_loop": False,
        "is_progress_being_made": True,
        "instruction_or_question": "Go on.",
        "next_speaker": name,
    }
    return json.dumps({question: {"answer": answer, "reason": "so"} for question, answer in said.items()})


def planned() -> ChatCompletionClient:
    """One client for all: the plan, the coder's program, the terminal, the person, and the answer."""
    turns = (report(False, "Coder"), PROGRAM, report(False, "ComputerTerminal"), report(False, "User"), report(True, "User"))
    return saying("the facts", "the plan", *turns, "It is 42.")


def client(**options: Any) -> OpenAIChatCompletionClient:
    return OpenAIChatCompletionClient(model="test-model", api_key="k", **options)


@pytest.mark.parametrize("approved", [True, False])
async def test_the_team_plans_codes_asks_before_it_runs_and_asks_a_person(approved: bool) -> None:
    shown: list[str] = []
    asked: list[str] = []

    def look(request: ApprovalRequest) -> ApprovalResponse:
        shown.append(request.code)
        return ApprovalResponse(approved=approved, reason="looked at")

    def typed(prompt: str) -> str:
        asked.append(prompt)
        return "fine"

    recorder = Recorder()
    team = MagenticOne(planned(), hil_mode=True, input_func=typed, code_executor=recorder, approval_func=look)
    result = await team.run(task="What is six times seven?")
    said = {message.source: message.to_text() for message in result.messages}
    assert [each for each in said if each not in ("user", "MagenticOneOrchestrator")] == ["Coder", "ComputerTerminal", "User"]
    assert "print(6 * 7)" in shown[0]
    assert recorder.ran == (["print(6 * 7)"] if approved else [])
    assert ("42" in said["ComputerTerminal"]) == approved
    assert (len(asked), said["User"]) == (1, "fine")
    assert said["MagenticOneOrchestrator"] == "It is 42."


def test_the_arguments_are_autogens_and_the_person_is_there_when_wanted() -> None:
    taken = inspect.signature(MagenticOne).parameters
    assert {name: each.default for name, each in taken.items()} == {
        "client": inspect.Parameter.empty,
        "hil_mode": False,
        "input_func": None,
        "code_executor": None,
        "approval_func": None,
    }
    given = client()
    team = MagenticOne(given, False, input, DockerCommandLineCodeExecutor())
    assert team.client is given
    assert [each.name for each in team.component().participants] == PARTS
    wanted = MagenticOne(client=given, hil_mode=True, code_executor=DockerCommandLineCodeExecutor()).component()
    assert [each.name for each in wanted.participants] == [*PARTS, "User"]
    assert (wanted.selection.kind, wanted.max_turns) == ("planner", 20)


def test_the_team_is_written_as_json_and_read_again() -> None:
    team = MagenticOne(client(), code_executor=DockerCommandLineCodeExecutor())
    written = json.loads(team.dump_component().model_dump_json())
    assert MagenticOne.load_component(written).component().model_dump(mode="json") == team.component().model_dump(mode="json")


def test_a_client_that_says_what_it_lacks_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="json_output"):
        MagenticOne(client(model_info={"json_output": False}), code_executor=Recorder())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message="No approval function")
        MagenticOne(client(), code_executor=Recorder())


async def test_without_an_executor_code_runs_in_docker_or_after_a_yes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    monkeypatch.delenv("CONVENE_ALLOW_LOCAL_CODE", raising=False)
    runner = MagenticOne(client()).component().participants[3]
    assert runner.model_dump()["executor"]["kind"] == "auto"
    executor = create_default_code_executor(tmp_path / "work")
    playing = executor.playing()
    assert await playing.needs_consent()
    assert "Docker" in await playing.why_consent()
    with pytest.raises(CodeExecutionError, match="Docker"):
        await executor.execute_code_blocks(HELLO, CancellationToken())
    monkeypatch.setenv("CONVENE_ALLOW_LOCAL_CODE", "1")
    async with executor:
        result = await executor.execute_code_blocks(HELLO, CancellationToken())
    assert (result.exit_code, result.output.strip()) == (0, "hello")


def test_a_coders_words_are_given_and_what_it_does_not_use_is_told() -> None:
    with pytest.warns(UserWarning, match="does not use: system_message, tools"):
        coder = MagenticOneCoderAgent("coder", client(), system_message="Other words.", tools=[print])
    held = coder.component()
    assert (held.system_message, held.description, held.tools) == (CODER, CODER_DESCRIPTION, ())
    assert AssistantAgent.load_component(coder.dump_component()).component().model_dump() == held.model_dump()
    with pytest.raises(FlowError, match="AssistantAgent"):
        MagenticOneCoderAgent.load_component(coder.dump_component())
