"""What a team of a script keeps between runs, and how it is written and read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_agentchat_faults import calling, saying

from studio.engine import Assistant, Graph, MaxMessages, ModelChoice, RoundRobin, Team
from studio.engine import Swarm as HandOffs
from studio.engine.agentchat.agents import AssistantAgent, CodeExecutorAgent, SocietyOfMindAgent, UserProxyAgent
from studio.engine.agentchat.base import OrTerminationCondition, TerminationCondition
from studio.engine.agentchat.conditions import (
    FunctionalTermination,
    FunctionCallTermination,
    HandoffTermination,
    MaxMessageTermination,
    SourceMatchTermination,
    TextMentionTermination,
    TextMessageTermination,
    TimeoutTermination,
    TokenUsageTermination,
)
from studio.engine.agentchat.core import ComponentModel
from studio.engine.agentchat.core.memory import ListMemory, MemoryContent
from studio.engine.agentchat.core.model_context import BufferedChatCompletionContext, UnboundedChatCompletionContext
from studio.engine.agentchat.core.models import UserMessage
from studio.engine.agentchat.ext.code_executors.docker import DockerCommandLineCodeExecutor
from studio.engine.agentchat.ext.code_executors.local import LocalCommandLineCodeExecutor
from studio.engine.agentchat.ext.models.openai import OpenAIChatCompletionClient
from studio.engine.agentchat.teams import DiGraphBuilder, GraphFlow, MagenticOneGroupChat, RoundRobinGroupChat, SelectorGroupChat, Swarm
from studio.engine.errors import FlowError
from studio.engine.models.practice import PracticeModel


def client() -> OpenAIChatCompletionClient:
    return OpenAIChatCompletionClient(model="gpt-4o", api_key="sk-secret", temperature=0.3)


async def test_a_saved_team_goes_on_where_it_stood() -> None:
    def team(*answers: Any) -> RoundRobinGroupChat:
        return RoundRobinGroupChat([AssistantAgent("ann", saying(*answers)), AssistantAgent("bob", saying(*answers))], max_turns=1)

    first = team("one")
    await first.run(task="go")
    saved = json.loads(json.dumps(await first.save_state()))
    second = team("two")
    await second.load_state(saved)
    result = await second.run()
    assert [(message.source, message.to_text()) for message in result.messages] == [("bob", "two")]
    assert [event["text"] for event in (await second.save_state())["thread"]] == ["go", "one", "two"]


async def test_a_saved_team_is_as_large_as_what_was_said() -> None:
    names = [AssistantAgent(name, saying(*["x" * 1_000] * 20)) for name in ("a", "b", "c", "d", "e")]
    team = RoundRobinGroupChat(names, max_turns=50)
    await team.run(task="go")
    assert len(json.dumps(await team.save_state())) < 1.6 * 50 * 1_000


async def test_agents_remember_what_they_heard_in_a_team_and_alone_but_once() -> None:
    model = saying("alone", "in the team", "alone again", "once more")
    ann = AssistantAgent("ann", model, system_message=None)
    await ann.run(task="a")
    team = RoundRobinGroupChat([ann], max_turns=1)
    await team.run(task="b")
    await ann.run(task="c")
    await team.run(task="d")
    asked = [[message.content for message in call["messages"]] for call in model.create_calls]
    assert asked == [
        ["a"],
        ["a", "alone", "b"],
        ["a", "alone", "b", "in the team", "c"],
        ["a", "alone", "c", "alone again", "b", "in the team", "d"],
    ]


async def test_a_reset_forgets_everything() -> None:
    model = saying("one", "two")
    team = RoundRobinGroupChat([AssistantAgent("ann", model, system_message=None)], max_turns=1)
    await team.run(task="a")
    await team.reset()
    await team.run(task="b")
    assert [message.content for message in model.create_calls[1]["messages"]] == ["b"]


async def test_a_policy_says_how_much_is_read_and_may_begin_with_messages() -> None:
    model = saying("one", "two", "three")
    ann = AssistantAgent("ann", model, system_message=None, model_context=BufferedChatCompletionContext(buffer_size=2))
    for task in ("a", "b", "c"):
        await ann.run(task=task)
    assert [message.content for message in model.create_calls[2]["messages"]] == ["two", "c"]
    model = saying("one")
    begun = UnboundedChatCompletionContext(initial_messages=[UserMessage(content="before", source="user")])
    await AssistantAgent("bob", model, system_message=None, model_context=begun).run(task="a")
    assert [message.content for message in model.create_calls[0]["messages"]] == ["before", "a"]


async def test_a_graph_that_was_stopped_goes_on_where_it_stood_also_after_saving() -> None:
    def flow() -> GraphFlow:
        a, b, c = (AssistantAgent(name, saying(f"{name}1", f"{name}2")) for name in "abc")
        builder = DiGraphBuilder().add_node(a).add_node(b).add_node(c).add_edge(a, b).add_edge(b, c)
        return GraphFlow(builder.get_participants(), builder.build(), termination_condition=MaxMessageTermination(2))

    first = flow()
    assert [message.source for message in (await first.run(task="go")).messages] == ["user", "a"]
    saved = json.loads(json.dumps(await first.save_state()))
    result = await first.run()
    assert [message.source for message in result.messages] == ["b", "c"]
    second = flow()
    await second.load_state(saved)
    assert [message.source for message in (await second.run()).messages] == ["b", "c"]
    third = await first.run(task="anew")
    assert [message.source for message in third.messages][:1] == ["user"]


async def test_what_code_defined_in_one_run_is_there_in_the_next(tmp_path: Path) -> None:
    async with LocalCommandLineCodeExecutor(work_dir=tmp_path) as executor:
        with pytest.warns(UserWarning, match="No approval function"):
            runner = CodeExecutorAgent("runner", executor)
        await runner.run(task="```python\nopen('kept.txt', 'w').write('here')\n```")
        result = await runner.run(task="```python\nprint(open('kept.txt').read())\n```")
    assert result.messages[-1].to_text() == "here\n"
    assert (tmp_path / "kept.txt").read_text() == "here"


# JSON ------------------------------------------------------------------------------------------------------------------


def test_a_team_is_written_as_the_engines_json_and_read_again() -> None:
    memory = ListMemory(memory_contents=[MemoryContent(content="metric")])
    ann = AssistantAgent("ann", client(), system_message="Be brief.", handoffs=["bob"], memory=[memory], max_tool_iterations=3)
    team = RoundRobinGroupChat(
        [ann, UserProxyAgent("bob")], termination_condition=TextMentionTermination("DONE") | MaxMessageTermination(9), max_turns=7
    )
    written = team.dump_component()
    text = written.model_dump_json()
    assert "sk-secret" not in text
    component = Team.model_validate(written.config)
    assert (component.selection, component.max_turns) == (RoundRobin(), 7)
    member = component.participants[0]
    assert isinstance(member, Assistant)
    assert (member.system_message, member.handoffs, member.after_tools, member.max_tool_rounds) == ("Be brief.", ("bob",), "results", 3)
    loaded = RoundRobinGroupChat.load_component(ComponentModel.model_validate_json(text))
    assert loaded.component().model_dump() == component.model_dump()
    agent = AssistantAgent.load_component(ann.dump_component())
    assert agent.component().model_dump() == ann.component().model_dump()


async def test_a_team_that_was_read_again_runs() -> None:
    component = Team(
        participants=(Assistant(name="ann", model=PracticeModel(script={"ann": ("one", "two")}, words_per_second=0)),),
        stop=MaxMessages(max_messages=2),
    )
    team = RoundRobinGroupChat.of_component(component)
    result = await team.run(task="go")
    assert [message.to_text() for message in result.messages] == ["go", "one", "two"]
    assert result.stop_reason == "2 messages were said"


async def test_stop_rules_are_written_and_read_again_and_end_a_team_that_was_read_in_the_same_words() -> None:
    rules: list[TerminationCondition] = [
        MaxMessageTermination(5),
        TextMentionTermination("DONE", sources=["ann"]),
        TokenUsageTermination(max_prompt_token=7),
        HandoffTermination("user"),
        TimeoutTermination(30),
        SourceMatchTermination(["ann"]),
        TextMessageTermination(),
        FunctionCallTermination("book"),
        MaxMessageTermination(5) & TextMentionTermination("DONE") | TimeoutTermination(9),
    ]
    for rule in rules:
        loaded = TerminationCondition.load_component(json.loads(rule.dump_component().model_dump_json()))
        assert type(loaded) is type(rule)
        assert loaded.component() == rule.component()
    assert isinstance(OrTerminationCondition.load_component(rules[-1].dump_component()), OrTerminationCondition)
    with pytest.raises(FlowError):
        OrTerminationCondition.load_component(rules[0].dump_component())
    ann = Assistant(name="ann", model=PracticeModel(script={"ann": ("one", "two")}, words_per_second=0))
    rule = MaxMessageTermination(2) | TextMentionTermination("X")
    again = RoundRobinGroupChat.of_component(Team(participants=(ann,), stop=rule.component()))
    for _ in range(2):
        result = await again.run(task="go")
        assert result.stop_reason == "Maximum number of messages 2 reached, current message count: 2"


def test_every_team_has_a_component() -> None:
    def agents() -> list[Any]:
        return [AssistantAgent("ann", client(), handoffs=["bob"]), AssistantAgent("bob", client())]

    assert isinstance(SelectorGroupChat(agents(), client()).component().selection, ModelChoice)
    assert isinstance(Swarm(agents()).component().selection, HandOffs)
    ann, bob = agents()
    builder = DiGraphBuilder().add_node(ann).add_node(bob).add_edge(ann, bob, condition="yes")
    graph = GraphFlow([ann, bob], builder.build()).component().selection
    assert isinstance(graph, Graph)
    assert graph.edges[0].condition == "yes"
    assert MagenticOneGroupChat(agents(), client(), max_stalls=2).component().selection.max_stalls == 2  # type: ignore[attr-defined]
    inner = RoundRobinGroupChat(agents(), max_turns=2)
    assert SocietyOfMindAgent("soc", inner, client()).component().max_turns == 2
    with pytest.warns(UserWarning, match="No approval function"):
        runner = CodeExecutorAgent("runner", DockerCommandLineCodeExecutor(), model_client=client(), max_retries_on_error=2)
    assert (runner.component().repairs, runner.component().executor.kind) == (2, "docker")


def test_what_only_code_can_hold_is_refused_in_words() -> None:
    with pytest.raises(FlowError):
        AssistantAgent("ann", saying("x")).dump_component()
    ann = AssistantAgent("ann", client())
    with pytest.raises(FlowError):
        RoundRobinGroupChat([ann], termination_condition=FunctionalTermination(lambda messages: True)).dump_component()
    for own in (saying("x"), SelectorGroupChat([ann, UserProxyAgent("bob")], saying("x"))):
        with pytest.raises(FlowError, match="cannot be written as JSON"):
            own.dump_component()
    with pytest.raises(FlowError, match="another program"):
        AssistantAgent.load_component({"provider": "os.system", "component_type": "agent", "config": {}})


async def test_calls_of_several_runs_are_told_apart() -> None:
    def add() -> str:
        """Add."""
        return "3"

    model = saying(*[calling("add")] * 4)
    team = RoundRobinGroupChat([AssistantAgent("ann", model, tools=[add])], max_turns=2)
    await team.run(task="go")
    await team.run(task="on")
    thread = (await team.save_state())["thread"]
    ids = [call["id"] for event in thread if event["type"] == "tool_calls" for call in event["calls"]]
    assert len(set(ids)) == 4


async def test_a_team_within_a_team_talks_anew_at_each_of_its_turns_and_in_each_run() -> None:
    one, two = AssistantAgent("one", saying("x", "y", "z")), AssistantAgent("two", saying("DONE", "DONE", "DONE"))
    inner = RoundRobinGroupChat([one, two], name="inner", termination_condition=TextMentionTermination("DONE"))
    outer = RoundRobinGroupChat([AssistantAgent("ann", saying("a", "b", "c")), inner], name="outer", max_turns=2)
    for said in ("x", "y", "z"):
        result = await outer.run(task="go", output_task_messages=False)
        assert [message.source for message in result.messages] == ["ann", "one", "two"]
        assert result.messages[1].to_text() == said
    society = SocietyOfMindAgent(
        "society", RoundRobinGroupChat([two], termination_condition=TextMentionTermination("DONE")), saying("1", "2")
    )
    two.model_client = saying("DONE", "DONE")
    assert [(await society.run(task="go")).messages[-1].to_text() for _ in range(2)] == ["1", "2"]
