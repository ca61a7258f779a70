"""The names of AgentChat: where they are, what they take, and how they live beside the engine's own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import pytest
from model_server import InTurn, ModelServer
from patience import within
from test_agentchat_faults import calling, saying

import studio.engine as engine
from studio.engine import agentchat
from studio.engine.agentchat.agents import AssistantAgent, MessageFilterAgent, MessageFilterConfig, PerSourceFilter, UserProxyAgent
from studio.engine.agentchat.base import Handoff, TerminatedException, TerminationCondition
from studio.engine.agentchat.conditions import ExternalTermination, FunctionalTermination, MaxMessageTermination, TextMentionTermination
from studio.engine.agentchat.conditions import TokenUsageTermination as Tokens
from studio.engine.agentchat.core import CancellationToken, Image
from studio.engine.agentchat.core.model_context import BufferedChatCompletionContext
from studio.engine.agentchat.core.models import CreateResult, RequestUsage, SystemMessage, UserMessage
from studio.engine.agentchat.ext.models.anthropic import AnthropicChatCompletionClient
from studio.engine.agentchat.ext.models.cache import ChatCompletionCache
from studio.engine.agentchat.ext.models.ollama import OllamaChatCompletionClient
from studio.engine.agentchat.ext.models.openai import AzureOpenAIChatCompletionClient, OpenAIChatCompletionClient
from studio.engine.agentchat.ext.tools.http import HttpTool
from studio.engine.agentchat.ext.tools.mcp import McpWorkbench, SseServerParams, StdioServerParams
from studio.engine.agentchat.messages import (
    HandoffMessage,
    MultiModalMessage,
    StopMessage,
    TextMessage,
    ThoughtEvent,
    UserInputRequestedEvent,
)
from studio.engine.agentchat.teams import DiGraphBuilder, MagenticOneGroupChat, RoundRobinGroupChat
from studio.engine.agentchat.teams import Swarm as SwarmTeam
from studio.engine.agentchat.tools import BaseTool
from studio.engine.agentchat.ui import Console, UserInputManager
from studio.engine.tools.mcp import McpServer

PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.mark.parametrize("name", sorted(agentchat.MODULES))
def test_every_name_is_where_it_is_said_to_be(name: str) -> None:
    assert getattr(agentchat, name) is getattr(import_module(f"studio.engine.agentchat.{agentchat.MODULES[name]}"), name)


def test_names_that_the_engine_has_none_of_its_own_for_come_from_it_directly() -> None:
    assert engine.AssistantAgent is AssistantAgent
    assert engine.RoundRobinGroupChat is RoundRobinGroupChat
    assert engine.TextMentionTermination is TextMentionTermination
    with pytest.raises(AttributeError):
        _ = engine.Nothing


async def test_a_swarm_with_participants_is_a_team_and_one_without_a_strategy() -> None:
    ann = AssistantAgent("ann", saying("hello"), handoffs=["bob"])
    team = engine.Swarm([ann, AssistantAgent("bob", saying("x"))], max_turns=1)  # type: ignore[call-arg]
    assert isinstance(team, SwarmTeam)
    assert (await team.run(task="go")).messages[-1].to_text() == "hello"
    assert engine.Swarm(after_work="back").after_work == "back"
    assert engine.Swarm.model_validate({"kind": "swarm", "after_work": "first"}).after_work == "first"


def test_a_function_tool_takes_the_arguments_of_both() -> None:
    def double(x: int) -> int:
        """Double."""
        return 2 * x

    theirs = engine.FunctionTool(double, description="Twice as much.", name="twice")
    ours = engine.FunctionTool.of(double)
    assert (theirs.schema_for_model().name, theirs.schema_for_model().description) == ("twice", "Twice as much.")
    assert (ours.schema_for_model().name, ours.schema_for_model().description) == ("double", "Double.")
    assert engine.FunctionTool(function=double, name="own").schema_for_model().name == "own"
    assert asyncio.run(theirs.run_json({"x": 4}, CancellationToken())) == 8
    assert engine.FunctionTool(double, description="Twice as much.").name == "double"
    assert theirs.schema == {
        "name": "twice",
        "description": "Twice as much.",
        "parameters": ours.schema["parameters"],
        "strict": False,
    }
    assert ours.schema["parameters"]["properties"] == {"x": {"type": "integer"}}


async def test_a_context_holds_what_is_put_into_it_and_shows_what_its_agent_has_heard(model_server: ModelServer) -> None:
    model_server.script({"*": ["one", "two"]})
    context = BufferedChatCompletionContext(buffer_size=3)
    for text in ("before", "later"):
        await context.add_message(UserMessage(content=text, source="user"))
    agent = AssistantAgent("ann", OpenAIChatCompletionClient(model="m", base_url=model_server.base_url, api_key="k"), model_context=context)
    await agent.run(task="hello")
    assert [each["content"] for each in model_server.requests[-1].messages[1:]] == ["user: before", "user: later", "user: hello"]
    assert [message.content for message in await agent.model_context.get_messages()] == ["later", "hello", "one"]
    state = await context.save_state()
    await context.clear()
    assert [message.content for message in await context.get_messages()] == ["hello", "one"]
    await context.load_state(state)
    assert [message.content for message in context.initial_messages] == ["before", "later"]


async def test_tools_that_are_agents_teams_and_hand_overs_can_be_called_by_hand() -> None:
    team = RoundRobinGroupChat([AssistantAgent("ann", saying("one")), AssistantAgent("bob", saying("two"))], max_turns=2)
    whole, last = (agentchat.TeamTool(team, "desk", "A desk.", only) for only in (False, True))
    result = await whole.run_json({"task": "go"}, CancellationToken())
    assert whole.return_value_as_string(result) == "ann: one\n\nbob: two"
    assert last.return_value_as_string(result) == "two"
    asked = agentchat.AgentTool(AssistantAgent("eve", saying("three")))
    assert asked.return_value_as_string(await asked.run_json({"task": "go"}, CancellationToken())) == "eve: three"
    tool = Handoff(target="Bob").handoff_tool
    assert (tool.name, await tool.run_json({}, CancellationToken())) == (
        "transfer_to_bob",
        "Transferred to Bob, adopting the role of Bob immediately.",
    )


def test_agents_and_teams_have_a_type_of_their_own() -> None:
    agent = AssistantAgent("ann", OpenAIChatCompletionClient(model="m", api_key="k"))
    assert isinstance(agent, agentchat.ChatAgent)
    assert isinstance(RoundRobinGroupChat([agent]), agentchat.Team)
    assert engine.Team is not agentchat.Team
    assert agentchat.EVENT_LOGGER_NAME == agentchat.TRACE_LOGGER_NAME == "studio.engine"


def test_the_engine_is_imported_without_this_vocabulary() -> None:
    code = "import sys, studio.engine; from studio.engine import Team; print([m for m in sys.modules if 'agentchat' in m])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout.strip() == "[]"


# Messages --------------------------------------------------------------------------------------------------------------


def test_what_is_left_out_of_a_hand_over_follows_from_its_target() -> None:
    handoff = Handoff(target="Bob")
    assert (handoff.name, handoff.description) == ("transfer_to_bob", "Handoff to Bob.")
    assert handoff.message == "Transferred to Bob, adopting the role of Bob immediately."
    with pytest.raises(ValueError, match="identifier"):
        Handoff(target="bob", name="not one")


async def test_a_picture_reaches_the_model(model_server: ModelServer) -> None:
    model_server.script({"*": "A dot."})
    client = OpenAIChatCompletionClient(model="gpt-4o", api_key="x", base_url=model_server.base_url)
    message = MultiModalMessage(content=["What is it?", Image.from_uri(PICTURE)], source="user")
    result = await AssistantAgent("seer", client).run(task=message)
    assert result.messages[0] is message
    assert result.messages[1].to_text() == "A dot."
    parts = model_server.requests[0].messages[-1]["content"]
    assert [part["type"] for part in parts] == ["text", "image_url"]
    again = MultiModalMessage.load(message.dump())
    assert again.content[1].data == Image.from_uri(PICTURE).data  # type: ignore[union-attr]


async def test_what_a_model_thinks_is_an_event_of_its_own(model_server: ModelServer) -> None:
    thought = CreateResult(
        finish_reason="stop", content="42", usage=RequestUsage(prompt_tokens=1, completion_tokens=1), cached=False, thought="Six by seven."
    )
    result = await AssistantAgent("ann", saying(thought)).run(task="go")
    assert [(type(each), each.to_text()) for each in result.messages[1:]] == [(ThoughtEvent, "Six by seven."), (TextMessage, "42")]


# Conditions ------------------------------------------------------------------------------------------------------------


async def test_a_condition_that_was_met_wants_a_reset() -> None:
    rule = TextMentionTermination("x")
    assert (await rule([TextMessage(content="x", source="a")])) is not None
    assert rule.terminated
    with pytest.raises(TerminatedException):
        await rule([])
    await rule.reset()
    assert not rule.terminated


async def test_each_side_of_and_is_remembered_and_all_sides_of_or_are_asked() -> None:
    said = [TextMessage(content="x", source="a", models_usage=RequestUsage(prompt_tokens=5, completion_tokens=5))]
    both = MaxMessageTermination(3) & TextMentionTermination("x")
    assert await both(said) is None
    assert await both([TextMessage(content="y", source="a")]) is None
    stop = await both([TextMessage(content="y", source="a")])
    assert stop is not None
    assert stop.content == "Text 'x' mentioned, Maximum number of messages 3 reached, current message count: 3"
    assert stop.source == "TextMentionTermination, MaxMessageTermination"
    either = Tokens(max_total_token=10) | TextMentionTermination("x")
    stop = await either(said)
    assert stop is not None
    assert "total token count: 10" in stop.content
    assert "mentioned" in stop.content


async def test_an_external_stop_and_a_function_end_a_run_after_the_turn() -> None:
    stop = ExternalTermination()

    def over(messages: Sequence[Any]) -> bool:
        return bool(messages[-1].to_text() == "b")

    async def later(messages: Sequence[Any]) -> bool:
        return over(messages)

    for rule in (FunctionalTermination(over), FunctionalTermination(later)):
        team = RoundRobinGroupChat([AssistantAgent("ann", saying("a", "b", "c"))], termination_condition=rule)
        assert (await team.run(task="go")).stop_reason == "Functional termination condition met"
    team = RoundRobinGroupChat([AssistantAgent("ann", saying("a", "b", "c"))], termination_condition=stop)
    async for message in team.run_stream(task="go"):
        if getattr(message, "source", "") == "ann":
            stop.set()
        last = message
    assert [message.to_text() for message in last.messages] == ["go", "a"]  # type: ignore[union-attr]
    assert not stop.terminated


class Counts(TerminationCondition):
    """A script's own rule, as the documentation shows one."""

    def __init__(self) -> None:
        self.seen: list[list[str]] = []

    @property
    def terminated(self) -> bool:
        return False

    async def __call__(self, messages: Sequence[Any]) -> StopMessage | None:
        self.seen.append([message.source for message in messages])
        return StopMessage(content="enough", source="Counts") if len(self.seen) == 3 else None

    async def reset(self) -> None:
        return


async def test_a_rule_of_a_scripts_own_is_asked_with_the_task_and_then_with_what_is_new() -> None:
    rule = Counts()
    team = RoundRobinGroupChat([AssistantAgent("ann", saying("a", "b", "c"))], termination_condition=rule | MaxMessageTermination(9))
    assert (await team.run(task="go")).stop_reason == "enough"
    assert rule.seen == [["user"], ["ann"], ["ann"]]


# Models and tools ------------------------------------------------------------------------------------------------------


async def test_a_client_is_asked_by_hand_too(model_server: ModelServer) -> None:
    model_server.script({"*": "Paris."})
    client = OpenAIChatCompletionClient(model="gpt-4o", api_key="x", base_url=model_server.base_url, temperature=0, seed=7)
    result = await client.create([SystemMessage(content="Be brief."), UserMessage(content="Capital of France?", source="user")])
    assert (result.content, result.finish_reason) == ("Paris.", "stop")
    pieces = [piece async for piece in client.create_stream([UserMessage(content="Again?", source="user")])]
    assert "".join(piece for piece in pieces if isinstance(piece, str)) == "Paris."
    assert client.actual_usage().completion_tokens > 0
    body = model_server.requests[0].body
    assert (body["model"], body["temperature"], body["seed"]) == ("gpt-4o", 0, 7)
    await client.close()
    with pytest.raises(TypeError, match="colour"):
        OpenAIChatCompletionClient(model="gpt-4o", colour="red")


async def test_a_cache_asks_the_same_once(model_server: ModelServer) -> None:
    model_server.script({"*": InTurn("one", "two", "three")})
    client = ChatCompletionCache(OpenAIChatCompletionClient(model="gpt-4o", api_key="x", base_url=model_server.base_url))
    asked = [UserMessage(content="q", source="user")]
    first, second = await client.create(asked), await client.create(asked)
    assert (first.content, second.content, first.cached, second.cached) == ("one", "one", False, True)
    assert (await client.create([UserMessage(content="other", source="user")])).content == "two"
    team = RoundRobinGroupChat([AssistantAgent("ann", client)], max_turns=1)
    assert (await team.run(task="go")).messages[-1].to_text() == "three"
    await client.close()


async def test_azure_is_asked_where_its_deployment_is(model_server: ModelServer) -> None:
    model_server.script({"*": "hello"})
    client = AzureOpenAIChatCompletionClient(
        azure_deployment="mine", model="gpt-4o", azure_endpoint=model_server.origin, api_version="2024-06-01", api_key="k"
    )
    assert (await AssistantAgent("ann", client).run(task="go")).messages[-1].to_text() == "hello"
    assert "/openai/deployments/mine/chat/completions" in model_server.requests[0].path


@pytest.mark.parametrize(
    "made",
    [
        lambda: AnthropicChatCompletionClient(model="claude-sonnet-4", api_key="sk-secret"),
        lambda: OllamaChatCompletionClient(model="llama3.2", host="http://127.0.0.1:11434", options={"temperature": 0.1}),
        lambda: OpenAIChatCompletionClient(model="gemini-2.5-flash", api_key="sk-secret"),
    ],
)
def test_clients_of_other_providers_are_models_of_the_engine_and_write_no_key(made: Callable[[], Any]) -> None:
    written = made().dump_component().model_dump_json()
    assert "sk-secret" not in written
    assert "sk-secret" not in repr(made().component())


def test_servers_and_requests_are_tools_of_the_engine() -> None:
    bench = McpWorkbench(StdioServerParams(command="uvx", args=["mcp-server-fetch"], read_timeout_seconds=60))
    agent = AssistantAgent("ann", OpenAIChatCompletionClient(model="gpt-4o"), workbench=bench)
    (server,) = agent.component().tools
    assert isinstance(server, McpServer)
    assert server.transport.command == "uvx"  # type: ignore[attr-defined]
    assert McpWorkbench(SseServerParams(url="http://127.0.0.1:9/sse")).component().transport.kind == "sse"
    schema = {"type": "object", "properties": {"value": {"type": "string"}}, "required": ["value"]}
    tool = HttpTool("decode", "example.com", 443, schema, path="/base64/{value}", scheme="https", method="GET")
    assert tool.component().schema_for_model().name == "decode"


class Shout(BaseTool[Any, str]):
    def __init__(self) -> None:
        from pydantic import create_model

        super().__init__(create_model("ShoutArguments", text=(str, ...)), str, "shout", "Shouts.")

    async def run(self, args: Any, cancellation_token: CancellationToken) -> str:
        return str(args.text).upper()


async def test_a_tool_of_a_scripts_own_class_is_called() -> None:
    call = calling("shout")
    call.content[0].arguments = '{"text": "hey"}'  # type: ignore[union-attr]
    assert (await AssistantAgent("ann", saying(call), tools=[Shout()]).run(task="go")).messages[-1].to_text() == "HEY"


def test_names_that_clash_are_refused_at_once() -> None:
    def bob() -> str:
        """Bob."""
        return ""

    client = OpenAIChatCompletionClient(model="gpt-4o")
    with pytest.raises(ValueError, match="unique"):
        AssistantAgent("ann", client, tools=[bob, bob])
    with pytest.raises(ValueError, match="unique from tool names"):
        AssistantAgent("ann", client, tools=[bob], handoffs=["bob"])
    with pytest.raises(ValueError, match="function calling"):
        AssistantAgent("ann", OpenAIChatCompletionClient(model="x", model_info={"function_calling": False}), tools=[bob])
    with pytest.raises(ValueError, match="identifier"):
        AssistantAgent("not one", client)


# Teams and agents ------------------------------------------------------------------------------------------------------


async def test_a_person_answers_a_hand_over_with_one_back() -> None:
    ann = AssistantAgent("ann", saying(calling("transfer_to_me"), "Thank you."), handoffs=["me"])
    me = UserProxyAgent("me", input_func=lambda prompt: prompt)
    result = await SwarmTeam([ann, me], max_turns=3).run(task="go")
    answer = result.messages[-2]
    assert isinstance(answer, HandoffMessage)
    assert (answer.target, answer.content) == ("ann", "Handoff received from ann. Enter your response: ")
    assert result.messages[-1].to_text() == "Thank you."


async def test_an_input_function_knows_its_request() -> None:
    asked: list[str] = []

    async def ask(prompt: str, token: CancellationToken | None) -> str:
        asked.append(UserProxyAgent.InputRequestContext.request_id())
        return "yes"

    events = [each async for each in UserProxyAgent("me", input_func=ask).run_stream(task="go")]
    assert [event.request_id for event in events if isinstance(event, UserInputRequestedEvent)] == asked


async def test_a_filter_lets_only_what_is_listed_through() -> None:
    model = saying("heard")
    inner = AssistantAgent("cleo", model, system_message=None)
    config = MessageFilterConfig(per_source=[PerSourceFilter(source="ann", position="last", count=1)])
    team = RoundRobinGroupChat(
        [AssistantAgent("ann", saying("a1", "a2")), AssistantAgent("bob", saying("b1")), MessageFilterAgent("cleo", inner, config)],
        max_turns=3,
    )
    result = await team.run(task="go")
    assert [message.source for message in result.messages] == ["user", "ann", "bob", "cleo"]
    assert [message.content for message in model.create_calls[0]["messages"]] == ["a1"]


async def test_magentic_one_plans_asks_and_answers(model_server: ModelServer) -> None:
    def report(done: bool, name: str) -> str:
        said = {"answer": done, "reason": "because"}
        return (
            str(
                {
                    "is_request_satisfied": said,
                    "is_in_loop": {"answer": False, "reason": "no"},
                    "is_progress_being_made": {"answer": True, "reason": "yes"},
                    "instruction_or_question": {"answer": "Look it up.", "reason": "first"},
                    "next_speaker": {"answer": name, "reason": "can"},
                }
            )
            .replace("'", '"')
            .replace("True", "true")
            .replace("False", "false")
        )

    model = saying("the facts", "the plan", report(False, "finder"), report(True, "finder"), "It is 42.")
    team = MagenticOneGroupChat([AssistantAgent("finder", saying("found it"), description="finds")], model)
    result = await team.run(task="What is it?")
    assert [message.source for message in result.messages if message.source != "user"] == [
        "MagenticOneOrchestrator",
        "MagenticOneOrchestrator",
        "finder",
        "MagenticOneOrchestrator",
    ]
    assert result.messages[-1].to_text() == "It is 42."


def test_graphs_that_cannot_be_followed_are_refused() -> None:
    ann, bob = (AssistantAgent(name, saying("x")) for name in ("ann", "bob"))
    loop = DiGraphBuilder().add_node(ann).add_node(bob).add_edge(ann, bob).add_edge(bob, ann).set_entry_point(ann)
    with pytest.raises(ValueError, match="Cycle detected"):
        loop.build()
    mixed = DiGraphBuilder().add_node(ann).add_node(bob).add_edge(ann, bob).add_edge(ann, bob, condition="x")
    with pytest.raises(ValueError, match="mix of conditional"):
        mixed.build()
    with pytest.raises(ValueError, match="must be added"):
        DiGraphBuilder().add_edge(ann, bob)


async def test_an_input_function_may_wait_until_its_question_was_shown() -> None:
    people = UserInputManager(lambda prompt: "ok")
    person = UserProxyAgent("me", input_func=people.get_wrapped_callback())
    result = await asyncio.wait_for(Console(person.run_stream(task="well?"), user_input_manager=people), within(10))
    assert result.messages[-1].to_text() == "ok"
