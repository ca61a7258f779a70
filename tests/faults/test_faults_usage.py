"""Whatever models answered is counted, wherever a run is stopped or fails, and counted once when it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import outlines
import pytest
from asking import OneAccount
from misbehaving import Log, calls, place
from model_server import Fault, InTurn, ModelServer, Said
from patience import within

from studio.engine.advance import Environment, advance
from studio.engine.agents.agent import Agent
from studio.engine.agents.assistant import Assistant
from studio.engine.bill import NOT_USED
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.context.summary import SummaryOfOld
from studio.engine.errors import ModelUnavailable
from studio.engine.events import YOU, Noticed, RunFinished, RunResumed, RunStarted, TextDelta
from studio.engine.fold import fold
from studio.engine.guards import Guard
from studio.engine.memory.embedding import AccountEmbedding
from studio.engine.memory.teachable import TeachableMemory
from studio.engine.memory.vector_memory import VectorMemory
from studio.engine.models.base import Accounts, Delta, Model, ModelReply, ModelRequest, Piece, ToolSchema
from studio.engine.models.best_of import BestOf
from studio.engine.models.fallback import FallbackModel
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.outlines.asking import DESIGNER
from studio.engine.teams.chat import Chat
from studio.engine.teams.graph import Graph, GraphEdge
from studio.engine.teams.model_choice import ModelChoice
from studio.engine.teams.planner import Planner
from studio.engine.teams.society import Society
from studio.engine.teams.team import Team
from studio.engine.tools.base import Tool, ToolPlace
from studio.engine.tools.expert_team import NAME as SEEKS
from studio.engine.tools.expert_team import ExpertTeam
from studio.engine.tools.function import FunctionTool
from studio.engine.tools.team_tool import AgentTool
from studio.engine.usage import Usage

REPORT = (
    '{"is_request_satisfied": false, "is_in_loop": false, "is_progress_being_made": true, "next_speaker": "ann", '
    '"instruction": "go", "reason": "so"}'
)


@dataclass
class Bench:
    """Counts what was answered, and does something as soon as the answer of a number is there."""

    answered: int = 0
    tokens: int = 0
    at: int = 0
    then: Callable[[], None] = field(default=lambda: None)

    def answer(self) -> Usage:
        self.answered += 1
        usage = Usage(prompt_tokens=10 + self.answered, completion_tokens=2, calls=1)
        self.tokens += usage.total_tokens
        if self.answered == self.at:
            self.then()
        return usage


class CountedModel(Model):
    """Says what `say` gives for a request: a text, a reply without its usage, or an exception to raise after the others were asked."""

    kind: ClassVar[str] = "test_counted"
    drawable: ClassVar[bool] = False
    bench: Any = None
    say: Any = None
    name: str = "counted"

    def connect(self, accounts: Accounts) -> CountedModel:
        return self

    async def stream(self, request: ModelRequest) -> AsyncIterator[Piece]:
        await asyncio.sleep(0)
        said = self.say(request) if callable(self.say) else self.say
        if isinstance(said, BaseException):
            raise said
        reply = ModelReply(text=said) if isinstance(said, str) else said
        yield Delta(reply.text)
        yield ModelReply(text=reply.text, calls=reply.calls, finish=reply.finish, usage=self.bench.answer(), model=self.name)

    async def close(self) -> None:
        return


class AskingTool(Tool):
    """Asks the model of its caller twice before it answers."""

    kind: ClassVar[str] = "test_asking"
    drawable: ClassVar[bool] = False

    @property
    def may_ask_model(self) -> int:
        return 10

    def schema_for_model(self) -> ToolSchema:
        return ToolSchema("ask", "Ask.", {"type": "object", "properties": {}})

    def needs_approval(self, name: str, arguments: str) -> bool:
        return False

    async def call(self, name: str, arguments: str, place: ToolPlace) -> Any:
        from studio.engine.code.base import FunctionResult

        assert place.ask is not None
        for _ in range(2):
            await place.ask(ModelRequest(agent="server", extra=("What?",)))
        return FunctionResult("asked")


def team(*members: Agent, **more: Any) -> Team:
    return Team(name="team", participants=members, **{"stop": MaxTurns(max_turns=1)} | more)


def ann(model: Model, **more: Any) -> Assistant:
    return Assistant(name="ann", model=model, **more)


def bob(model: Model, **more: Any) -> Assistant:
    return Assistant(name="bob", model=model, **more)


def said(bench: Bench, *texts: Any) -> CountedModel:
    """One that says these in turn by its agent's earlier calls, the last one for ever."""
    return CountedModel(bench=bench, say=lambda request: texts[min(request.earlier_calls, len(texts) - 1)])


def judging(bench: Bench) -> Callable[[ModelRequest], Any]:
    return lambda request: "2" if request.purpose == "selection" else "an answer"


def best(bench: Bench, keep: str, **more: Any) -> BestOf:
    models = tuple(CountedModel(bench=bench, say=judging(bench), name=f"m{number}") for number in range(2))
    return BestOf(models=models, keep=keep, **{"tries": 2} | more)


def by_purpose(bench: Bench, **says: Any) -> CountedModel:
    return CountedModel(bench=bench, say=lambda request: says.get(request.purpose, "an answer"))


def _leading(request: ModelRequest) -> Any:
    """What is said where ann has a team made up: by her, by who makes it up at the second attempt, by its members."""
    if request.agent == DESIGNER:
        return outlines.written(outlines.outline(outlines.agent("poet"))) if request.earlier_calls else "no team"
    if request.agent == "ann" and not request.earlier_calls:
        return calls((SEEKS, '{"group_name": "poets", "execution_task": "Write."}'))
    return "a line"


GUARDS = (Guard(looks_at="heard", how="model", what="Bad?"), Guard(looks_at="said", how="model", what="Worse?"))

SCENES: dict[str, Callable[[Bench], Team]] = {
    "an answer": lambda bench: team(ann(said(bench, "hello"))),
    "tool rounds": lambda bench: team(
        ann(said(bench, calls(("f", "{}")), calls(("f", "{}")), "ok"), tools=(FunctionTool.of(lambda: 1, name="f"),))
    ),
    "an answer that is empty twice": lambda bench: team(ann(said(bench, ""))),
    "an answer in another shape twice": lambda bench: team(ann(said(bench, "no"), output={"type": "object"})),
    "calls without end": lambda bench: team(
        ann(said(bench, calls(("f", "{}"))), tools=(FunctionTool.of(lambda: 1, name="f"),), max_tool_rounds=1)
    ),
    "a refused answer": lambda bench: team(ann(CountedModel(bench=bench, say=ModelReply(finish="content_filter")))),
    "the best by a judge": lambda bench: team(ann(best(bench, "judge"))),
    "the longest": lambda bench: team(ann(best(bench, "longest"))),
    "the first that fits": lambda bench: team(ann(best(bench, "first", contains="not to be found"))),
    "the best of the best": lambda bench: team(ann(BestOf(models=(best(bench, "judge"), best(bench, "shortest")), keep="judge", tries=1))),
    "a fallback list": lambda bench: team(ann(FallbackModel(models=(said(bench, ""), best(bench, "judge"), said(bench, "ok"))))),
    "a fallback list within the best": lambda bench: team(
        ann(BestOf(models=(FallbackModel(models=(said(bench, ""), said(bench, "ok"))), said(bench, "longer")), keep="longest", tries=1))
    ),
    "guards that ask": lambda bench: team(ann(by_purpose(bench, guard="no"), guards=GUARDS)),
    "guards that ask the best": lambda bench: team(
        ann(BestOf(models=(by_purpose(bench, guard="no", selection="1"),), keep="judge", tries=2), guards=GUARDS)
    ),
    "a model that chooses": lambda bench: team(
        ann(said(bench, "a")), bob(said(bench, "b")), selection=ModelChoice(), model=said(bench, "nobody", "both ann and bob", "bob")
    ),
    "a planner": lambda bench: team(
        ann(said(bench, "a")), selection=Planner(max_rounds=1), model=said(bench, "facts", "plan", "?", REPORT)
    ),
    "a summary of what is old": lambda bench: team(
        ann(by_purpose(bench, summary="short", reply="a long text " * 60), context=SummaryOfOld(tokens=100, keep=1)),
        stop=MaxTurns(max_turns=3),
    ),
    "a society": lambda bench: team(Society(name="we", participants=(bob(said(bench, "b")),), model=said(bench, "we"), max_turns=1)),
    "a chat that is summed up": lambda bench: team(
        Chat(name="chat", participants=(bob(said(bench, "b")),), summarised="model", model=said(bench, "sum"), max_turns=1)
    ),
    "an agent as a tool": lambda bench: team(
        ann(said(bench, calls(("bob", '{"task": "go"}')), "ok"), tools=(AgentTool(agent=bob(said(bench, "b"))),))
    ),
    "a tool that asks the model": lambda bench: team(ann(said(bench, calls(("ask", "{}")), "one", "two", "ok"), tools=(AskingTool(),))),
    "a team that is made up": lambda bench: team(
        ann(
            CountedModel(bench=bench, say=_leading),
            tools=(ExpertTeam(code=False, max_turns=2),),
        )
    ),
    "notes about people": lambda bench: team(
        ann(by_purpose(bench, memory='{"remember": ["x"], "forget": []}'), memory=(TeachableMemory(person="eve"),))
    ),
    "notes that cannot be read": lambda bench: team(ann(by_purpose(bench, memory="no"), memory=(TeachableMemory(person="eve"),))),
    "branches at the same time": lambda bench: team(
        ann(said(bench, "a")),
        bob(best(bench, "judge")),
        Assistant(name="cy", model=best(bench, "longest")),
        selection=Graph(edges=(GraphEdge(source="ann", target="bob"), GraphEdge(source="ann", target="cy"))),
        stop=None,
    ),
}


FAIL = {
    "an answer that is empty twice",
    "an answer in another shape twice",
    "calls without end",
    "a refused answer",
}
"""Those whose answers cannot be used."""


async def go(drawn: Team, log: Log, folder: Path) -> str:
    async with asyncio.timeout(within(10)):
        return await advance(drawn, list(log.events), log, place(folder, memories=folder / "memories"))


def counted(drawn: Team, log: Log) -> tuple[int, int]:
    usage = fold(drawn, log.events).usage
    ends = [event.usage for event in log.events if isinstance(event, RunFinished)]
    assert ends[-1] == usage
    return usage.calls, usage.total_tokens


def begun() -> Log:
    return Log(RunStarted(seq=1, source=YOU, task="go"), immediate=False)


@pytest.mark.parametrize("scene", SCENES)
async def test_what_was_answered_is_counted_wherever_a_run_is_stopped_and_once_when_it_goes_on(scene: str, tmp_path: Path) -> None:
    bench, log = Bench(), begun()
    drawn = SCENES[scene](bench)
    assert await go(drawn, log, tmp_path / "whole") == ("failed" if scene in FAIL else "done")
    assert counted(drawn, log) == (bench.answered, bench.tokens)
    for number in range(1, bench.answered + 1):
        for later in (0, 1, 3):
            await _stopped(scene, number, later, tmp_path / f"{number} {later}")


async def _stopped(scene: str, number: int, later: int, folder: Path) -> None:
    bench, log = Bench(at=number), begun()
    drawn = SCENES[scene](bench)
    work = asyncio.create_task(go(drawn, log, folder))
    loop = asyncio.get_running_loop()

    def soon(left: int) -> None:
        if left:
            loop.call_soon(soon, left - 1)
        else:
            work.cancel()

    bench.then = lambda: soon(later)
    await asyncio.gather(work, return_exceptions=True)
    assert counted(drawn, log) == (bench.answered, bench.tokens), (number, later)
    assert log.events[-1].type == "run_finished"
    if log.events[-1].status == "stopped":
        log.events.append(RunResumed(seq=len(log.events) + 1, source=YOU))
        await go(drawn, log, folder)
        assert counted(drawn, log) == (bench.answered, bench.tokens), (number, later, "resumed")


@pytest.mark.parametrize("mistake", [ModelUnavailable("It is gone."), ValueError("a fault of its client")], ids=["unavailable", "fault"])
@pytest.mark.parametrize("scene", SCENES)
async def test_what_was_answered_is_counted_where_a_later_answer_fails(scene: str, mistake: Exception, tmp_path: Path) -> None:
    bench, log = Bench(), begun()
    await go(SCENES[scene](bench), log, tmp_path / "whole")
    for number in range(1, bench.answered + 1):
        await _failed(scene, number, mistake, tmp_path / str(number))


async def _failed(scene: str, number: int, mistake: Exception, folder: Path) -> None:
    bench, log = Bench(at=number), begun()

    def fail() -> None:
        bench.answered -= 1
        bench.tokens -= 12 + number
        bench.at = 0
        raise mistake

    bench.then = fail
    drawn = SCENES[scene](bench)
    await go(drawn, log, folder)
    assert counted(drawn, log) == (bench.answered, bench.tokens), number


def served(server: ModelServer, folder: Path, **more: Any) -> tuple[Team, Environment]:
    model = OpenAIModel(**{"account": "lab", "model": "test-model", "retries": 0} | more)
    return team(ann(model)), Environment(OneAccount(server.base_url), folder, memories=folder / "memories")


async def test_half_an_answer_is_reckoned_where_the_other_half_never_comes(model_server: ModelServer, tmp_path: Path) -> None:
    model_server.sends_usage = False
    model_server.script({"*": InTurn(Fault("no_finish"), Said("whole"))})
    drawn, where = served(model_server, tmp_path, retries=1)
    log = begun()
    assert await advance(drawn, list(log.events), log, where) == "done"
    usage = fold(drawn, log.events).usage
    assert (usage.calls, usage.estimated) == (2, True)
    (notice,) = [event for event in log.events if isinstance(event, Noticed) and event.code == NOT_USED]
    assert notice.usage.completion_tokens == -(-len("half an answer") // 4)


async def test_half_an_answer_is_reckoned_where_a_person_stops_the_run(model_server: ModelServer, tmp_path: Path) -> None:
    model_server.script({"*": Fault("stall_later")})
    drawn, where = served(model_server, tmp_path)
    log, spoken = begun(), asyncio.Event()
    log.when = lambda: spoken.set() if any(isinstance(event, TextDelta) for event in log.shown) else None
    work = asyncio.create_task(advance(drawn, list(log.events), log, where))
    async with asyncio.timeout(within(5)):
        await spoken.wait()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    usage = fold(drawn, log.events).usage
    assert (usage.calls, usage.estimated) == (1, True)
    assert usage.prompt_tokens > 10
    assert [event.type for event in log.events[-3:]] == ["notice", "partial", "run_finished"]


async def test_texts_that_were_compared_are_counted_where_others_cannot_be(model_server: ModelServer, tmp_path: Path) -> None:
    drawn, where = served(model_server, tmp_path)
    memory = VectorMemory(texts=("a", "b", "c"), threshold=0.0, embedding=AccountEmbedding(account="lab", batch=2, retries=0))
    drawn = team(ann(OpenAIModel(account="lab", model="test-model"), memory=(memory,)))
    model_server.embedding_replies = [
        {"data": [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0]}], "usage": {"prompt_tokens": 7, "total_tokens": 7}},
        Fault("status", status=400),
    ]
    log = begun()
    assert await advance(drawn, list(log.events), log, where) == "failed"
    assert (fold(drawn, log.events).usage.calls, fold(drawn, log.events).usage.prompt_tokens) == (1, 7)
