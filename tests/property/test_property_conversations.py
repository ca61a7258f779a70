"""Any team, any stop rules, any faults: the log has no gaps, ends once, and folds to the same state again and again."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))

from conversation import SpokenModel, calling, environment

from studio.engine.advance import advance
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.human import Human
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.token_limit import TokenLimit
from studio.engine.errors import ModelAnswerBroken, ModelRefused, ModelUnavailable
from studio.engine.events import Event, QuestionAnswered, QuestionAsked, RunFinished, RunStarted, event_from_json, event_to_json
from studio.engine.models.base import ModelReply
from studio.engine.state import fold
from studio.engine.teams.follow_edges import FollowEdges
from studio.engine.teams.manual import Manual
from studio.engine.teams.model_choice import ModelChoice
from studio.engine.teams.random_choice import RandomChoice
from studio.engine.teams.round_robin import RoundRobin
from studio.engine.teams.team import Team

NAMES = ("ann", "bob", "cy", "dee")


def look(where: str = "here") -> str:
    """Look somewhere."""
    if where == "nowhere":
        raise LookupError(where)
    return f"saw {where}"


replies = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["DONE", "ann", "bob", "", " ", "cy and dee", "TERMINATE"]),
    st.just(calling(("look", '{"where": "up"}'), ("look", '{"where": "nowhere"}'), ("missing", "{}"), ("look", "{"))),
    st.just(calling(("transfer_to_bob", "{}"))),
    st.just(calling(("transfer_to_user", "{}"))),
    st.just(ModelReply(text="cut", finish="length")),
    st.builds(ModelRefused, st.just("refused")),
    st.builds(ModelUnavailable, st.just("unavailable")),
    st.builds(ModelAnswerBroken, st.just("broken")),
    st.builds(ValueError, st.just("a bug")),
)
models = st.lists(replies, min_size=1, max_size=6).map(
    lambda said: SpokenModel(say=lambda request: said[request.earlier_calls % len(said)])
)
rules = st.recursive(
    st.one_of(
        st.builds(MaxTurns, max_turns=st.integers(1, 12)),
        st.builds(MaxMessages, max_messages=st.integers(1, 12)),
        st.builds(TextMention, text=st.sampled_from(["DONE", "a", "ann"])),
        st.builds(TokenLimit, total=st.integers(1, 200)),
    ),
    lambda inner: st.one_of(st.builds(lambda a, b: a & b, inner, inner), st.builds(lambda a, b: a | b, inner, inner)),
    max_leaves=4,
)


@st.composite
def teams(draw: st.DrawFn) -> Team:
    names = NAMES[: draw(st.integers(1, 4))]
    agents: list[Any] = []
    for name in names:
        if draw(st.integers(0, 4)) == 0:
            agents.append(Human(name=name, input_mode=draw(st.sampled_from(["always", "terminate", "never"])), max_auto_replies=3))
        else:
            agents.append(Assistant(name=name, model=draw(models), tools=(look,), handoffs=("bob", "user"), max_tool_rounds=2))
    selection = draw(st.sampled_from([RoundRobin(), ModelChoice(max_attempts=2), RandomChoice(seed=3), Manual(), FollowEdges()]))
    edges = st.dictionaries(st.sampled_from(names), st.lists(st.sampled_from(names), max_size=3, unique=True).map(tuple))
    return Team(
        participants=tuple(agents),
        selection=selection,
        stop=draw(st.one_of(st.none(), rules)),
        model=draw(models),
        transitions=draw(st.one_of(st.none(), edges)),
        max_turns=12,
    )


class Log:
    def __init__(self) -> None:
        self.events: list[Event] = [RunStarted(seq=1, source="you", task="go")]

    async def append(self, events: list[Event]) -> None:
        self.events.extend(events)

    def show(self, event: Event) -> None:
        pass


async def converse(team: Team, answers: list[str], folder: Path) -> list[Event]:
    log = Log()
    for turn in range(60):
        status = await advance(team, log.events, log, environment(folder))
        if status != "waiting":
            return log.events
        question = log.events[-1]
        assert isinstance(question, QuestionAsked)
        text = answers[turn % len(answers)]
        log.events.append(QuestionAnswered(seq=question.seq + 1, source="you", question=question.id, text=text, approved=text != "no"))
    return log.events


@settings(max_examples=200, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(team=teams(), answers=st.lists(st.sampled_from(["", "yes", "no", "exit", "bob", "DONE"]), min_size=1, max_size=4))
def test_any_conversation_leaves_a_whole_log_that_replays(team: Team, answers: list[str]) -> None:
    async def main() -> list[Event]:
        async with asyncio.timeout(3):
            return await converse(team, answers, Path("."))

    events = asyncio.run(main())
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    finished = [event for event in events if isinstance(event, RunFinished)]
    assert finished == events[-1:] or not finished
    assert finished or isinstance(events[-1], QuestionAnswered)
    again = [event_from_json(event_to_json(event)) for event in events]
    assert fold(team, events) == fold(team, again) == fold(team, again)
