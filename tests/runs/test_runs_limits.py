"""The limits of money and time that a run is given, beside the stop rules that its team has."""

from __future__ import annotations

from studio.engine.agents.assistant import Assistant
from studio.engine.conditions.combined import AnyOf
from studio.engine.conditions.condition import Progress
from studio.engine.conditions.money_limit import MoneyLimit
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.teams.team import Team
from studio.engine.usage import Usage
from studio.runs.override import with_limits

ALONE = Team(participants=(Assistant(name="ann"),))
OWN = TextMention(text="DONE")


def test_limits_stop_a_run_each_for_itself_and_its_own_rule_still_does() -> None:
    assert with_limits(ALONE, None, None) is ALONE
    assert with_limits(ALONE, 0.5, None).stop == MoneyLimit(dollars=0.5)
    assert with_limits(ALONE.replace(stop=OWN), None, 9).stop == AnyOf(conditions=(OWN, TimeLimit(seconds=9)))
    both = with_limits(ALONE.replace(stop=OWN), 0.5, 9).stop
    assert both == AnyOf(conditions=(OWN, MoneyLimit(dollars=0.5), TimeLimit(seconds=9)))
    assert both.observe(Progress((), usage=Usage(cost=0.5)), None)[1] is not None
    assert both.observe(Progress((), elapsed=9), None)[1] is not None
    assert both.observe(Progress((), usage=Usage(cost=0.49), elapsed=8.9), None)[1] is None
