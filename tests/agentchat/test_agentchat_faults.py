"""What goes wrong in AgentChat and must not here: hangs, teams that run for ever or never again, leaks, lost messages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from misbehaving import SPENT, ScriptedModel
from patience import within

from studio.engine.agentchat.agents import AssistantAgent, CodeExecutorAgent, UserProxyAgent
from studio.engine.agentchat.base import TaskResult, TerminationCondition
from studio.engine.agentchat.conditions import MaxMessageTermination, TextMentionTermination, TimeoutTermination
from studio.engine.agentchat.core import CancellationToken, FunctionCall
from studio.engine.agentchat.core.models import ChatCompletionClient, CreateResult, RequestUsage, UserMessage
from studio.engine.agentchat.errors import RunFailed
from studio.engine.agentchat.ext.code_executors.local import LocalCommandLineCodeExecutor
from studio.engine.agentchat.ext.models.replay import ReplayChatCompletionClient
from studio.engine.agentchat.messages import StopMessage, ToolCallExecutionEvent
from studio.engine.agentchat.model_bridge import EngineClient
from studio.engine.agentchat.teams import RoundRobinGroupChat, SelectorGroupChat, Swarm
from studio.engine.models.best_of import BestOf

NOTHING = RequestUsage(prompt_tokens=0, completion_tokens=0)


def calling(*names: str) -> CreateResult:
    calls = [FunctionCall(id=f"call_{index}", arguments="{}", name=name) for index, name in enumerate(names)]
    return CreateResult(finish_reason="function_calls", content=calls, usage=NOTHING, cached=False)


def saying(*answers: str | CreateResult) -> ReplayChatCompletionClient:
    return ReplayChatCompletionClient(answers)


class Slow(ChatCompletionClient):
    """Takes for ever at its first call, and answers at once afterwards."""

    def __init__(self) -> None:
        self.calls = 0

    async def create(self, messages: Sequence[Any], **options: Any) -> CreateResult:
        self.calls += 1
        if self.calls == 1:
            await asyncio.sleep(3_600)
        return CreateResult(finish_reason="stop", content="here", usage=NOTHING, cached=False)


async def sleeps() -> str:
    """Sleep."""
    await asyncio.sleep(3_600)
    return "awake"


async def asked_for_ever(prompt: str, token: CancellationToken | None = None) -> str:
    await asyncio.sleep(3_600)
    return ""


def with_tool() -> AssistantAgent:
    return AssistantAgent("ann", saying(calling("sleeps"), "one", "two"), tools=[sleeps])


def with_slow_model() -> AssistantAgent:
    return AssistantAgent("ann", Slow())


def person() -> UserProxyAgent:
    asked: list[str] = []

    async def ask(prompt: str) -> str:
        asked.append(prompt)
        if len(asked) == 1:
            await asyncio.sleep(3_600)
        return "yes"

    return UserProxyAgent("ann", input_func=ask)


def coder() -> CodeExecutorAgent:
    wrote = "```python\nimport time\ntime.sleep(3600)\n```"
    with pytest.warns(UserWarning, match="No approval function"):
        return CodeExecutorAgent("ann", LocalCommandLineCodeExecutor(), model_client=saying(wrote, "one", "two"))


async def cancelled_after(seconds: float, start: Callable[[CancellationToken], Awaitable[Any]]) -> float:
    """How long a run goes on after its token was cancelled."""
    token = CancellationToken()
    work = asyncio.ensure_future(start(token))
    await asyncio.sleep(seconds)
    assert not work.done()
    began = time.monotonic()
    token.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(work, within(10))
    return time.monotonic() - began


@pytest.mark.parametrize(("who", "seconds"), [(with_tool, 0.2), (with_slow_model, 0.2), (person, 0.2), (coder, 1.0)])
async def test_cancelling_ends_a_run_within_a_second_and_the_team_runs_again(who: Callable[[], Any], seconds: float) -> None:
    ann = who()
    team = RoundRobinGroupChat([ann, AssistantAgent("bob", saying("b1", "b2", "b3"))], max_turns=2)
    assert await cancelled_after(seconds, lambda token: team.run(task="go", cancellation_token=token)) < 1.5
    result = await asyncio.wait_for(team.run(task="again"), within(20))
    assert next(message.source for message in result.messages if message.source != "user") == "bob"
    assert result.stop_reason == "Maximum number of turns 2 reached."
    if isinstance(ann, CodeExecutorAgent):
        await ann.code_executor.stop()


async def test_cancelling_an_agent_alone_ends_it_too() -> None:
    ann = with_tool()
    assert await cancelled_after(0.2, lambda token: ann.run(task="go", cancellation_token=token)) < 1.5
    assert (await ann.run(task="again")).messages[-1].to_text() == "one"


async def test_a_token_forgets_what_is_over() -> None:
    token = CancellationToken()
    team = RoundRobinGroupChat([AssistantAgent("ann", saying(*["x"] * 20))], max_turns=5)
    for _ in range(3):
        await team.run(task="go", cancellation_token=token)
    assert token._callbacks == []


async def test_a_token_that_is_cancelled_already_lets_nothing_begin() -> None:
    token = CancellationToken()
    token.cancel()
    client = saying("never")
    with pytest.raises(asyncio.CancelledError):
        await AssistantAgent("ann", client).run(task="go", cancellation_token=token)
    assert client.create_calls == []


class Breaks(ChatCompletionClient):
    def __init__(self) -> None:
        self.calls = 0

    async def create(self, messages: Sequence[Any], **options: Any) -> CreateResult:
        self.calls += 1
        if self.calls == 1:
            raise ZeroDivisionError("in the client")
        return CreateResult(finish_reason="stop", content="better", usage=NOTHING, cached=False)


async def test_an_exception_fails_the_run_keeps_what_was_said_and_the_team_runs_again() -> None:
    team = RoundRobinGroupChat([AssistantAgent("ann", saying("a1", "a2")), AssistantAgent("bob", Breaks())], max_turns=2)
    with pytest.raises(RunFailed, match="in the client") as failed:
        await team.run(task="go")
    assert isinstance(failed.value, RuntimeError)
    state = await team.save_state()
    assert [event["text"] for event in state["thread"]] == ["go", "a1"]
    result = await team.run()
    assert [(message.source, message.to_text()) for message in result.messages] == [("ann", "a2"), ("bob", "better")]


async def test_what_a_tool_raises_is_a_result_and_no_exception() -> None:
    def fails() -> str:
        """Fail."""
        raise ValueError("bad luck")

    broken = CreateResult(
        finish_reason="function_calls",
        content=[FunctionCall(id="1", arguments="{", name="fails"), FunctionCall(id="2", arguments="{}", name="nowhere")],
        usage=NOTHING,
        cached=False,
    )
    agent = AssistantAgent("ann", saying(calling("fails"), broken, "done"), tools=[fails], max_tool_iterations=3)
    result = await agent.run(task="go")
    results = [each for message in result.messages if isinstance(message, ToolCallExecutionEvent) for each in message.content]
    assert [each.is_error for each in results] == [True, True, True]
    assert "bad luck" in results[0].content
    assert result.messages[-1].to_text() == "done"


async def test_a_tool_call_in_the_last_round_never_raises() -> None:
    def add() -> int:
        """Add."""
        return 3

    agent = AssistantAgent("ann", saying(calling("add"), calling("add"), "It is 3."), tools=[add], reflect_on_tool_use=True)
    assert (await agent.run(task="go")).messages[-1].to_text() == "It is 3."


class Odd(TerminationCondition):
    @property
    def terminated(self) -> bool:
        return False

    async def __call__(self, messages: Sequence[Any]) -> StopMessage | None:
        if any(message.source == "ann" for message in messages):
            raise KeyError("odd")
        return None

    async def reset(self) -> None:
        return


async def test_a_stop_rule_that_raises_fails_the_run_in_words() -> None:
    team = RoundRobinGroupChat([AssistantAgent("ann", saying("a1"))], termination_condition=Odd())
    with pytest.raises(RunFailed, match="odd"):
        await team.run(task="go")


async def test_a_team_runs_once_at_a_time_and_says_so() -> None:
    team = RoundRobinGroupChat([with_slow_model()], max_turns=1)
    token = CancellationToken()
    first = asyncio.ensure_future(team.run(task="go", cancellation_token=token))
    await asyncio.sleep(0.05)
    with pytest.raises(ValueError, match="already running"):
        await team.run(task="too")
    with pytest.raises(RuntimeError):
        await team.reset()
    token.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await team.run(task="now")).messages[-1].to_text() == "here"


async def test_one_who_stops_listening_stops_the_run() -> None:
    team = RoundRobinGroupChat([AssistantAgent("ann", saying(*["x"] * 100))], termination_condition=MaxMessageTermination(40))
    stream: AsyncIterator[Any] = team.run_stream(task="go")
    async for message in stream:
        if message.source == "ann":
            break
    await stream.aclose()  # type: ignore[attr-defined]
    assert isinstance(await team.run(task="again"), TaskResult)


async def test_a_time_limit_ends_a_turn_that_is_under_way() -> None:
    team = RoundRobinGroupChat([with_slow_model()], termination_condition=TimeoutTermination(0.3) | TextMentionTermination("never"))
    began = time.monotonic()
    result = await asyncio.wait_for(team.run(task="go"), within(10))
    assert time.monotonic() - began < within(2)
    assert result.stop_reason == "Timeout of 0.3 seconds reached"


async def test_the_task_never_stops_a_run_by_what_it_says() -> None:
    team = RoundRobinGroupChat([AssistantAgent("ann", saying("no", "DONE"))], termination_condition=TextMentionTermination("DONE"))
    result = await team.run(task="Say DONE when you are done.")
    assert [message.to_text() for message in result.messages[1:]] == ["no", "DONE"]


async def test_a_hand_over_to_a_stranger_fails_in_words() -> None:
    team = Swarm([AssistantAgent("ann", saying(calling("transfer_to_user")), handoffs=["user"])], max_turns=3)
    with pytest.raises(RunFailed, match="handed over to user, who is not in it"):
        await team.run(task="go")


async def test_a_swarm_goes_on_by_a_plain_answer_after_it_asked_somebody_outside() -> None:
    ann = AssistantAgent("ann", saying(calling("transfer_to_user"), "Thanks."), handoffs=["user"])
    from studio.engine.agentchat.conditions import HandoffTermination, TextMessageTermination

    team = Swarm([ann], termination_condition=HandoffTermination("user") | TextMessageTermination("ann"))
    assert (await team.run(task="go")).stop_reason == "Handoff to user from ann detected."
    result = await team.run(task="my answer")
    assert [message.to_text() for message in result.messages] == ["my answer", "Thanks."]


async def test_a_selector_that_never_names_anybody_ends_in_a_visible_choice() -> None:
    names = [AssistantAgent(name, saying("x", "y")) for name in ("ann", "bob", "cleo")]
    team = SelectorGroupChat(names, saying(*["the moon"] * 6), max_turns=2, max_selector_attempts=3)
    result = await team.run(task="go")
    assert [message.source for message in result.messages] == ["user", "ann", "ann"]


async def test_a_function_that_selects_a_stranger_fails_in_words() -> None:
    names = [AssistantAgent(name, saying("x")) for name in ("ann", "bob")]
    team = SelectorGroupChat(names, saying(), selector_func=lambda messages: "zoe", max_turns=1)
    with pytest.raises(RunFailed, match="zoe"):
        await team.run(task="go")


async def test_pausing_holds_a_run_until_it_is_resumed() -> None:
    async def briefly() -> str:
        """Take a moment."""
        await asyncio.sleep(0.05)
        return "x"

    agent = AssistantAgent("ann", saying(*[calling("briefly")] * 10), tools=[briefly])
    team = RoundRobinGroupChat([agent], max_turns=6)
    seen: list[Any] = []

    async def follow() -> None:
        async for message in team.run_stream(task="go"):
            seen.append(message)
            if len(seen) == 2:
                await team.pause()

    work = asyncio.ensure_future(follow())
    await asyncio.sleep(0.3)
    held = len(seen)
    await asyncio.sleep(0.3)
    assert len(seen) == held
    assert held < 15
    await team.resume()
    await asyncio.wait_for(work, within(10))
    assert isinstance(seen[-1], TaskResult)


async def test_answers_that_are_not_kept_are_in_what_a_client_has_used() -> None:
    client = EngineClient(BestOf(models=(ScriptedModel(say=lambda request: "an answer"),), keep="longest", tries=3))
    await client.create([UserMessage(content="go", source="user")])
    assert client.actual_usage().prompt_tokens == 3 * SPENT.prompt_tokens
