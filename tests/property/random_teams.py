"""Any team: every strategy, nested teams, every agent and stop rule, with models, tools and functions that fail in any way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import strategies as st
from misbehaving import Again, Half, Hangs, LearningMemory, ScriptedExecutor, ScriptedMemory, ScriptedModel, calls
from outlines import agent, outline, written

from studio.engine.agents.agent import Agent
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.code_runner import CodeRunner
from studio.engine.agents.human import Human
from studio.engine.agents.python_agent import PythonAgent
from studio.engine.conditions.done import Done
from studio.engine.conditions.function import FunctionRule
from studio.engine.conditions.hand_off import HandOffTo
from studio.engine.conditions.loop_detector import LoopDetector
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.conditions.money_limit import MoneyLimit
from studio.engine.conditions.said_by import SaidBy
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.conditions.token_limit import TokenLimit
from studio.engine.conditions.tool_used import ToolUsed
from studio.engine.context.everything import Everything
from studio.engine.context.head_and_tail import HeadAndTail
from studio.engine.context.last import LastMessages
from studio.engine.context.summary import SummaryOfOld
from studio.engine.context.token_budget import TokenBudget
from studio.engine.errors import ModelAnswerBroken, ModelRefused, ModelUnavailable
from studio.engine.guards import Guard
from studio.engine.memory.list_memory import ListMemory
from studio.engine.models.base import ModelReply, ModelRequest
from studio.engine.outlines.asking import DESIGNER
from studio.engine.teams.chat import Chat
from studio.engine.teams.filter import Filter, Hears
from studio.engine.teams.follow_edges import FollowEdges
from studio.engine.teams.function_choice import FunctionChoice
from studio.engine.teams.graph import Graph, GraphEdge
from studio.engine.teams.manual import Manual
from studio.engine.teams.model_choice import ModelChoice
from studio.engine.teams.planner import Planner
from studio.engine.teams.random_choice import RandomChoice
from studio.engine.teams.round_robin import RoundRobin
from studio.engine.teams.sequential import Sequential
from studio.engine.teams.society import Society
from studio.engine.teams.swarm import Swarm
from studio.engine.teams.team import Team
from studio.engine.tools.expert_team import NAME as SEEKS
from studio.engine.tools.expert_team import ExpertTeam
from studio.engine.tools.function import FunctionTool
from studio.engine.tools.team_tool import AgentTool, TeamTool
from studio.engine.tools.variables import ToolReply, Variables

NAMES = ("ann", "bob", "cy", "dee")

REPORT = '{"is_request_satisfied": %s, "is_in_loop": %s, "is_progress_being_made": true, "next_speaker": "%s", "instruction": "do", "reason": "r"}'
TEXTS = st.sampled_from(
    [
        "DONE",
        "ann",
        "bob",
        "cy and dee",
        "TERMINATE",
        "thanks!",
        "same again",
        "same again",
        "```python\nprint(1)\n```",
        '{"mood": "good"}',
        '{"mood": 3}',
        "\ud800 half a character",
        "naïve 🐍",
        "x" * 600,
        REPORT % ("false", "false", "ann"),
        REPORT % ("true", "false", "bob"),
        REPORT % ("false", "true", "nobody"),
        "{",
        "2",
        "**bob**",
        "<think>hm</think>bob",
    ]
)
MISTAKES = st.sampled_from(
    [ModelRefused("refused"), ModelUnavailable("unavailable"), ModelAnswerBroken("broken"), ValueError("a bug"), OSError("pipe")]
)
CALLS = st.sampled_from(
    [
        ("look", '{"where": "up"}'),
        ("look", '{"where": "nowhere"}'),
        ("look", "{"),
        ("look", "[1, 2]"),
        ("look", '{"wrong": 1}'),
        ("look", ""),
        ("missing", "{}"),
        ("hang", "{}"),
        ("note", '{"what": "x"}'),
        ("note", '{"what": ""}'),
        ("pass_on", '{"to": "bob"}'),
        ("risky", "{}"),
        ("helpers", '{"task": "help"}'),
        ("helpers", "{}"),
        (SEEKS, '{"group_name": "poets", "building_task": "a poet", "execution_task": "Write."}'),
        (SEEKS, '{"group_name": "poets"}'),
        ("transfer_to_bob", "{}"),
        ("transfer_to_user", "{}"),
        ("end_conversation", '{"answer": "all done"}'),
        ("end_conversation", "nonsense"),
    ]
)
SAID = st.one_of(
    TEXTS,
    TEXTS,
    TEXTS,
    st.lists(CALLS, min_size=1, max_size=3).map(lambda wanted: calls(*wanted)),
    st.lists(CALLS, min_size=1, max_size=3).map(lambda wanted: calls(*wanted)),
    st.builds(Again, TEXTS),
    st.builds(lambda text, finish: ModelReply(text=text, finish=finish), TEXTS, st.sampled_from(["length", "refusal", "?"])),
)
FAULTS = st.one_of(
    st.sampled_from(["", " ", Hangs(), asyncio.CancelledError()]), MISTAKES, st.builds(Half, TEXTS, st.one_of(st.none(), MISTAKES))
)


def look(where: str = "here") -> str:
    """Look somewhere."""
    if where == "nowhere":
        raise LookupError(where)
    return f"saw {where}"


async def hang() -> str:
    """Never end."""
    await asyncio.Event().wait()
    return ""


def note(what: str, variables: Variables) -> str:
    """Note something."""
    variables["noted"] = what or None
    return "noted"


def pass_on(to: str) -> ToolReply:
    """Hand over."""
    return ToolReply(f"now {to}", target=to)


async def risky() -> str:
    """Break in an unusual way."""
    raise asyncio.CancelledError


TOOLS = (
    FunctionTool.of(look),
    FunctionTool.of(hang, timeout=0.005),
    FunctionTool.of(note),
    FunctionTool.of(pass_on),
    FunctionTool.of(risky, approval="always"),
)


def _raise(*_: Any) -> Any:
    raise RuntimeError("the function is broken")


def _sleep(*_: Any) -> Any:
    time.sleep(0.02)


def _named(value: Any) -> Callable[..., Any]:
    return lambda *_: value


EXPERTS = st.fixed_dictionaries(
    {
        "reads": st.sampled_from(["summary", "last", "all"]),
        "show_first": st.booleans(),
        "max_teams": st.integers(1, 2),
        "max_turns": st.integers(1, 3),
    }
)
MADE_UP = written(outline(agent("poet"), agent("critic"), stop_word="DONE"))
"""What a model that makes a team up says, where it can do it."""

_GOOD = st.lists(SAID, min_size=1, max_size=6)
_BAD = st.tuples(_GOOD, FAULTS, st.integers(0, 5)).map(lambda parts: [*parts[0][: parts[2]], parts[1], *parts[0][parts[2] :]])
SCRIPTS = st.one_of(_GOOD, _GOOD, _BAD)
"""What a model says, in turn."""

OWN_SCRIPTS = st.one_of(SCRIPTS, SCRIPTS, SCRIPTS, st.none())


def model_of(script: list[Any] | None, requests: list[ModelRequest]) -> ScriptedModel | None:
    """A model that keeps what it was asked in `requests`."""
    if script is None:
        return None

    def say(request: ModelRequest) -> Any:
        requests.append(replace(request, thread=tuple(request.thread)))
        if request.agent == DESIGNER and len(script) % 2:
            return MADE_UP
        return script[request.earlier_calls % len(script)]

    return ScriptedModel(say=say)


RULE = st.one_of(
    st.builds(MaxTurns, max_turns=st.integers(1, 8)),
    st.builds(MaxMessages, max_messages=st.integers(1, 8), include_task=st.booleans()),
    st.builds(TextMention, text=st.sampled_from(["DONE", "a", "ann"]), include_task=st.booleans()),
    st.builds(TokenLimit, total=st.integers(1, 200)),
    st.builds(MoneyLimit, dollars=st.sampled_from([0.001, 0.01])),
    st.builds(TimeLimit, seconds=st.sampled_from([0.001, 0.02, 5.0])),
    st.builds(LoopDetector, turns=st.integers(2, 3)),
    st.builds(SaidBy, sources=st.sampled_from([(), ("bob",)])),
    st.builds(HandOffTo, target=st.sampled_from(["user", "bob"])),
    st.builds(ToolUsed, name=st.sampled_from(["look", "note"]), only_success=st.booleans()),
    st.just(Done()),
    st.builds(
        FunctionRule,
        source=st.sampled_from(["def one(m): ...", "def two(m): ..."]),
        function=st.sampled_from([_named(False), _named(True), _raise, _sleep, lambda messages: len(messages) > 3]),
        timeout=st.just(0.01),
    ),
)
RULES = st.recursive(
    RULE,
    lambda inner: st.one_of(st.builds(lambda a, b: a & b, inner, inner), st.builds(lambda a, b: a | b, inner, inner)),
    max_leaves=4,
)
CONTEXTS = st.sampled_from(
    [
        TokenBudget(),
        TokenBudget(tokens=100),
        Everything(),
        LastMessages(count=2),
        LastMessages(count=1, keep_task=False),
        HeadAndTail(head=1, tail=1),
        SummaryOfOld(tokens=100, keep=1),
    ]
)
SHAPE = {"type": "object", "properties": {"mood": {"type": "string"}}, "required": ["mood"]}


@cache
def graphs(names: tuple[str, ...]) -> st.SearchStrategy[Graph]:
    name = st.sampled_from(names)
    arrow = st.builds(
        GraphEdge,
        source=name,
        target=name,
        condition=st.sampled_from(["", "", "DONE", "a"]),
        how=st.sampled_from(["contains", "equals", "regex", "otherwise"]),
        join=st.sampled_from(["all", "any"]),
        group=st.sampled_from(["", "", "g"]),
        test=st.sampled_from([*[None] * 9, _raise]),
    )
    over = st.builds(
        GraphEdge, source=name, target=name, condition=st.sampled_from(["noted == 'x'", "missing > 3"]), how=st.just("expression")
    )
    edges = st.lists(st.one_of(arrow, arrow, arrow, over), max_size=7).map(tuple)
    return st.builds(Graph, edges=edges, start=st.sampled_from([(), (), names[:1], names]))


@cache
def selections(names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    name = st.sampled_from((*names, "nobody"))
    chosen = [_named(names[0]), _named(None), _named("nobody"), _raise, _sleep, *[lambda said, names: names[len(said) % len(names)]] * 4]
    function = st.builds(
        FunctionChoice,
        function=st.sampled_from(chosen),
        timeout=st.just(0.01),
        fallback=st.sampled_from([None, RoundRobin(), ModelChoice(max_attempts=1)]),
    )
    swarm = st.builds(
        Swarm,
        after_work=st.sampled_from(["end", "stay", "first", "back", "model"]),
        after=st.dictionaries(name, name, max_size=2),
        rules=st.sampled_from([{}, {"noted == 'x'": "bob"}, {"'a' in last": "ann"}]),
    )
    planner = st.builds(Planner, max_rounds=st.integers(1, 4), max_stalls=st.integers(1, 2), max_plans=st.integers(1, 2))
    plain = [RoundRobin(), ModelChoice(max_attempts=2), RandomChoice(seed=3), RandomChoice(), Manual(), FollowEdges(), Sequential()]
    return st.one_of(st.sampled_from(plain), function, graphs(names), swarm, planner)


@cache
def transitions(names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    name = st.sampled_from(names)
    some = st.dictionaries(name, st.lists(name, max_size=3, unique=True).map(tuple))
    return st.one_of(st.none(), st.none(), st.none(), some)


TRANSITIONS = st.sampled_from(["allowed", "allowed", "disallowed"])
GUARDS = st.sampled_from(
    [
        *[()] * 6,
        (Guard(what="DONE", message="not yet"), Guard(how="model", what="Is it rude?")),
        (Guard(how="model", what="Is it about somebody?", hand_to="bob"),),
        (Guard(looks_at="heard", how="model", what="Is it rude?", hand_to="user"),),
        (Guard(looks_at="heard", what="same again", hand_to="bob"), Guard(what="saw (up|here)")),
    ]
)
HUMANS = st.fixed_dictionaries(
    {
        "guards": GUARDS,
        "input_mode": st.sampled_from(["always", "terminate", "never"]),
        "form": st.sampled_from(["text", "text", "choice", "form", "approve", "edit"]),
        "executor": st.sampled_from([None, ScriptedExecutor(consent=True)]),
    }
)
RUNNERS = st.fixed_dictionaries(
    {
        "guards": GUARDS,
        "executor": st.builds(
            ScriptedExecutor, outcome=st.sampled_from(["ran", "ran", "ran", RuntimeError("no disk"), Hangs()]), consent=st.booleans()
        ),
        "approval": st.booleans(),
    }
)
ASSISTANTS = st.fixed_dictionaries(
    {
        "guards": GUARDS,
        "may_end": st.booleans(),
        "max_tool_rounds": st.integers(1, 2),
        "after_tools": st.sampled_from(["answer", "results"]),
        "context": CONTEXTS,
        "output": st.sampled_from([None, None, None, None, SHAPE]),
        "memory": st.sampled_from(
            [
                *[()] * 12,
                (ListMemory(facts=("one",)),),
                (ScriptedMemory(), ListMemory(facts=("two",))),
                (ScriptedMemory(outcome=OSError("lost")),),
                (ScriptedMemory(outcome=Hangs()),),
                (LearningMemory(), ScriptedMemory()),
                (LearningMemory(outcome=OSError("lost")),),
                (LearningMemory(outcome=Hangs()),),
            ]
        ),
    }
)
ANSWERERS = st.sampled_from([_named("hello"), _named("hello"), _named(None), _raise, _sleep])
CHATS = st.fixed_dictionaries({"message": st.sampled_from(["", "a task"]), "summarised": st.sampled_from(["last", "model", "all"])})
HEARD = st.fixed_dictionaries({"heard": st.sampled_from(["all", "last"])})
HEARS = st.sampled_from([(), (Hears(source="ann", count=1),), (Hears(source="bob", position="first"),)])
ALONE = ["assistant"] * 8 + ["human"] * 2 + ["runner", "python"]
KINDS = st.sampled_from(ALONE)
KINDS_OR_TEAMS = st.sampled_from([*ALONE, "team", "society", "filter", "chat"])
HELPED = st.integers(0, 4)
CALLED = st.fixed_dictionaries({"remembers": st.booleans(), "heard": st.sampled_from(["last", "all"])})
TEAMS = st.fixed_dictionaries({"guards": GUARDS, "variables": st.sampled_from([{}, {"noted": "x"}]), "stop": st.one_of(st.none(), RULES)})
MANY, FEW = st.integers(1, 4), st.integers(1, 2)
LONG, SHORT = st.integers(1, 8), st.integers(1, 3)


def an_agent(draw: st.DrawFn, name: str, requests: list[ModelRequest], depth: int) -> Agent:
    match draw(KINDS_OR_TEAMS if depth > 0 else KINDS):
        case "human":
            return Human(name=name, choices=("a", "b"), fields=SHAPE, max_auto_replies=3, **draw(HUMANS))
        case "runner":
            return CodeRunner(name=name, **draw(RUNNERS))
        case "python":
            return PythonAgent(name=name, function=draw(ANSWERERS), timeout=0.01, guards=draw(GUARDS))
        case "team":
            return a_team(draw, name, requests, depth - 1, Team, **draw(HEARD))
        case "society":
            return a_team(draw, name, requests, depth - 1, Society)
        case "chat":
            return a_team(draw, name, requests, depth - 1, Chat, **draw(CHATS))
        case "filter":
            return Filter(name=name, participants=(an_agent(draw, f"{name} inside", requests, 0),), hears=draw(HEARS))
    tools: tuple[Any, ...] = TOOLS
    helped = draw(HELPED) if depth > 0 else None
    if helped == 0:
        tools = (*TOOLS, TeamTool(team=a_team(draw, f"{name} helpers", requests, 0), name="helpers"))
    elif helped == 2:
        tools = (*TOOLS, ExpertTeam(code=False, **draw(EXPERTS)))
    elif helped == 1:
        helper = an_agent(draw, "helpers", requests, 0)
        tools = (*TOOLS, TeamTool(team=helper) if isinstance(helper, Human) else AgentTool(agent=helper, **draw(CALLED)))
    model = model_of(draw(OWN_SCRIPTS), requests)
    return Assistant(name=name, model=model, tools=tools, handoffs=("bob", "user"), **draw(ASSISTANTS))


def a_team(draw: st.DrawFn, name: str, requests: list[ModelRequest], depth: int, kind: type[Team] = Team, **options: Any) -> Team:
    members = NAMES[: draw(MANY if depth else FEW)]
    if name != "team":
        members = tuple(f"{member} of {name}"[:60] for member in members)
    selection = draw(selections(members))
    return kind(
        name=name,
        participants=tuple(an_agent(draw, member, requests, depth) for member in members),
        selection=selection,
        model=model_of(draw(SCRIPTS), requests),
        transitions=draw(transitions(members)),
        transitions_type=draw(TRANSITIONS) if selection.excludes else "allowed",
        max_turns=draw(LONG if depth else SHORT),
        **draw(TEAMS),
        **options,
    )


@st.composite
def teams(draw: st.DrawFn, requests: list[ModelRequest]) -> Team:
    """Teams two levels deep whose models keep in `requests` what they are asked."""
    return a_team(draw, "team", requests, 2)
