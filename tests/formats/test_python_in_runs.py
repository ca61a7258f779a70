"""Flows that came in from scripts are run: they hold the conversation that the script means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from model_replies import Call, InTurn
from model_server import ModelServer

from studio.engine.advance import Environment
from studio.engine.events import MessageSaid, QuestionAsked, RunFinished
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.prices import Prices
from studio.engine.script import Answer, answer_from
from studio.engine.script import run as run_team
from studio.flow.document import FlowDocument
from studio.flow.resolve import resolve
from studio.formats.recognise import read_bytes

DATA = Path(__file__).parent.parent / "data" / "python_in"


class Person:
    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)

    async def answer(self, question: QuestionAsked) -> Answer:
        return answer_from(self.lines.pop(0), question)


@pytest.fixture
def server(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("OPENAI_BASE_URL", model_server.base_url)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    return model_server


def flow(name: str) -> FlowDocument:
    """The first flow of a sample, its models asked through the one account that there is."""
    document = read_bytes((DATA / name).read_bytes(), Path(name).stem).flows[0].document
    nodes = tuple(
        node.model_copy(update={"config": {key: value for key, value in node.config.items() if key != "account"}})
        if node.kind == "openai"
        else node
        for node in document.nodes
    )
    return document.model_copy(update={"nodes": nodes})


async def conversation(document: FlowDocument, folder: Path, *typed: str) -> tuple[list[tuple[str, str]], RunFinished]:
    place = Environment(EnvironmentAccounts(), folder, allow_local_code=True, prices=Prices())
    result = await run_team(resolve(document), document.sample_tasks[0], people=Person(*typed), environment=place, flow=document.name)
    said = [(event.source, event.text) for event in result.events if isinstance(event, MessageSaid) and event.role != "task"]
    finished: Any = result.events[-1]
    return said, finished


async def test_a_writer_and_a_critic_go_on_until_the_critic_approves(server: ModelServer, tmp_path: Path) -> None:
    server.script({"Answer as primary.": InTurn("Leaves fall.", "Leaves fall softly."), "Answer as critic.": InTurn("Softer.", "APPROVE")})
    said, finished = await conversation(flow("autogen/reflection.py"), tmp_path)
    assert said == [("primary", "Leaves fall."), ("critic", "Softer."), ("primary", "Leaves fall softly."), ("critic", "APPROVE")]
    assert "APPROVE" in finished.stop_reason
    assert server.asked()[0].body["model"] == "gpt-4o-mini"
    assert server.asked()[0].body["seed"] == 42


async def test_a_tool_of_a_script_is_called_with_what_it_needs(server: ModelServer, tmp_path: Path) -> None:
    server.script({"helpful AI assistant": InTurn(Call("calculator", {"a": 6, "b": 7, "operator": "*"}), "It is 42. TERMINATE")})
    said, finished = await conversation(flow("classic/tools.py"), tmp_path)
    assert said == [("Assistant", "It is 42. TERMINATE")]
    assert "TERMINATE" in finished.stop_reason
    results = [message["content"] for message in server.asked()[-1].body["messages"] if message["role"] == "tool"]
    assert results == ["42"]


async def test_a_group_of_ag2_goes_by_its_variables_as_it_does_there(server: ModelServer, tmp_path: Path) -> None:
    settled = InTurn("Let me see.", Call("settle", {}))
    server.script({"FRONT": InTurn(Call("note_topic", {"topic": "rent"})), "CLERK": settled, "CLOSER": InTurn("All done.")})
    said, finished = await conversation(flow("classic/ag2_context.py"), tmp_path)
    assert said == [("clerk", "Let me see."), ("closer", "All done.")], "front was never asked again, and the clerk handed over by its tool"
    assert finished.stop_reason == "closer handed over to nobody"
    offered = [[tool["function"]["name"] for tool in seen.body.get("tools", [])] for seen in server.asked()]
    assert offered == [["note_topic"], ["settle"], ["settle"], ["transfer_to_front"]], "as AG2 0.9 offers them, but for numbers in names"


async def test_a_selector_function_of_a_script_chooses(server: ModelServer, tmp_path: Path) -> None:
    server.script(
        {
            "planning agent": InTurn("WebSearchAgent: look it up.", "Done. TERMINATE"),
            "web search agent": "Dwyane Wade, 1397 points.",
        }
    )
    said, finished = await conversation(flow("autogen/selector.py"), tmp_path)
    assert [source for source, _ in said] == ["PlanningAgent", "WebSearchAgent", "PlanningAgent"]
    assert "TERMINATE" in finished.stop_reason


async def test_a_graph_of_a_script_goes_round_until_it_is_approved(server: ModelServer, tmp_path: Path) -> None:
    server.script(
        {
            "creative ideas": InTurn("Ban straws.", "Refill bottles."),
            "Review.": InTurn("REVISE", "APPROVE"),
            "for grammar": "Grammar is fine.",
            "for style": "Style is fine.",
            "Summarize": "Refill bottles.",
        }
    )
    said, _ = await conversation(flow("autogen/graph.py"), tmp_path)
    sources = [source for source, _ in said]
    assert sources[:4] == ["generator", "reviewer", "generator", "reviewer"]
    assert sorted(sources[4:6]) == ["editor_grammar", "editor_style"]
    assert sources[6:] == ["summary_core"]


async def test_chats_within_an_agent_answer_for_it(server: ModelServer, tmp_path: Path) -> None:
    server.script({"You are a writer": InTurn("A post about ships.", "A better post."), "You are a critic": "Too short."})
    said, _ = await conversation(flow("classic/nested.py"), tmp_path)
    heard = [(source, text) for source, text in said if source in ("Writer", "User")]
    assert heard == [("Writer", "A post about ships."), ("User", "Too short."), ("Writer", "A better post.")]


async def test_two_comedians_stop_when_one_has_to_go(server: ModelServer, tmp_path: Path) -> None:
    server.script({"Your name is Cathy": InTurn("Why?", "I gotta go"), "Your name is Joe": "Because!"})
    said, finished = await conversation(flow("classic/comedians.py"), tmp_path)
    assert said == [("cathy", "Why?"), ("joe", "Because!"), ("cathy", "I gotta go")]
    assert "I gotta go" in finished.stop_reason


async def test_a_state_machine_of_a_script_leads_through_code_that_runs(server: ModelServer, tmp_path: Path) -> None:
    server.script({"You are the Coder.": "```python\nprint(6 * 7)\n```", "You are the Scientist.": "It printed 42."})
    said, finished = await conversation(flow("classic/speakers.py"), tmp_path)
    assert [source for source, _ in said][:3] == ["Retrieve_Action_1", "Retrieve_Action_2", "Research_Action_1"]
    assert "42" in said[1][1]
    assert finished.status == "done"


async def test_a_function_of_a_script_may_look_agents_up_in_a_dictionary(server: ModelServer, tmp_path: Path) -> None:
    server.script({"I am ann.": "one", "I am bob.": "two", "I am cleo.": "three"})
    script = """
import autogen
config = {"config_list": [{"model": "gpt-4o"}]}
ann, bob, cleo = (autogen.AssistantAgent(name, system_message=f"I am {name}.", llm_config=config) for name in ("ann", "bob", "cleo"))
def pick(last, group):
    return {ann: cleo, cleo: bob}.get(last)
group = autogen.GroupChat([ann, bob, cleo], messages=[], max_round=9, speaker_selection_method=pick)
ann.initiate_chat(autogen.GroupChatManager(group, llm_config=config), message="Go.")
"""
    (imported,) = read_bytes(script.encode()).flows
    said, _ = await conversation(imported.document, tmp_path)
    assert said == [("cleo", "three"), ("bob", "two")]


async def test_a_pattern_hands_over_to_whom_the_model_says(server: ModelServer, tmp_path: Path) -> None:
    server.script(
        {
            "triage agent": InTurn(Call("transfer_to_tech_agent", {}), "Anything else?"),
            "technical problems": "Clean the fan.",
        }
    )
    said, _ = await conversation(flow("classic/ag2_pattern.py"), tmp_path, "exit")
    assert [source for source, _ in said if source != "customer"][-2:] == ["tech_agent", "triage_agent"]
