"""The rules: each finds its mistake, says it in words, and its repair takes it away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from flow_drawings import drawing, node, two_agents, wire

from studio.flow.checks import Problem, check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.edits import apply_edit, parse_edit
from studio.texts import catalogue


def found(document: FlowDocument, code: str) -> Problem:
    problems = [problem for problem in check(document) if problem.code == code]
    assert len(problems) == 1, [problem.code for problem in check(document)]
    return problems[0]


def codes(document: FlowDocument) -> list[str]:
    return [problem.code for problem in check(document)]


def repaired(document: FlowDocument, code: str) -> FlowDocument:
    repair = found(document, code).repair
    assert repair is not None
    after = apply_edit(document, parse_edit(repair.model_dump(mode="json"))).document
    assert code not in codes(after)
    return after


def with_nodes(document: FlowDocument, *items: Node | Edge) -> FlowDocument:
    more = drawing(*items)
    return document.model_copy(update={"nodes": document.nodes + more.nodes, "edges": document.edges + more.edges})


def without(document: FlowDocument, *ids: str) -> FlowDocument:
    return apply_edit(document, parse_edit({"type": "remove", "nodes": list(ids)})).document


def configured(document: FlowDocument, node_id: str, **values: Any) -> FlowDocument:
    nodes = tuple(item.model_copy(update={"config": item.config | values}) if item.id == node_id else item for item in document.nodes)
    return document.model_copy(update={"nodes": nodes})


def renamed(document: FlowDocument, node_id: str, name: str) -> FlowDocument:
    nodes = tuple(item.model_copy(update={"name": name}) if item.id == node_id else item for item in document.nodes)
    return document.model_copy(update={"nodes": nodes})


def test_nothing_is_wrong_with_a_drawing_that_is_complete() -> None:
    assert check(two_agents()) == ()


def test_a_drawing_without_anybody_says_where_to_begin() -> None:
    assert codes(FlowDocument()) == ["nobody"]
    assert "Drag an assistant" in found(FlowDocument(), "nobody").hint


def test_agents_without_a_team_are_wrapped_into_one() -> None:
    document = drawing(node("a", "assistant", x=100, y=50), node("b", "human", x=400, y=50), node("m", "openai", x=120, y=130))
    problem = found(document, "no_team")
    assert (problem.level, problem.nodes) == ("error", ("a", "b"))
    after = repaired(document, "no_team")
    team = after.nodes[-1]
    assert [item.id for item in after.members(team.id)] == ["a", "b"]
    inside = {item.id: item.position for item in after.members(team.id)}
    assert inside["b"].x - inside["a"].x == 300


def test_one_agent_alone_needs_no_team() -> None:
    assert codes(drawing(node("a", "assistant"), node("m", "openai"))) == []


def test_two_teams_are_one_too_many_and_the_empty_one_goes() -> None:
    document = with_nodes(two_agents(), node("t2", "team"))
    assert found(document, "two_teams").level == "error"
    assert repaired(document, "two_teams") == two_agents()
    both_full = with_nodes(document, node("c", "human", "c", "t2"))
    assert found(both_full, "two_teams").repair is None


def test_an_empty_team_gets_an_assistant_or_the_agents_that_lie_loose() -> None:
    assert [item.kind for item in repaired(drawing(node("t", "team")), "empty_team").nodes] == ["team", "assistant"]
    loose = drawing(node("t", "team"), node("a", "human", x=900), node("b", "human", x=990))
    assert [item.id for item in repaired(loose, "empty_team").members("t")] == ["a", "b"]


def test_an_agent_beside_a_team_is_taken_in() -> None:
    document = with_nodes(two_agents(), node("c", "assistant", x=2000))
    assert "takes no part" in found(document, "loose_agent").text
    assert repaired(document, "loose_agent").nodes[-1].parent == "t"


def test_agents_without_a_model_are_named_together_and_get_the_one_that_is_there() -> None:
    document = two_agents().model_copy(update={"edges": ()})
    problem = found(document, "missing_model")
    assert problem.nodes == ("a", "b")
    assert problem.text == "coder and critic have no model."
    after = repaired(document, "missing_model")
    assert [(edge.kind, edge.source, edge.target) for edge in after.edges] == [("model", "m", "t")]


def test_without_any_model_a_practice_model_is_added() -> None:
    after = repaired(without(two_agents(), "m"), "missing_model")
    assert (after.nodes[-1].kind, after.edges[-1].target) == ("practice", "t")


def test_a_model_of_its_own_or_one_inside_the_team_is_enough() -> None:
    bare = without(two_agents(), "m")
    assert "missing_model" not in codes(with_nodes(bare, node("m2", "openai", parent="t")))
    own = with_nodes(bare, node("m2", "openai"), wire("model", "m2", "a"), wire("model", "m2", "b"))
    assert "missing_model" not in codes(own)
    assert found(configured(own, "t", selection={"kind": "model_choice"}), "missing_model").nodes == ("t",)


def test_names_that_are_missing_doubled_or_impossible_are_repaired() -> None:
    nameless = two_agents().model_copy(
        update={"nodes": tuple(item.model_copy(update={"name": ""}) if item.id == "a" else item for item in two_agents().nodes)}
    )
    assert repaired(nameless, "name_missing").nodes[1].name == "assistant"
    twice = renamed(two_agents(), "b", "coder")
    assert found(twice, "name_twice").level == "error"
    assert [item.name for item in repaired(twice, "name_twice").members("t")][:2] == ["coder", "coder_2"]
    assert found(renamed(two_agents(), "b", "CODER"), "name_twice").level == "warning"
    assert repaired(renamed(two_agents(), "b", "the/critic!"), "bad_name").nodes[2].name == "the critic"
    assert found(renamed(two_agents(), "b", "!!!"), "bad_name").repair is None
    assert "what you are called" in found(renamed(two_agents(), "b", "You"), "name_reserved").text


def test_a_field_that_does_not_fit_goes_back_to_its_default() -> None:
    document = configured(two_agents(), "a", max_tool_rounds=0)
    problem = found(document, "bad_field")
    assert (problem.field, problem.nodes) == ("max_tool_rounds", ("a",))
    assert problem.text == "coder: Tool rounds: Must be at least 1."
    assert repaired(document, "bad_field").nodes[1].config == two_agents().nodes[1].config


def test_a_tool_whose_source_is_no_function_names_the_line() -> None:
    document = with_nodes(two_agents(), node("p", "python_tool", source="def f(:\n"), wire("tool", "p", "a"))
    assert "line 1" in found(document, "tool_source").text
    assert found(document, "tool_source").field == "source"
    undocumented = with_nodes(
        two_agents(), node("p", "python_tool", source="def f(x: str) -> str:\n    return x\n"), wire("tool", "p", "a")
    )
    assert found(undocumented, "tool_source").level == "hint"


def test_checking_a_tool_runs_nothing_of_it(tmp_path: Any) -> None:
    trap = tmp_path / "ran"
    source = f"open({str(trap)!r}, 'w')\ndef f(x: str = open({str(trap)!r}, 'w')) -> str:\n    'Say.'\n    return x\n"
    check(with_nodes(two_agents(), node("p", "python_tool", source=source), wire("tool", "p", "a")))
    assert not trap.exists()


def test_two_tools_of_one_name_cannot_be_told_apart() -> None:
    document = with_nodes(two_agents(), node("p", "python_tool"), node("q", "python_tool"), wire("tool", "p", "a"), wire("tool", "q", "a"))
    assert found(document, "tool_twice").nodes == ("a", "p", "q")


def test_an_unknown_kind_stops_a_run_only_where_it_takes_part() -> None:
    assert found(with_nodes(two_agents(), node("x", "martian")), "unknown_kind").level == "warning"
    assert found(with_nodes(two_agents(), node("x", "martian", parent="t")), "unknown_kind").level == "error"


def test_wires_that_lead_nowhere_or_do_not_fit_are_removed() -> None:
    dangling = with_nodes(two_agents(), wire("model", "m", "gone"))
    assert found(dangling, "dangling_wire").nodes == ("m",)
    assert repaired(dangling, "dangling_wire") == two_agents()
    misfit = with_nodes(two_agents(), wire("tool", "m", "a"))
    assert "is no tool" in found(misfit, "misfit_wire").text
    assert repaired(misfit, "misfit_wire") == two_agents()


def test_a_member_of_what_is_no_team_is_taken_out() -> None:
    document = with_nodes(two_agents(), node("n", "note", parent="a"))
    assert repaired(document, "lost_member").nodes[-1].parent is None


def test_a_team_that_nothing_ends_gets_a_word_and_a_number_of_turns() -> None:
    document = without(two_agents(), "s")
    problem = found(document, "no_stop")
    assert (problem.level, problem.nodes) == ("warning", ("t",))
    assert "50 turns" in problem.text
    after = repaired(document, "no_stop")
    assert [item.kind for item in after.nodes[-2:]] == ["text_mention", "max_turns"]
    assert "stop_word_unsaid" in codes(after)
    assert check(repaired(after, "stop_word_unsaid")) == ()


def test_a_limit_that_is_no_number_is_told_as_that_and_not_as_an_end() -> None:
    document = without(two_agents(), "s")
    team = document.nodes[0].model_copy(update={"config": {"max_turns": "many"}})
    wrong = document.model_copy(update={"nodes": (team, *document.nodes[1:])})
    assert "no_stop" not in codes(wrong)
    assert "no_stop" in codes(repaired(wrong, "bad_field"))


def test_a_person_in_the_team_can_end_it() -> None:
    assert found(with_nodes(without(two_agents(), "s"), node("h", "human", "me", "t")), "no_stop").level == "hint"


def test_arrows_that_come_to_an_end_need_no_stop_rule() -> None:
    chain = with_nodes(without(two_agents(), "s"), wire("speaks", "a", "b"))
    assert codes(chain) == []


def test_a_circle_of_arrows_without_a_way_out_is_found_unless_a_rule_ends_it() -> None:
    circle = with_nodes(two_agents(), wire("speaks", "a", "b"), wire("speaks", "b", "a"))
    assert codes(circle) == []
    endless = without(circle, "s")
    assert found(endless, "cycle_without_way_out").nodes == ("a", "b", "t")
    assert "no_stop" not in codes(endless)
    repaired(endless, "cycle_without_way_out")
    with_exit = with_nodes(endless, node("c", "assistant", "closer", "t"), wire("speaks", "b", "c"))
    assert "cycle_without_way_out" not in codes(with_exit)


def test_an_agent_to_whom_no_arrow_leads_never_speaks() -> None:
    document = with_nodes(two_agents(), node("c", "assistant", "poet", "t"), wire("speaks", "a", "b"))
    problem = found(document, "unreachable_agent")
    assert problem.nodes == ("c",)
    repaired(document, "unreachable_agent")
    chosen = configured(document, "t", selection={"kind": "model_choice"})
    assert "unreachable_agent" not in codes(chosen)
    handed = configured(document, "b", handoffs=["poet"])
    assert "unreachable_agent" not in codes(handed)


def test_a_team_that_follows_arrows_needs_some() -> None:
    document = configured(two_agents(), "t", selection={"kind": "follow_edges"})
    after = repaired(document, "no_arrows")
    assert [(edge.source, edge.target) for edge in after.edges if edge.kind == "speaks"] == [("a", "b")]


def test_a_name_that_nobody_has_is_found_in_every_field_that_names_somebody() -> None:
    sources = configured(two_agents(), "s", sources=["coder", "ghost"])
    assert "ghost" in found(sources, "names_nobody").text
    assert repaired(sources, "names_nobody").nodes[-1].config["sources"] == ["coder"]
    handoff = configured(two_agents(), "a", handoffs=["user"])
    after = repaired(handoff, "handoff_to_nobody")
    assert (after.nodes[-1].kind, after.nodes[-1].config) == ("hand_off", {"target": "user"})
    assert "ghost" in found(configured(two_agents(), "a", handoff_if={"ghost": "n > 1"}), "handoff_to_nobody").text
    waits = with_nodes(without(two_agents(), "b"), node("h", "hand_off", parent="t", target="user"))
    assert repaired(waits, "nobody_hands_over").nodes[1].config["handoffs"] == ["user"]
    script = with_nodes(
        without(two_agents(), "m"), node("m", "practice", parent="t", script={"ghost": ["boo"], "coder": ["hi"], "desk": ["coder"]})
    )
    assert found(script, "script_for_nobody").text.count("ghost") == 1
    made_up = with_nodes(script, node("x", "expert_team", "experts"))
    made_up = made_up.model_copy(update={"edges": (*made_up.edges, Edge(id="e_x", kind="tool", source="x", target="a"))})
    assert "script_for_nobody" not in codes(made_up), "who will be in a team that is made up nobody knows"


def test_code_without_a_sandbox_is_a_warning_and_docker_the_repair() -> None:
    local = with_nodes(two_agents(), node("r", "code_runner", "runner", "t", executor={"kind": "local"}))
    assert found(local, "unsafe_code").level == "warning"
    assert repaired(local, "unsafe_code").nodes[-1].config == {"executor": {"kind": "docker"}}
    assert found(with_nodes(two_agents(), node("r", "code_runner", "runner", "t")), "unsafe_code").level == "hint"
    kernel = with_nodes(two_agents(), node("r", "code_runner", "runner", "t", executor={"kind": "jupyter", "place": "local"}))
    assert found(kernel, "unsafe_code").level == "warning"
    assert repaired(kernel, "unsafe_code").nodes[-1].config == {"executor": {"kind": "jupyter", "place": "docker"}}
    assert "unsafe_code" not in codes(with_nodes(two_agents(), node("r", "code_runner", "runner", "t", executor={"kind": "jupyter"})))
    unused_tool = with_nodes(two_agents(), node("p", "python_tool", executor={"kind": "local"}))
    assert "unsafe_code" not in codes(unused_tool)


def test_what_may_reach_the_network_is_said_before_it_runs() -> None:
    reaching = with_nodes(two_agents(), node("r", "code_runner", "runner", "t", executor={"kind": "docker", "network": True}))
    assert (found(reaching, "unsafe_code").level, found(reaching, "unsafe_code").field) == ("warning", "executor.network")
    assert repaired(reaching, "unsafe_code").nodes[-1].config == {"executor": {"kind": "docker", "network": False}}
    built = with_nodes(two_agents(), node("r", "code_runner", "runner", "t", executor={"kind": "docker", "dockerfile": "FROM x"}))
    assert (found(built, "unsafe_code").level, found(built, "unsafe_code").field) == ("hint", "executor.dockerfile")
    for executor in ({"kind": "docker", "dockerfile": " \n"}, {"kind": "docker", "network": "yes"}):
        assert "unsafe_code" not in codes(with_nodes(two_agents(), node("r", "code_runner", "runner", "t", executor=executor)))


def test_a_runner_needs_somebody_who_writes_code() -> None:
    document = drawing(node("t", "team"), node("r", "code_runner", "runner", "t"), node("h", "human", "me", "t", input_mode="never"))
    assert found(document, "code_nobody_writes").nodes == ("r",)
    assert "code_nobody_writes" not in codes(with_nodes(two_agents(), node("r", "code_runner", "runner", "t")))
    assert "missing_model" not in codes(document)
    writes_itself = with_nodes(document, node("m", "openai"), wire("model", "m", "r"))
    assert "code_nobody_writes" not in codes(writes_itself)


def test_an_agent_in_python_runs_its_own_code_and_may_write_some() -> None:
    desk = node("t", "team", "desk")
    assert "code_nobody_writes" not in codes(drawing(desk, node("p", "python_agent", "py", "t")))
    assert "code_nobody_writes" not in codes(drawing(desk, node("p", "python_agent", "py", "t"), node("r", "code_runner", "runner", "t")))


def test_people_alone_are_no_conversation_with_models() -> None:
    assert found(drawing(node("t", "team"), node("h", "human", "me", "t")), "only_humans").nodes == ("t",)


def test_nobody_needs_to_choose_one_out_of_one() -> None:
    document = configured(without(two_agents(), "b"), "t", selection={"kind": "model_choice"})
    assert repaired(document, "choice_of_one").nodes[0].config == {}


def test_a_word_that_a_script_or_a_person_can_say_is_said() -> None:
    assert found(configured(two_agents(), "s", text="ENOUGH"), "stop_word_unsaid").level == "hint"
    script = with_nodes(without(two_agents(), "m"), node("m", "practice", parent="t", script={"coder": ["ENOUGH"]}))
    assert "stop_word_unsaid" not in codes(configured(script, "s", text="ENOUGH"))
    person = with_nodes(two_agents(), node("h", "human", "me", "t"))
    assert "stop_word_unsaid" not in codes(configured(person, "s", text="ENOUGH"))


@pytest.mark.parametrize(("kind", "code"), [("max_turns", "unused_condition"), ("openai", "unused_model")])
def test_what_nobody_uses_is_a_hint(kind: str, code: str) -> None:
    document = with_nodes(two_agents(), node("x", kind))
    assert found(document, code).level == "hint"
    repaired(document, code)


def test_a_tool_that_nobody_uses_goes_to_the_only_assistant() -> None:
    document = with_nodes(two_agents(), node("p", "python_tool"))
    assert found(document, "unused_tool").repair is None
    assert repaired(without(document, "b"), "unused_tool").edges[-1].target == "a"


def test_a_combination_needs_rules_and_no_circle() -> None:
    assert found(with_nodes(two_agents(), node("x", "any_of", parent="t")), "empty_combination").level == "error"
    circle = with_nodes(two_agents(), node("x", "any_of"), node("y", "all_of"), wire("stop", "x", "y"), wire("stop", "y", "x"))
    repaired(circle, "stop_loop")


def test_the_practice_model_says_that_it_is_one() -> None:
    document = with_nodes(without(two_agents(), "m"), node("m", "practice", "pretend"), wire("model", "m", "t"))
    assert found(document, "practice_model").text == "pretend only plays scripted replies."


def test_errors_come_first() -> None:
    document = with_nodes(without(two_agents(), "m", "s"), node("p", "python_tool"))
    order = {"error": 0, "warning": 1, "hint": 2}
    levels = [order[problem.level] for problem in check(document)]
    assert levels == sorted(levels)
    assert len(set(levels)) == 3


def test_every_text_of_a_rule_has_its_hint() -> None:
    keys: Iterable[str] = [key for key in catalogue() if key.startswith("check.") and key.endswith(".text")]
    assert all(key.removesuffix("text") + "hint" in catalogue() for key in keys)


def crossed_out(*pairs: tuple[str, str], **team: Any) -> FlowDocument:
    flow = two_agents(transitions_type="disallowed", **team)
    return drawing(*flow.nodes, *flow.edges, *(wire("speaks", before, after) for before, after in pairs))


@pytest.mark.parametrize("kind", ["graph", "swarm", "follow_edges", "planner", "sequence"])
def test_crossed_out_arrows_are_refused_where_something_else_settles_who_speaks(kind: str) -> None:
    document = crossed_out(("a", "b"), selection={"kind": kind})
    problem = next(each for each in check(document) if each.code == "arrows_exclude")
    assert (problem.level, problem.nodes, problem.field) == ("error", ("t",), "transitions_type")
    assert problem.repair is not None
    repaired = apply_edit(document, problem.repair).document
    assert "arrows_exclude" not in {each.code for each in check(repaired)}


@pytest.mark.parametrize("kind", ["model_choice", "random_choice", "manual", "function_choice", "round_robin"])
def test_crossed_out_arrows_suit_every_choice_among_some(kind: str) -> None:
    assert "arrows_exclude" not in {each.code for each in check(crossed_out(("a", "b"), selection={"kind": kind}))}


def test_with_crossed_out_arrows_everybody_else_is_reached() -> None:
    codes = {each.code for each in check(crossed_out(("a", "b"), selection={"kind": "random_choice"}))}
    assert not codes & {"unreachable_agent", "cycle_without_way_out", "no_stop"}


def test_in_a_round_who_may_follow_nobody_is_never_reached() -> None:
    document = crossed_out(("a", "b"), ("b", "b"))
    problem = next(each for each in check(document) if each.code == "unreachable_agent")
    assert problem.nodes == ("b",)
    assert problem.repair is not None
    repaired = apply_edit(document, problem.repair).document
    assert "unreachable_agent" not in {each.code for each in check(repaired)}


def test_crossed_out_arrows_that_leave_one_way_to_an_end_need_no_stop_rule() -> None:
    flow = crossed_out(("a", "a"), ("b", "a"), ("b", "b"), selection={"kind": "random_choice"})
    assert "no_stop" not in {each.code for each in check(drawing(*(node for node in flow.nodes if node.id != "s"), *flow.edges))}
    open_end = crossed_out(("a", "b"), selection={"kind": "random_choice"})
    codes = {each.code for each in check(drawing(*(node for node in open_end.nodes if node.id != "s"), *open_end.edges))}
    assert "no_stop" in codes
    assert "cycle_without_way_out" not in codes


def test_a_guard_that_hands_over_to_nobody_is_told() -> None:
    rows = [{"what": "refund", "hand_to": "boss"}, {"what": "rude", "hand_to": "critic"}]
    document = drawing(
        *(node.model_copy(update={"config": {**node.config, "guards": rows}}) if node.id == "a" else node for node in two_agents().nodes),
        *two_agents().edges,
    )
    problem = next(each for each in check(document) if each.code == "names_nobody")
    assert (problem.nodes, problem.field) == (("a",), "guards")
    assert "boss" in problem.text
    assert problem.repair is not None
    repaired = apply_edit(document, problem.repair).document
    assert "names_nobody" not in {each.code for each in check(repaired)}


def test_a_guards_pattern_that_is_none_is_said_at_its_field() -> None:
    document = drawing(
        *(
            node.model_copy(update={"config": {**node.config, "guards": [{"what": "("}]}}) if node.id == "a" else node
            for node in two_agents().nodes
        ),
        *two_agents().edges,
    )
    problem = next(each for each in check(document) if each.level == "error")
    assert problem.nodes == ("a",)
    assert problem.field is not None
    assert problem.field.startswith("guards")


def test_whoever_lies_in_a_tool_of_a_broken_file_can_be_given_it() -> None:
    lost = FlowDocument(nodes=(Node(id="n_a", kind="assistant", name="ann", parent="n_t"), Node(id="n_t", kind="python_tool")))
    (unused,) = (each for each in check(lost) if each.code == "unused_tool")
    assert unused.repair is not None
    repaired = apply_edit(lost, parse_edit(unused.repair.model_dump(mode="json"))).document
    assert "unused_tool" not in {each.code for each in check(repaired)}
