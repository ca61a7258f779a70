"""What a person changes in an exported program changes just that on the canvas."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument, Node, Position
from studio.flow.findings import Imported
from studio.flow.resolve import resolve
from studio.flow.sizes import box_of
from studio.flow.wires import Drawing
from studio.formats.convene_python.file import to_file
from studio.formats.convene_python.read import from_python
from studio.formats.convene_python.write import to_python
from studio.library.templates import template

Way = Callable[[FlowDocument, Callable[[str], str]], Imported]


def flow_of(name: str) -> FlowDocument:
    found = template(name)
    assert found is not None
    return found.document


def in_the_pane(flow: FlowDocument, change: Callable[[str], str]) -> Imported:
    return from_python(change(to_python(flow).text), flow)


def in_the_file(flow: FlowDocument, change: Callable[[str], str]) -> Imported:
    return from_python(change(to_file(flow)))


WAYS = pytest.mark.parametrize("way", [in_the_pane, in_the_file])


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(code: str) -> str:
        assert old in code, code
        return code.replace(old, new, 1)

    return change


def chained(*changes: Callable[[str], str]) -> Callable[[str], str]:
    def change(code: str) -> str:
        for each in changes:
            code = each(code)
        return code

    return change


def changed(before: FlowDocument, after: FlowDocument) -> set[str]:
    """The ids of all nodes and wires that differ."""
    was = {each.id: each for each in (*before.nodes, *before.edges)}
    now = {each.id: each for each in (*after.nodes, *after.edges)}
    return {key for key in was.keys() | now.keys() if was.get(key) != now.get(key)}


def node(flow: FlowDocument, name: str) -> Node:
    return next(each for each in flow.nodes if each.name == name)


@WAYS
def test_a_changed_prompt_changes_one_field_of_one_node(way: Way) -> None:
    flow = flow_of("engineering-team")
    read = way(flow, replaced("at most five", "at most three"))
    assert changed(flow, read.document) == {"n_planner"}
    assert "at most three numbered steps" in node(read.document, "planner").config["system_message"]
    assert read.report.findings == ()


@WAYS
def test_a_prompt_may_be_put_together_from_what_a_person_named(way: Way) -> None:
    flow = flow_of("engineering-team")
    change = chained(
        replaced("practice = PracticeModel(", 'STEPS = 3\nHOUSE = "the house"\n\npractice = PracticeModel('),
        replaced('description="breaks the task into steps"', 'description=f"breaks the task into {STEPS} steps for " + HOUSE'),
    )
    read = way(flow, change)
    assert changed(flow, read.document) == {"n_planner"}
    assert node(read.document, "planner").config["description"] == "breaks the task into 3 steps for the house"


@WAYS
def test_another_number_in_a_stop_rule_stays_in_its_node(way: Way) -> None:
    flow = flow_of("research-with-tools")
    read = way(flow, replaced("MaxTurns(max_turns=9)", "MaxTurns(max_turns=12)"))
    [rule] = changed(flow, read.document)
    assert flow.node(rule).kind == "max_turns"  # type: ignore[union-attr]
    assert read.document.node(rule).config == {"max_turns": 12}  # type: ignore[union-attr]


@WAYS
def test_another_name_is_the_same_agent(way: Way) -> None:
    flow = flow_of("research-with-tools")
    read = way(flow, replaced('name="writer"', 'name="author"'))
    # What the practice model says for somebody stands under a name.
    assert changed(flow, read.document) == {"n_writer", "n_practice"}
    assert read.document.node("n_writer").name == "author"  # type: ignore[union-attr]


@WAYS
def test_what_named_an_agent_follows_when_the_file_renames_it(way: Way) -> None:
    flow = flow_of("research-with-tools")
    read = way(flow, replaced('name="checker"', 'name="examiner"'))
    (rule,) = [node for node in read.document.nodes if node.kind == "text_mention"]
    assert rule.config["sources"] == ["examiner"]
    told = {(each.text, each.nodes) for each in read.report.findings if each.code == "program_followed"}
    assert told == {("“checker” is called “examiner” now; what named it here follows.", (rule.id, "n_practice"))}
    assert not [each for each in read.report.findings if each.code == "program_differs"]
    assert not [each for each in check(read.document) if each.level == "error"]


@WAYS
def test_arrows_follow_when_the_file_renames_an_agent(way: Way) -> None:
    flow = flow_of("press-release")
    first = next(edge for edge in flow.edges if edge.kind == "speaks")
    was = flow.node(first.source).name  # type: ignore[union-attr]
    read = way(flow, replaced(f'name="{was}"', 'name="herald"'))
    assert {edge.id for edge in read.document.edges} == {edge.id for edge in flow.edges}
    assert changed(flow, read.document) == {first.source, "n_practice"}


@WAYS
def test_nothing_follows_while_somebody_else_bears_the_old_name(way: Way) -> None:
    flow = flow_of("research-with-tools")
    swapped = chained(replaced('name="checker"', 'name="x-x"'), replaced('name="writer"', 'name="checker"'))
    read = way(flow, chained(swapped, replaced('name="x-x"', 'name="writer"')))
    assert not [each for each in read.report.findings if each.code == "program_followed"]


@WAYS
def test_another_name_everywhere_is_the_same_agent(way: Way) -> None:
    flow = flow_of("research-with-tools")
    read = way(
        flow, lambda code: code.replace("checker", "examiner") if "# convene" not in code else _above_the_line(code, "checker", "examiner")
    )
    after = read.document
    assert after.node("n_checker").name == "examiner"  # type: ignore[union-attr]
    assert after.node("n_checker").position == flow.node("n_checker").position  # type: ignore[union-attr]
    assert {edge.id for edge in after.edges} == {edge.id for edge in flow.edges}


def _above_the_line(code: str, old: str, new: str) -> str:
    head, mark, line = code.partition("# convene: ")
    return head.replace(old, new) + mark + line


NEW_AGENT = """
editor = Assistant(
    name="editor",
    system_message="You shorten texts.",
)

team = Team("""


@WAYS
def test_a_new_agent_stands_in_its_team_beside_the_others(way: Way) -> None:
    flow = flow_of("research-with-tools")
    change = chained(
        replaced("\nteam = Team(", NEW_AGENT), replaced("[researcher, writer, checker]", "[researcher, writer, editor, checker]")
    )
    read = way(flow, change)
    after = read.document
    editor = node(after, "editor")
    assert (editor.kind, editor.parent, editor.config) == ("assistant", "n_team", {"system_message": "You shorten texts."})
    assert changed(flow, after) <= {editor.id, "n_team"}
    assert [member.name for member in resolve(after).participants] == ["researcher", "writer", "editor", "checker"]
    for other in after.nodes:
        if other.id not in (editor.id, "n_team"):
            assert other.position == flow.node(other.id).position  # type: ignore[union-attr]
    assert to_python(after).text.count("editor = Assistant(") == 1
    assert read.report.findings == ()


@WAYS
def test_an_agent_that_is_deleted_is_gone_with_its_wires(way: Way) -> None:
    flow = flow_of("research-with-tools")

    def change(code: str) -> str:
        begin, end = code.index("writer = Assistant("), code.index("checker = Assistant(")
        return code[:begin] + code[end:].replace("[researcher, writer, checker]", "[researcher, checker]")

    read = way(flow, change)
    assert read.document.node("n_writer") is None
    assert changed(flow, read.document) == {"n_writer"}


@WAYS
def test_members_in_another_order_speak_in_that_order(way: Way) -> None:
    flow = flow_of("research-with-tools")
    read = way(flow, replaced("[researcher, writer, checker]", "[checker, researcher, writer]"))
    assert changed(flow, read.document) == set()
    assert [member.name for member in resolve(read.document).participants] == ["checker", "researcher", "writer"]


NEW_TOOL = '''
SPEEDS = {"Moon": 1.02}


def speed_of(title: str) -> float:
    """Say how fast it goes round, in km/s."""
    return SPEEDS[title]


researcher = Assistant('''


@WAYS
def test_a_new_function_is_a_new_tool(way: Way) -> None:
    flow = flow_of("research-with-tools")
    change = chained(
        replaced("\nresearcher = Assistant(", NEW_TOOL),
        replaced("tools=[search_notes, read_note, weight_on]", "tools=[search_notes, read_note, weight_on, speed_of]"),
    )
    read = way(flow, change)
    new = next(each for each in read.document.nodes if each.id not in {old.id for old in flow.nodes})
    assert (new.kind, new.name) == ("python_tool", "speed_of")
    assert new.config["source"].startswith('SPEEDS = {"Moon": 1.02}\n\n\ndef speed_of(title: str) -> float:')
    [wire] = [edge for edge in read.document.edges if edge.source == new.id]
    assert (wire.kind, wire.target) == ("tool", "n_researcher")
    assert changed(flow, read.document) == {new.id, wire.id}
    assert read.report.findings == ()


@WAYS
def test_a_changed_function_is_the_same_tool(way: Way) -> None:
    flow = flow_of("research-with-tools")
    read = way(flow, replaced("There is no note called {title}.", "Nobody wrote of {title}."))
    assert changed(flow, read.document) == {"n_read"}
    assert "Nobody wrote of {title}." in read.document.node("n_read").config["source"]  # type: ignore[union-attr]


@WAYS
def test_a_tool_taken_from_one_agent_stays_with_the_other(way: Way) -> None:
    flow = flow_of("research-with-tools")
    read = way(flow, replaced("    tools=[read_note],\n", ""))
    [wire] = changed(flow, read.document)
    assert [(edge.source, edge.target) for edge in flow.edges if edge.id == wire] == [("n_read", "n_checker")]


@WAYS
def test_rules_that_must_all_be_met_are_drawn_as_one(way: Way) -> None:
    flow = flow_of("research-with-tools")
    read = way(flow, replaced("| MaxTurns(max_turns=9)", "& MaxTurns(max_turns=9)"))
    both = next(each for each in read.document.nodes if each.kind == "all_of")
    into = {edge.source for edge in read.document.edges if edge.target == both.id}
    assert {flow.node(rule).kind for rule in into} == {"text_mention", "max_turns"}  # type: ignore[union-attr]
    assert read.report.findings == ()


@WAYS
def test_another_kind_of_model_is_the_same_node(way: Way) -> None:
    flow = flow_of("research-with-tools")

    def change(code: str) -> str:
        begin, end = code.index("practice = PracticeModel("), code.index("NOTES = {")
        code = code[:begin] + 'practice = OpenAIModel(model="gpt-5-mini")\n\n' + code[end:]
        return code.replace("    PracticeModel,\n", "    OpenAIModel,\n")

    read = way(flow, change)
    model = read.document.node("n_practice")
    assert changed(flow, read.document) == {"n_practice"}
    assert model is not None
    assert (model.kind, model.config) == ("openai", {"model": "gpt-5-mini"})


@WAYS
def test_a_variable_with_another_name_is_another_name_of_its_model(way: Way) -> None:
    flow = flow_of("research-with-tools")
    read = way(flow, chained(replaced("\npractice = ", "\nfast_one = "), replaced("model=practice", "model=fast_one")))
    assert changed(flow, read.document) == {"n_practice"}
    assert read.document.node("n_practice").name == "fast one"  # type: ignore[union-attr]


@WAYS
def test_a_loop_may_make_the_agents(way: Way) -> None:
    flow = flow_of("brainstorm")
    names = [agent.name for agent in resolve(flow).participants]

    def change(code: str) -> str:
        begin = code.index("\nteam = Team(")
        loop = f'\nextra = [Assistant(name=f"voice_{{at}}") for at in range(2)]\n{code[begin:]}'
        return code[:begin] + loop.replace("participants=[", "participants=[*extra, ", 1)

    read = way(flow, change)
    assert {agent.name for agent in resolve(read.document).participants} == {*names, "voice_0", "voice_1"}


@WAYS
def test_arrows_come_and_go_with_the_transitions(way: Way) -> None:
    flow = flow_of("engineering-team")
    read = way(flow, replaced('"planner": ["coder"]', '"planner": ["coder", "reviewer"]'))
    [arrow] = changed(flow, read.document)
    assert [(edge.kind, edge.source, edge.target) for edge in read.document.edges if edge.id == arrow] == [
        ("speaks", "n_planner", "n_reviewer")
    ]


@WAYS
def test_the_title_and_the_text_below_it_are_the_name_and_the_description(way: Way) -> None:
    flow = flow_of("research-with-tools")
    read = way(flow, replaced('"""Research with tools.\n', '"""Look things up.\n'))
    assert read.document == flow.model_copy(update={"name": "Look things up"})


def test_reading_twice_gives_the_same_ids() -> None:
    code = to_python(flow_of("engineering-team")).text
    assert from_python(code).document == from_python(code).document


def test_a_stale_line_gives_what_still_fits() -> None:
    flow = flow_of("research-with-tools")
    head, mark, _ = to_file(flow).partition("# convene: ")
    other = to_file(flow_of("debate")).partition("# convene: ")[2]
    read = from_python(head + mark + other)
    assert to_python(read.document).text == to_python(flow).text
    assert {each.name for each in read.document.nodes if each.kind == "note"}


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"v":1}', '{"v":99}', '{"v":1,"nodes":[1],"edges":[]}', "[" * 5_000, '{"v":1,"nodes":[{"id":"a b"}]}']
)
def test_a_line_that_cannot_be_read_is_told_and_the_code_counts(line: str) -> None:
    flow = flow_of("research-with-tools")
    read = from_python(f"{to_python(flow).text}\n# convene: {line}\n")
    assert [finding.code for finding in read.report.findings] == ["program_line"]
    assert to_python(read.document).text == to_python(flow).text


def alone(*others: Node, edges: tuple[Edge, ...] = ()) -> FlowDocument:
    ann = Node(id="n_a", kind="assistant", name="ann", position=Position(x=40, y=80))
    return FlowDocument(name="Alone", nodes=(ann, *others), edges=edges)


LONELY = (
    alone(),
    alone(Node(id="n_m", kind="openai", config={"model": "m"})),
    alone(Node(id="n_m", kind="openai"), edges=(Edge(id="e_m", kind="model", source="n_m", target="n_a"),)),
    alone(Node(id="n_s", kind="max_turns"), Node(id="n_d", kind="text_mention", name="end", config={"text": "DONE"})),
    alone(Node(id="n_note", kind="note", config={"text": "Hello"}), Node(id="n_x", kind="stranger", name="?", config={"a": [1]})),
)


@WAYS
@pytest.mark.parametrize("flow", LONELY)
def test_an_agent_without_a_team_stays_without_one(way: Way, flow: FlowDocument) -> None:
    assert way(flow, lambda code: code).document == flow


@WAYS
@pytest.mark.parametrize("flow", LONELY)
def test_an_agent_that_gets_company_gets_a_team(way: Way, flow: FlowDocument) -> None:
    change = chained(
        replaced("\nteam = Team(", '\nbob = Assistant(name="bob")\n\nteam = Team('),
        replaced("participants=[ann]", "participants=[ann, bob]"),
    )
    after = way(flow, change).document
    assert [agent.name for agent in resolve(after).participants] == ["ann", "bob"]
    team = next(each for each in after.nodes if each.kind == "team")
    assert {each.name for each in after.members(team.id)} >= {"ann", "bob"}
    assert after.node("n_a") is not None


@WAYS
def test_what_lies_unused_on_the_canvas_stays_there(way: Way) -> None:
    flow = flow_of("research-with-tools")
    spare = Node(id="n_spare", kind="openai", name="spare", config={"model": "gpt-5"}, position=Position(x=900, y=900))
    flow = flow.model_copy(update={"nodes": (*flow.nodes, spare)})
    assert way(flow, lambda code: code).document == flow
    assert spare in way(flow, replaced("MaxTurns(max_turns=9)", "MaxTurns(max_turns=4)")).document.nodes


@WAYS
def test_a_team_that_becomes_a_tool_keeps_its_node(way: Way) -> None:
    flow = flow_of("experts-on-call")
    read = way(flow, replaced("max_turns=2,", "max_turns=3,"))
    assert changed(flow, read.document) == {node(flow, "experts").id}
    gone = way(flow, replaced("tools=[TeamTool(team=experts), convert]", "tools=[convert]"))
    assert {each.name for each in flow.nodes} - {each.name for each in gone.document.nodes} == {"experts", "tax_expert", "insurance_expert"}


@WAYS
def test_how_an_agent_is_called_stands_on_its_wire(way: Way) -> None:
    flow = flow_of("editor-with-specialists")
    read = way(flow, replaced("fact_checker, remembers=False", "fact_checker, heard='all'"))
    assert changed(flow, read.document) == {"e_tool_checker_editor"}
    assert read.document.edges[-1].config == {"heard": "all"}
    assert read.report.findings == ()
    plain = way(flow, replaced("AgentTool(agent=fact_checker, remembers=False)", "fact_checker"))
    assert plain.document.edges[-1].config == {}
    gone = way(flow, replaced("AgentTool(agent=researcher), ", ""))
    assert {each.name for each in flow.nodes} - {each.name for each in gone.document.nodes} == {"researcher"}


@WAYS
def test_an_agent_that_is_given_to_another_one_becomes_its_tool(way: Way) -> None:
    flow = flow_of("editor-with-specialists")
    change = chained(
        replaced("editor = Assistant(", 'archivist = Assistant(name="archivist", description="Knows old issues.")\n\neditor = Assistant('),
        replaced("AgentTool(agent=researcher)", "AgentTool(agent=archivist, remembers=False), AgentTool(agent=researcher)"),
    )
    document = way(flow, change).document
    added = node(document, "archivist")
    assert added.parent is None
    (wire,) = (each for each in document.edges if each.source == added.id)
    assert (wire.kind, wire.target, wire.config) == ("tool", node(flow, "editor").id, {"remembers": False})
    assert {problem.code for problem in check(document) if problem.level != "hint"} == set()


@WAYS
def test_arrows_are_crossed_out_in_the_code_too(way: Way) -> None:
    nodes = tuple(
        each.model_copy(update={"config": {**each.config, "selection": {"kind": "manual"}}}) if each.kind == "team" else each
        for each in flow_of("writing-room").nodes
    )
    flow = flow_of("writing-room").model_copy(update={"nodes": nodes})
    read = way(flow, replaced('    transitions={"planner"', '    transitions_type="disallowed",\n    transitions={"planner"'))
    team = next(node for node in read.document.nodes if node.kind == "team")
    assert team.config["transitions_type"] == "disallowed"
    assert read.document.edges == flow.edges
    assert 'transitions_type="disallowed"' in to_python(read.document).text


PROGRAM_OF_HELPERS = '''\
"""Helpers."""

from dataclasses import dataclass
from functools import cache, partial

from studio.engine import AnyOf, Assistant, FollowEdges, FunctionTool, Human, MaxTurns, OpenAIModel, Team, TextMention, console


@dataclass
class Role:
    name: str
    job: str
    strict: bool = False

    def prompt(self) -> str:
        return f"You {self.job}." + (" Be strict." if self.strict else "")


ROLES = [Role("writer", "write"), Role("critic", "criticise", strict=True)]


@cache
def model(name="gpt-5-mini"):
    return OpenAIModel(model=name)


def adder(amount: int):
    def add(number: int) -> int:
        """Add to a number."""
        return rounded(number + amount)

    return add


def rounded(number: float) -> int:
    return round(number)


def agent(role: Role, *tools, **more):
    return Assistant(name=role.name, system_message=role.prompt(), model=model(), tools=tools, **{"max_tool_rounds": 3, **more})


make = partial(agent, description="One of us.")


def ends(*words, most=None):
    rules = [TextMention(text=word) for word in words]
    if most is not None:
        rules.append(MaxTurns(max_turns=most))
    return AnyOf(conditions=tuple(rules)) if len(rules) > 1 else rules[0]


members = [make(role, adder(place + 1)) for place, role in enumerate(ROLES)]
members += [each.model_copy(update={"name": each.name + "_2"}) for each in members[:1]]
members.append(members[1].replace(name="judge", system_message="You judge."))
team = Team(
    participants=(*members, Human(name="me")),
    selection=FollowEdges(),
    transitions={one.name: tuple(other.name for other in members if other is not one) for one in members},
    stop=ends("DONE", "END", most=len(ROLES) * 4),
)

if __name__ == "__main__":
    console(team)
'''


def test_functions_that_return_agents_rules_tools_and_texts_are_followed() -> None:
    read = from_python(PROGRAM_OF_HELPERS)
    assert [finding.text for finding in read.report.findings] == []
    agents = {node.name: node.config for node in read.document.nodes if node.kind == "assistant"}
    assert list(agents) == ["writer", "critic", "writer_2", "judge"]
    assert agents["critic"]["system_message"] == "You criticise. Be strict."
    assert agents["writer_2"] == agents["writer"]
    assert agents["judge"] == {**agents["critic"], "system_message": "You judge."}
    tools = [node.config["source"] for node in read.document.nodes if node.kind == "python_tool"]
    assert [source.split("\n")[0] for source in tools] == ["amount = 1", "amount = 2"]
    assert all("def rounded(" in source for source in tools)
    assert len([edge for edge in read.document.edges if edge.kind == "speaks"]) == 12
    assert [node.config for node in read.document.nodes if node.kind == "max_turns"] == [{"max_turns": 8}]
    assert not [each for each in check(read.document) if each.level == "error"]


def test_what_a_function_around_another_one_cannot_say_needs_a_decision() -> None:
    program = PROGRAM_OF_HELPERS.replace("adder(place + 1)", "adder(input())")
    read = from_python(program)
    (told,) = {finding.text for finding in read.report.of("decision")}
    assert told.startswith("The function add stands within another one and takes amount from there")


BRANCHES = (
    "if CONDITION:\n    TURNS = 3\nelse:\n    TURNS = 5\n",
    "TURNS = 3 if CONDITION else 5\n",
    "match CONDITION:\n    case 1:\n        TURNS = 3\n",
)


@WAYS
@pytest.mark.parametrize("branch", BRANCHES)
def test_a_way_that_only_running_would_tell_is_told_where_something_drawn_comes_of_it(way: Way, branch: str) -> None:
    flow = flow_of("research-with-tools")
    before = f"import sys\n\nTURNS = 9\n{branch.replace('CONDITION', 'sys.argv[1]')}\npractice ="
    change = chained(replaced("practice =", before), replaced("max_turns=9", "max_turns=TURNS"))
    told = [each for each in way(flow, change).report.findings if each.code == "program_branch"]
    assert [each.text.partition(" goes")[0] for each in told] == ["Which way “sys.argv[1]”"]
    harmless = chained(replaced("practice =", before), replaced("console(team)", "if sys.argv[2]:\n        console(team)"))
    read = way(flow, harmless)
    assert (read.document, read.report.findings) == (flow, ())


UNKNOWN = {
    "model=practice": "model=make()",
    "participants=[researcher, writer, checker]": "participants=make()",
    "tools=[search_notes, read_note, weight_on]": "tools=make()",
    'stop=TextMention(text="CHECKED", sources=["checker"])\n    | MaxTurns(max_turns=9)\n    | TokenLimit(total=50_000)': "stop=make()",
    'name="writer"': "name=make()",
}


@pytest.mark.parametrize("field", UNKNOWN)
def test_what_only_running_would_tell_stays_as_it_was_or_is_left_out_as_the_report_says(field: str) -> None:
    flow = flow_of("research-with-tools")
    stays, gone = (way(flow, replaced(field, UNKNOWN[field])) for way in (in_the_pane, in_the_file))
    assert stays.document == flow
    said = [[each.text for each in read.report.findings if each.code == "program_unsure"] for read in (stays, gone)]
    assert said[0] == [
        f"What {said[0][0].split()[1]} of {said[0][0].split()[3]} is, make(), would only show when the program runs; it stays as it was."
    ]
    assert (gone.document == flow) is said[1][0].endswith("it stays as it was.")
    assert said[1][0].endswith("it stays as it was.") is ("name" in field)


@WAYS
def test_one_of_several_that_only_running_would_tell_is_left_out_and_the_others_stay(way: Way) -> None:
    flow = flow_of("research-with-tools")
    read = way(flow, chained(replaced("| MaxTurns(max_turns=9)", "| make()"), replaced("[read_note],", "[read_note, make()],")))
    assert changed(flow, read.document) == {node(flow, "Turns").id}
    assert [each.text.rpartition("; ")[2] for each in read.report.of("decision")] == ["it is left out."] * 2


@WAYS
def test_items_that_are_taken_out_of_a_list_or_put_in_their_place_are_gone(way: Way) -> None:
    flow = flow_of("research-with-tools")
    lines = "members = [researcher, writer, checker, checker]\ndel members[3]\nmembers[1:2] = []\n\nteam = Team("
    read = way(flow, chained(replaced("[researcher, writer, checker]", "members"), replaced("team = Team(", lines)))
    assert changed(flow, read.document) == {"n_writer"}


@WAYS
@pytest.mark.parametrize("body", ["return words", "return open(words).read()"])
def test_a_function_or_a_class_that_nobody_uses_is_one_line_of_the_report(way: Way, body: str) -> None:
    flow = flow_of("research-with-tools")
    spare = f"def spare(words: str) -> str:\n    {body}\n\n\nclass Desk:\n    def spare(self, words: str) -> str:\n        {body}\n\n\nresearcher ="
    read = way(flow, replaced("researcher =", spare))
    assert read.document == flow
    assert [each.code for each in read.report.findings] == ["program_function", "program_class"]


def overlaps(flow: FlowDocument) -> set[tuple[str, str]]:
    """The nodes of the canvas, or of one team, that lie on each other."""
    drawing = Drawing(flow)
    pairs = [(one, other) for at, one in enumerate(flow.nodes) for other in flow.nodes[at + 1 :] if one.parent == other.parent]
    return {(one.id, other.id) for one, other in pairs if box_of(one, drawing).overlaps(box_of(other, drawing))}


NESTED = (
    replaced("team = Team(", 'desk = Team(name="desk", participants=[writer, checker], stop=MaxTurns(max_turns=2))\n\nteam = Team('),
    replaced("[researcher, writer, checker]", "[researcher, desk]"),
)
FIVE = (
    replaced("team = Team(", 'extra = [Assistant(name=f"extra_{at}") for at in range(5)]\n\nteam = Team('),
    replaced("participants=[guide]", "participants=[guide, *extra]"),
)
OUT = (replaced("tools=[TeamTool(team=experts), convert]", "tools=[convert]"), replaced("[guide]", "[guide, tax_expert]"))
GROWING = {
    "a team within": ("research-with-tools", NESTED),
    "five more": ("experts-on-call", FIVE),
    "one out of another team": ("experts-on-call", OUT),
}


@WAYS
@pytest.mark.parametrize("what", GROWING)
def test_nothing_lies_on_anything_after_a_team_has_grown(way: Way, what: str) -> None:
    name, changes = GROWING[what]
    flow = flow_of(name)
    after = way(flow, chained(*changes)).document
    assert overlaps(flow) == overlaps(after) == set()
    assert len({node.id for node in after.nodes} & {node.id for node in flow.nodes}) > 4


@WAYS
def test_an_agent_with_another_name_and_other_words_keeps_its_place_where_everybody_else_does(way: Way) -> None:
    flow = flow_of("research-with-tools")
    words = (("writer = Assistant", "poet = Assistant"), ("researcher, writer,", "researcher, poet,"), ('name="writer"', 'name="poet"'))
    read = way(flow, chained(*(replaced(*each) for each in (*words, ("You write short reports", "You write poems")))))
    assert changed(flow, read.document) == {"n_writer"}
    assert (node(read.document, "poet").id, read.report.findings) == ("n_writer", ())


@WAYS
def test_a_function_with_another_name_is_the_same_tool(way: Way) -> None:
    flow = flow_of("research-with-tools")
    read = way(
        flow,
        lambda code: _above_the_line(code, "weight_on", "felt_weight") if "# convene" in code else code.replace("weight_on", "felt_weight"),
    )
    assert changed(flow, read.document) == {"n_weight"}
    tool = read.document.node("n_weight")
    assert tool is not None
    assert tool.name == "felt_weight"
    assert "def felt_weight(" in tool.config["source"]
    assert to_python(read.document).text == to_python(flow).text.replace("weight_on", "felt_weight")
