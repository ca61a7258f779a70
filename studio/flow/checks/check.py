"""Runs every rule over a drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from studio.engine.documents.document import Shelf
from studio.flow.checks import (
    agent_as_tool,
    answer_in_time,
    arrow_condition,
    arrows_exclude,
    bad_field,
    choice_of_one,
    code_nobody_writes,
    cut_short,
    cycle_without_way_out,
    dangling_wire,
    empty_combination,
    empty_memory,
    empty_team,
    end_unheard,
    function_source,
    idle_guards,
    inner_team_without_end,
    join_in_loop,
    key_in_flow,
    limit_first,
    loose_agent,
    lost_member,
    mcp_server,
    missing_document,
    missing_model,
    name_missing,
    name_reserved,
    name_twice,
    names_nobody,
    network_tool,
    no_arrows,
    no_stop,
    no_team,
    nothing_to_answer_with,
    only_humans,
    out_of_place,
    practice_model,
    silent_swarm,
    stop_loop,
    stop_word_unsaid,
    strategy_names_nobody,
    tool_source,
    tool_twice,
    tool_unusable,
    two_teams,
    unknown_kind,
    unreachable_agent,
    unsafe_code,
    unused,
)
from studio.flow.checks.problem import LEVELS, Problem
from studio.flow.document import FlowDocument
from studio.flow.wires import Drawing

RULES: tuple[Callable[[Drawing], Iterator[Problem]], ...] = (
    no_team.problems,
    two_teams.problems,
    empty_team.problems,
    loose_agent.problems,
    missing_model.problems,
    name_missing.problems,
    name_twice.problems,
    name_reserved.problems,
    bad_field.problems,
    tool_source.problems,
    function_source.problems,
    arrow_condition.problems,
    arrows_exclude.problems,
    out_of_place.problems,
    mcp_server.problems,
    tool_unusable.problems,
    key_in_flow.problems,
    network_tool.problems,
    tool_twice.problems,
    unknown_kind.problems,
    empty_combination.problems,
    empty_memory.problems,
    stop_loop.problems,
    dangling_wire.problems,
    lost_member.problems,
    agent_as_tool.problems,
    no_stop.problems,
    inner_team_without_end.problems,
    cut_short.problems,
    limit_first.problems,
    join_in_loop.problems,
    silent_swarm.problems,
    end_unheard.problems,
    cycle_without_way_out.problems,
    unreachable_agent.problems,
    no_arrows.problems,
    names_nobody.problems,
    strategy_names_nobody.problems,
    unsafe_code.problems,
    code_nobody_writes.problems,
    only_humans.problems,
    choice_of_one.problems,
    nothing_to_answer_with.problems,
    answer_in_time.problems,
    idle_guards.problems,
    stop_word_unsaid.problems,
    unused.problems,
    practice_model.problems,
)


def check(document: FlowDocument, shelf: Shelf | None = None) -> tuple[Problem, ...]:
    """All problems of a document, errors first. Works on any document; nothing in it is executed, imported or fetched.

    With the shelf of this installation also the files that are missing there.
    """
    drawing = Drawing(document)
    found = [problem for rule in RULES for problem in rule(drawing)]
    if shelf is not None:
        found += missing_document.problems(drawing, shelf)
    return tuple(sorted(found, key=lambda item: LEVELS[item.level]))
