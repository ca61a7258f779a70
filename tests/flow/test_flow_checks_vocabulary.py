"""Rules about graphs, hand-offs, planners, teams in teams, functions and ends: what they find, and that their repairs repair."""

from __future__ import annotations

from typing import Any

import pytest

from studio.flow.checks import Problem, check
from studio.flow.document import Edge, FlowDocument, Node, Size
from studio.flow.edits import apply_edit, parse_edit
from studio.flow.layout import arrange


def node(key: str, kind: str, parent: str | None = "top", **config: Any) -> Node:
    size = Size(width=320, height=200) if kind in ("team", "society", "filter", "chat") else None
    return Node(id=key, kind=kind, name=key, parent=parent, config=config, size=size)


def wire(kind: Any, source: str, target: str, **config: Any) -> Edge:
    return Edge(id=f"{kind}_{source}_{target}", kind=kind, source=source, target=target, config=config)


def flow(*nodes: Node, edges: tuple[Edge, ...] = (), model: bool = True, **selection: Any) -> FlowDocument:
    """A team `top` of ann and bob, with a stop rule, a model, and whatever else is given."""
    config = {"selection": selection} if selection else {}
    base = (node("top", "team", None, **config), node("ann", "assistant"), node("bob", "assistant"), node("turns", "max_turns"))
    served = (node("m", "practice", None),) if model else ()
    wires = (wire("model", "m", "top"),) if model else ()
    return FlowDocument(nodes=(*base, *nodes, *served), edges=(*wires, *edges))


def found(document: FlowDocument, code: str) -> Problem | None:
    return next((problem for problem in check(document) if problem.code == code), None)


def repaired(document: FlowDocument, code: str) -> FlowDocument:
    """The document after the repair of its problem, as the page sends it; the problem must be gone."""
    problem = found(document, code)
    assert problem is not None, code
    assert problem.repair is not None, code
    after = apply_edit(document, parse_edit(problem.repair.model_dump(mode="json"))).document
    assert found(after, code) is None, problem.text
    return after


def test_a_graph_without_arrows_gets_them() -> None:
    after = repaired(flow(kind="graph"), "no_arrows")
    assert [(edge.source, edge.target) for edge in after.edges if edge.kind == "speaks"] == [("ann", "bob")]


@pytest.mark.parametrize(
    "config",
    [
        {"condition": "visits >", "how": "expression"},
        {"condition": "__import__('os')", "how": "expression"},
        {"condition": "(", "how": "regex"},
        {"condition": "(a+)+$", "how": "regex"},
        {"condition": "x" * 1_001},
        {"how": "somehow"},
    ],
)
def test_an_arrow_whose_condition_cannot_be_read_is_an_error(config: dict[str, Any]) -> None:
    document = flow(edges=(wire("speaks", "ann", "bob", **config),), kind="graph")
    problem = found(document, "arrow_condition")
    assert problem is not None
    assert problem.level == "error"
    repaired(document, "arrow_condition")


def test_an_arrow_whose_condition_can_be_read_is_none() -> None:
    for config in (
        {"condition": "visits > 3", "how": "expression"},
        {"condition": "yes"},
        {"how": "otherwise"},
        {"condition": "a|b", "how": "regex"},
    ):
        assert found(flow(edges=(wire("speaks", "ann", "bob", **config),), kind="graph"), "arrow_condition") is None


def test_a_condition_in_a_team_that_is_no_graph_counts_for_nothing() -> None:
    after = repaired(flow(edges=(wire("speaks", "ann", "bob", condition="yes"),)), "arrow_without_graph")
    assert after.nodes[0].config["selection"] == {"kind": "graph"}


def test_a_swarm_in_which_nobody_can_hand_over_is_told() -> None:
    after = repaired(flow(kind="swarm"), "silent_swarm")
    assert [each.config.get("handoffs") for each in after.nodes[1:3]] == [["bob"], ["ann"]]
    for said in ({"after_work": "stay"}, {"rules": {"n > 1": "bob"}}, {"after": {"ann": "bob"}}):
        assert found(flow(kind="swarm", **said), "silent_swarm") is None
    tool = node("t", "python_tool")
    assert found(flow(tool, edges=(wire("tool", "t", "ann"),), kind="swarm"), "silent_swarm") is None


def test_a_planner_needs_a_model_of_its_team_or_of_one_around_it() -> None:
    own = (wire("model", "m", "ann"), wire("model", "m", "bob"))
    alone = flow(node("m", "practice", None), edges=own, model=False, kind="planner")
    problem = found(alone, "missing_model")
    assert problem is not None
    assert "planned" in problem.text
    repaired(alone, "missing_model")
    inner = flow(node("in", "team", selection={"kind": "planner"}), node("eve", "assistant", "in"))
    assert found(inner, "missing_model") is None


@pytest.mark.parametrize("kind", ["society", "filter", "chat"])
def test_what_means_something_only_within_a_team_is_told_when_it_lies_alone(kind: str) -> None:
    document = FlowDocument(nodes=(node("us", kind, None), node("ann", "assistant", "us"), node("m", "practice", "us")))
    problem = found(document, "out_of_place")
    assert problem is not None
    assert problem.level == "hint"
    assert repaired(document, "out_of_place").nodes[0].kind == "team"
    assert found(flow(node("us", kind), node("eve", "assistant", "us")), "out_of_place") is None


def test_a_filter_stands_before_one_member() -> None:
    document = flow(node("f", "filter"), node("eve", "assistant", "f"), node("dan", "assistant", "f"))
    problem = found(document, "filter_of_many")
    assert problem is not None
    assert problem.level == "error"
    repaired(document, "filter_of_many")


def test_who_may_end_the_conversation_must_be_heard() -> None:
    document = flow(node("eve", "assistant", may_end=True))
    after = repaired(document, "end_unheard")
    assert "done" in {each.kind for each in after.nodes}


def test_a_rule_that_waits_for_somebody_who_is_done_needs_somebody_who_may_end() -> None:
    document = flow(node("d", "done"))
    assert repaired(document, "nobody_may_end").nodes[2].config == {"may_end": True}
    assert found(flow(node("d", "done"), node("eve", "assistant", may_end=True)), "nobody_may_end") is None


def test_functions_that_are_none_are_found_wherever_they_stand() -> None:
    broken = "this is no Python"
    for document in (
        flow(node("p", "python_agent", source=broken)),
        flow(node("r", "function_rule", source=broken)),
        flow(kind="function_choice", source=broken),
    ):
        assert found(document, "function_source") is not None
        repaired(document, "function_source")
    assert found(flow(node("p", "python_agent"), node("r", "function_rule"), kind="function_choice"), "function_source") is None


def test_an_agent_of_ones_own_class_is_told_what_its_class_lacks() -> None:
    answers = "class Own:\n    def reply(self, messages):\n        return 'x'\n"
    assert found(flow(node("p", "python_agent", source=answers)), "function_source") is None
    problem = found(flow(node("p", "python_agent", source=answers.replace("reply", "say"))), "function_source")
    assert problem is not None
    assert "no class with a method" in problem.text
    assert found(flow(node("r", "function_rule", source=answers)), "function_source") is not None


def test_the_function_that_summarises_a_chat_is_looked_at_where_it_is_used() -> None:
    document = flow(node("c", "chat", summarised="function", summary_source="return 1"))
    problem = found(document, "function_source")
    assert problem is not None
    assert problem.field == "summary_source"
    assert found(flow(node("c", "chat", summarised="last", summary_source="return 1")), "function_source") is None


def test_a_team_within_a_team_or_as_a_tool_needs_an_end() -> None:
    inner = flow(node("in", "team"), node("eve", "assistant", "in"), node("dan", "assistant", "in"))
    assert next(each for each in repaired(inner, "inner_team_without_end").nodes if each.id == "in").config == {"max_turns": 2}
    tool = flow(node("in", "team", None), node("eve", "assistant", "in"), edges=(wire("tool", "in", "ann"), wire("model", "m", "in")))
    repaired(tool, "inner_team_without_end")
    assert found(flow(node("in", "team", selection={"kind": "sequence"}), node("eve", "assistant", "in")), "inner_team_without_end") is None
    assert found(flow(node("in", "filter"), node("eve", "assistant", "in")), "inner_team_without_end") is None


def test_everybody_once_needs_as_many_turns_as_members() -> None:
    document = flow(node("few", "max_turns", max_turns=1), kind="sequence")
    problem = found(document, "cut_short")
    assert problem is not None
    assert "bob never speaks" in problem.text
    repaired(document, "cut_short")


def test_a_rule_that_counts_above_the_teams_own_limit_is_told() -> None:
    document = FlowDocument(nodes=(node("top", "team", None), node("ann", "assistant"), node("many", "max_messages", max_messages=300)))
    problem = found(document, "limit_first")
    assert problem is not None
    assert (problem.level, problem.field) == ("warning", "max_turns")
    assert problem.text == "top is to stop at 300 messages, but its own limit of turns (50) may come first."
    assert repaired(document, "limit_first").nodes[0].config == {"max_turns": 299}

    far = FlowDocument(nodes=(node("top", "team", None, max_turns=9), node("many", "max_messages", max_messages=90_000)))
    told = found(far, "limit_first")
    assert told is not None
    assert (told.level, told.repair) == ("hint", None)
    assert found(flow(node("many", "max_messages", max_messages=300)), "limit_first") is None


def test_ways_to_choose_and_filters_that_name_nobody_forget_the_name() -> None:
    for document in (
        flow(edges=(wire("speaks", "ann", "bob"),), kind="graph", start=["zoe", "ann"]),
        flow(kind="swarm", first="zoe", after_work="stay"),
        flow(kind="swarm", after={"ann": "zoe"}),
        flow(kind="swarm", rules={"n > 1": "zoe", "n > 2": "bob"}),
        flow(node("f", "filter", hears=[{"source": "zoe"}, {"source": "ann"}]), node("eve", "assistant", "f")),
    ):
        repaired(document, "names_nobody")
    words = flow(kind="swarm", after={"ann": "back", "bob": "end"})
    assert found(words, "names_nobody") is None, "a word of what comes after work is no name"


@pytest.mark.parametrize(
    ("selection", "arrows", "ends"),
    [
        ({"kind": "sequence"}, (), True),
        ({"kind": "planner"}, (), True),
        ({"kind": "swarm"}, (), True),
        ({"kind": "swarm", "after_work": "stay"}, (), False),
        ({"kind": "graph"}, (("ann", "bob", {}), ("bob", "ann", {"condition": "again"})), True),
        ({"kind": "graph"}, (("ann", "bob", {}), ("bob", "ann", {"condition": "again"}), ("bob", "bob", {"how": "otherwise"})), False),
    ],
)
def test_what_ends_by_itself_needs_no_stop_rule(selection: dict[str, Any], arrows: Any, ends: bool) -> None:
    document = flow(edges=tuple(wire("speaks", one, other, **config) for one, other, config in arrows), **selection)
    without = document.model_copy(update={"nodes": tuple(each for each in document.nodes if each.id != "turns")})
    codes = {problem.code for problem in check(without)} & {"no_stop", "cycle_without_way_out"}
    assert (not codes) is ends


def test_the_script_of_somebody_deep_within_is_for_somebody() -> None:
    deep = flow(node("us", "society"), node("eve", "assistant", "us"))
    nodes = tuple(
        each.model_copy(update={"config": {"script": {"eve": ["Yes."], "us": ["We agree."]}}}) if each.id == "m" else each
        for each in deep.nodes
    )
    assert found(deep.model_copy(update={"nodes": nodes}), "script_for_nobody") is None


def test_arranging_leaves_everybody_in_their_team_when_it_goes_through_json() -> None:
    document = flow(node("in", "team"), node("eve", "assistant", "in"))
    edit = parse_edit(arrange(document).model_dump(mode="json"))
    assert {each.id: each.parent for each in apply_edit(document, edit).document.nodes} == {each.id: each.parent for each in document.nodes}


def test_arrows_that_meet_within_a_loop_need_a_group_to_be_waited_for() -> None:
    arrows = (wire("speaks", "ann", "eve"), wire("speaks", "bob", "eve"), wire("speaks", "eve", "ann", condition="again"))
    loop = flow(node("eve", "assistant"), edges=(*arrows, wire("speaks", "ann", "bob")), kind="graph")
    after = repaired(loop, "join_in_loop")
    assert {edge.source for edge in after.edges if edge.config.get("group") == "eve"} == {"ann", "bob"}
    straight = flow(node("eve", "assistant"), edges=arrows[:2], kind="graph")
    assert found(straight, "join_in_loop") is None


@pytest.mark.parametrize(
    ("form", "field", "empty"),
    [("choice", "choices", []), ("choice", "choices", [" "]), ("form", "fields", None), ("form", "fields", {"type": "object"})],
)
def test_a_person_needs_something_to_answer_with(form: str, field: str, empty: Any) -> None:
    document = flow(node("boss", "human", form=form, **{field: empty}))
    problem = found(document, "nothing_to_answer_with")
    assert problem is not None
    assert (problem.nodes, problem.field) == (("boss",), field)
    assert next(each for each in repaired(document, "nothing_to_answer_with").nodes if each.id == "boss").config[field]


def test_a_person_who_is_never_asked_needs_no_choices() -> None:
    assert found(flow(node("boss", "human", form="choice", input_mode="never")), "nothing_to_answer_with") is None
    assert found(flow(node("boss", "human", form="approve")), "nothing_to_answer_with") is None


def test_the_answer_of_nobody_must_be_one_of_the_choices() -> None:
    document = flow(node("boss", "human", form="choice", choices=["red", "blue"], timeout=9, timeout_answer="green"))
    problem = found(document, "answer_in_time")
    assert problem is not None
    assert problem.field == "timeout_answer"
    assert next(each for each in repaired(document, "answer_in_time").nodes if each.id == "boss").config["timeout_answer"] == "red"


@pytest.mark.parametrize(
    "config",
    [
        {"form": "choice", "choices": ["red", "blue"], "timeout_answer": "2"},
        {"form": "choice", "choices": "no list", "timeout_answer": "x"},
        {"form": "choice", "choices": ["red"], "timeout_answer": ""},
        {"form": "text", "timeout_answer": "Go on."},
        {"form": "choice", "choices": ["red"], "timeout_answer": "green", "timeout": None},
    ],
)
def test_an_answer_of_nobody_that_fits_or_never_counts_is_no_problem(config: dict[str, Any]) -> None:
    assert found(flow(node("boss", "human", **({"timeout": 9} | config))), "answer_in_time") is None


GUARDS = [{"what": "secret"}, {"what": "Is it bad?", "how": "model"}]


def test_guards_of_a_team_that_speaks_in_no_other_one_look_at_nothing() -> None:
    whole = flow(node("inner", "team", guards=GUARDS), node("cy", "assistant", "inner"))
    assert found(whole, "guards_idle") is None
    nodes = tuple(each.model_copy(update={"config": {"guards": GUARDS}}) if each.id == "top" else each for each in whole.nodes)
    idle = whole.model_copy(update={"nodes": nodes})
    problem = found(idle, "guards_idle")
    assert problem is not None
    assert (problem.nodes, problem.field) == (("top",), "guards")
    assert not next(each for each in repaired(idle, "guards_idle").nodes if each.id == "top").config.get("guards")


def test_a_guard_that_asks_needs_a_model_to_ask() -> None:
    boss = node("boss", "human", guards=GUARDS)
    assert found(flow(boss), "guards_unasked") is None
    assert found(flow(node("boss", "human", guards=GUARDS[:1]), model=False), "guards_unasked") is None
    repaired(flow(boss, node("m", "practice", None), model=False), "guards_unasked")
    without = found(flow(boss, model=False), "guards_unasked")
    assert without is not None
    assert without.nodes == ("boss",)
