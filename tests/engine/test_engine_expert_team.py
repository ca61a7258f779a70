"""A team of experts that an agent has made up while others talk: outlined by its model, run within the call, bounded and asked again."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from conversation import SpokenModel, Typed, calling, environment
from outlines import agent, outline, written

from studio.engine.agents.assistant import Assistant
from studio.engine.code import docker_engine
from studio.engine.code.docker_engine import DockerState
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.token_limit import TokenLimit
from studio.engine.errors import FlowError
from studio.engine.events import ConversationOpened, Event, MessageSaid, QuestionAsked, RunFinished, TeamOutlined, ToolFinished
from studio.engine.fold import fold
from studio.engine.models.base import ModelReply, ModelRequest
from studio.engine.outlines.asking import DESIGNER
from studio.engine.outlines.made_team import Lent, team_of
from studio.engine.outlines.reading import read_outline
from studio.engine.script import Answer, run
from studio.engine.teams.graph import Graph
from studio.engine.teams.team import Team
from studio.engine.tools.expert_team import NAME, ExpertTeam


def wish(group: str = "poets", task: str = "Write a haiku.", experts: str = "- a writer") -> tuple[str, str]:
    return NAME, json.dumps({"group_name": group, "building_task": experts, "execution_task": task})


class Captain:
    """A model that plays the captain, the designer of teams, and everybody in them."""

    def __init__(self, *captain: Any, designs: tuple[Any, ...] = (), experts: Any = "A line. APPROVED") -> None:
        self.captain, self.designs, self.experts = list(captain), list(designs), experts
        self.asked: list[ModelRequest] = []

    def __call__(self, request: ModelRequest) -> Any:
        self.asked.append(request)
        if request.agent == DESIGNER:
            return self.designs.pop(0) if len(self.designs) > 1 else self.designs[0]
        if request.agent == "captain":
            return self.captain.pop(0) if len(self.captain) > 1 else self.captain[0]
        if request.purpose == "summary":
            return "In short: a line."
        return self.experts(request) if callable(self.experts) else self.experts

    def of(self, agent: str) -> list[ModelRequest]:
        return [request for request in self.asked if request.agent == agent]


def led(captain: Captain, tool: ExpertTeam | None = None, **more: Any) -> Team:
    member = Assistant(name="captain", model=SpokenModel(say=captain), tools=(tool or ExpertTeam(),))
    return Team(participants=(member,), **{"stop": MaxMessages(max_messages=1), "max_turns": 3} | more)


def of(kind: type[Any], log: tuple[Event, ...] | list[Event]) -> list[Any]:
    return [event for event in log if isinstance(event, kind)]


GOOD = written(outline())


async def test_a_team_is_made_up_talks_and_its_summary_is_the_result_of_the_call(tmp_path: Path):
    captain = Captain(calling(wish()), "The haiku is done.", designs=(GOOD,))
    team = led(captain)
    result = await run(team, "A haiku, please.", environment=environment(tmp_path))
    (made,) = of(TeamOutlined, result.events)
    assert (made.source, made.team, made.outline["name"]) == ("captain", "poets", "Short texts")
    assert made.usage.calls == 1
    said = [(event.source, event.text) for event in of(MessageSaid, result.events) if event.scope]
    assert ("writer", "A line. APPROVED") in said
    (finished,) = of(ToolFinished, result.events)
    assert (finished.output, finished.is_error) == ("In short: a line.", False)
    assert result.events[-1].usage.calls == len(captain.asked)
    assert fold(team, result.events) == fold(team, result.events)
    assert "Write a haiku." in captain.of(DESIGNER)[0].thread[0].text


async def test_a_team_is_asked_again_by_its_name_and_not_made_up_twice(tmp_path: Path):
    again = calling(wish(task="Now a limerick.", experts=""))
    captain = Captain(calling(wish()), again, "Both are done.", designs=(GOOD,))
    result = await run(led(captain), "Poems.", environment=environment(tmp_path))
    assert len(of(TeamOutlined, result.events)) == 1
    assert [event.output for event in of(ToolFinished, result.events)] == ["In short: a line."] * 2
    tasks = [event.task for event in of(ConversationOpened, result.events) if event.call]
    assert tasks == ["Write a haiku.", "Now a limerick."]


async def test_what_is_no_team_is_repaired_twice_and_then_told_to_the_caller(tmp_path: Path):
    captain = Captain(calling(wish()), "I do it myself.", designs=("no json", "{}", '{"agents": []}'))
    result = await run(led(captain), "A haiku.", environment=environment(tmp_path))
    (finished,) = of(ToolFinished, result.events)
    assert finished.is_error
    assert "3 times" in finished.output
    (made,) = of(TeamOutlined, result.events)
    assert made.outline is None
    assert made.usage.calls == 3
    assert result.events[-1].status == "done"
    repaired = Captain(calling(wish()), "Done.", designs=("no json", GOOD))
    result = await run(led(repaired), "A haiku.", environment=environment(tmp_path))
    assert of(TeamOutlined, result.events)[0].usage.calls == 2
    assert of(ToolFinished, result.events)[0].output == "In short: a line."


async def test_a_model_that_fails_while_a_team_is_made_up_is_a_result_too(tmp_path: Path):
    captain = Captain(calling(wish()), "Then not.", designs=(FlowError("server", "is gone."),))
    result = await run(led(captain), "A haiku.", environment=environment(tmp_path))
    assert "is gone" in of(ToolFinished, result.events)[0].output
    assert result.events[-1].status == "done"


async def test_no_more_teams_are_made_up_than_allowed(tmp_path: Path):
    captain = Captain(calling(wish("one")), calling(wish("two")), calling(wish("one")), "Done.", designs=(GOOD,))
    result = await run(led(captain, ExpertTeam(max_teams=1)), "Poems.", environment=environment(tmp_path))
    first, second, third = of(ToolFinished, result.events)
    assert (first.is_error, second.is_error, third.is_error) == (False, True, False)
    assert "one" in second.output


async def test_a_call_without_a_task_is_told_what_it_lacks(tmp_path: Path):
    captain = Captain(calling((NAME, '{"group_name": "poets"}')), calling((NAME, "not json")), "Done.", designs=(GOOD,))
    result = await run(led(captain), "A haiku.", environment=environment(tmp_path))
    assert [event.is_error for event in of(ToolFinished, result.events)] == [True, True]
    assert not of(TeamOutlined, result.events)


async def test_a_person_sees_the_team_before_it_begins_and_may_refuse_it(tmp_path: Path):
    captain = Captain(calling(wish()), calling(wish()), "Done.", designs=(GOOD,))
    typed = Typed(Answer("", approved=False), Answer("", approved=True))
    result = await run(led(captain, ExpertTeam(show_first=True)), "A haiku.", environment=environment(tmp_path), people=typed)
    first, second = of(QuestionAsked, result.events)
    assert (first.form, "poets" in first.text, "You are writer." in first.details) == ("approve", True, True)
    refused, done = of(ToolFinished, result.events)
    assert (refused.is_error, done.output) == (True, "In short: a line.")
    assert len(of(TeamOutlined, result.events)) == 2, "a team that was refused is not kept"
    assert second.subject != first.subject


async def test_the_caller_can_read_the_last_message_or_everything(tmp_path: Path):
    for reads, output in (("last", "A line. APPROVED"), ("all", "writer: First.\n\ncritic: A line. APPROVED")):
        captain = Captain(
            calling(wish()), "Done.", designs=(GOOD,), experts=lambda r: "First." if r.agent == "writer" else "A line. APPROVED"
        )
        result = await run(led(captain, ExpertTeam(reads=reads)), "A haiku.", environment=environment(tmp_path))
        assert of(ToolFinished, result.events)[0].output == output


async def test_a_talk_ends_at_its_turns_and_a_budget_around_it_ends_the_run(tmp_path: Path):
    captain = Captain(calling(wish()), "Done.", designs=(GOOD,), experts="going on")
    result = await run(led(captain, ExpertTeam(max_turns=3)), "A haiku.", environment=environment(tmp_path))
    said = [event for event in of(MessageSaid, result.events) if event.text == "going on"]
    assert len(said) == 3
    captain = Captain(calling(wish()), "Done.", designs=(GOOD,), experts="going on")
    result = await run(led(captain, stop=TokenLimit(total=45)), "A haiku.", environment=environment(tmp_path))
    assert isinstance(result.events[-1], RunFinished)
    assert result.events[-1].by == "token_limit"
    assert len(captain.asked) < 6


def docker(monkeypatch: pytest.MonkeyPatch, state: DockerState) -> None:
    """Let this be known of Docker for as long as the test takes."""
    key = (os.environ.get("DOCKER_HOST", ""), docker_engine.image_for())
    monkeypatch.setitem(docker_engine._known, key, (time.monotonic() + 1_000, state))


async def test_where_docker_does_not_answer_a_team_is_made_up_that_runs_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    docker(monkeypatch, DockerState("no engine", "There is no Docker here."))
    captain = Captain(calling(wish()), "Done.", designs=(written(outline(agent("coder"), agent("runner", "code_runner"), ends="coder")),))
    result = await run(led(captain), "Count.", environment=environment(tmp_path))
    (made,) = of(TeamOutlined, result.events)
    assert [each["name"] for each in made.outline["agents"]] == ["coder"]
    assert any("There is no Docker here." in change for change in made.changes)
    assert "use no code_runner" in captain.of(DESIGNER)[0].system


async def test_nobody_in_a_team_is_a_person_and_code_runs_in_docker_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    docker(monkeypatch, DockerState("ready"))
    members = (agent("coder"), agent("runner", "code_runner"), agent("boss", "human"))
    asked_for = written(outline(*members, ends="coder"))
    captain = Captain(calling(wish()), "Done.", designs=(asked_for,), experts="APPROVED")
    result = await run(led(captain), "Count.", environment=environment(tmp_path))
    (made,) = of(TeamOutlined, result.events)
    assert [each["name"] for each in made.outline["agents"]] == ["coder", "runner"]
    assert any("boss" in change for change in made.changes)
    team = team_of(read_outline(made.outline).outline, "t", Lent(None, 10, 60.0))  # type: ignore[arg-type]
    assert isinstance(team.participants[1].executor, DockerExecutor)  # type: ignore[attr-defined]
    captain = Captain(calling(wish()), "Done.", designs=(asked_for,), experts="APPROVED")
    result = await run(led(captain, ExpertTeam(code=False)), "Count.", environment=environment(tmp_path))
    assert [each["name"] for each in of(TeamOutlined, result.events)[0].outline["agents"]] == ["coder"]


async def test_known_experts_keep_their_system_messages_and_tools_are_lent_not_taken(tmp_path: Path):
    members = (agent("writer", tools=["files", "web_search"]), agent("critic"))
    captain = Captain(calling(wish()), "Done.", designs=(written(outline(*members)),))
    tool = ExpertTeam(experts={"writer": "You are the one true writer."})
    await run(led(captain, tool), "A haiku.", environment=environment(tmp_path))
    (writer,) = captain.of("writer")[:1]
    assert writer.system.startswith("You are the one true writer.")
    assert {each.name for each in writer.tools} >= {"read_file"}
    assert not any(each.name == "web_search" for each in writer.tools)
    assert "the one true writer" in captain.of(DESIGNER)[0].system


def test_an_outline_with_arrows_becomes_a_graph_or_transitions():
    arrows = [{"source": "writer", "target": "critic", "when": ""}, {"source": "critic", "target": "writer", "when": "AGAIN"}]
    drawn = read_outline(outline(speaking="graph", arrows=arrows)).outline
    assert drawn is not None
    team = team_of(drawn, "loop", Lent(None, 10, 60.0))
    assert isinstance(team.selection, Graph)
    assert [(edge.source, edge.condition, edge.join) for edge in team.selection.edges] == [
        ("writer", "", "all"),
        ("critic", "AGAIN", "all"),
    ]
    chosen = read_outline(outline(speaking="model_choice", arrows=arrows)).outline
    assert chosen is not None
    assert team_of(chosen, "choice", Lent(None, 10, 60.0)).transitions == {"writer": ("critic",), "critic": ("writer",)}


async def test_an_answer_that_is_thrown_away_is_counted_as_well(tmp_path: Path):
    def broken(request: ModelRequest) -> Any:
        return ModelReply(text="I will not.", finish="refusal", usage=captain_usage, model="spoken")

    captain_usage = (await _usage_of_one(tmp_path)).model_copy(update={"prompt_tokens": 77})
    captain = Captain(calling(wish()), "Done.", designs=(broken(ModelRequest(agent="x")),))
    result = await run(led(captain), "A haiku.", environment=environment(tmp_path))
    assert of(TeamOutlined, result.events)[0].usage.prompt_tokens == 77
    assert of(ToolFinished, result.events)[0].is_error


async def _usage_of_one(folder: Path) -> Any:
    result = await run(led(Captain("Hello.", designs=(GOOD,))), "Hi.", environment=environment(folder))
    return of(MessageSaid, result.events)[-1].usage
