"""What a flow keeps of a foreign program leaves as a comment of the programs that it is exported to, and is told."""

from __future__ import annotations

import ast
import io
import json
import zipfile
from collections.abc import Callable

import pytest

from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.findings import Imported
from studio.formats.convene_python.file import to_file
from studio.formats.convene_python.kept import kept_in
from studio.formats.convene_python.read import from_python
from studio.formats.convene_python.unzip import from_zip
from studio.formats.convene_python.write import to_python
from studio.formats.python_text.names import identifier
from studio.formats.python_text.requirements import requirements
from studio.formats.recognise import read_bytes
from studio.formats.targets import target

SCRIPT = '''
from autogen_agentchat.agents import AssistantAgent, BaseChatAgent
from autogen_agentchat.teams import Swarm
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_ext.models.openai import OpenAIChatCompletionClient

class Counter(BaseChatAgent):
    """Counts."""

    async def on_messages(self, messages, cancellation_token):
        return "1"

client = OpenAIChatCompletionClient(model="gpt-5-mini")
one = AssistantAgent("one", client, system_message="Hi", handoffs=["two", "three"])
three = AssistantAgent("three", client, system_message="Ho", handoffs=["one"])
two = Counter("two", "counts")
team = Swarm([one, two, three], termination_condition=MaxMessageTermination(3))
team.run(task="Go")
'''


COMPONENT = {
    "provider": "autogen_agentchat.teams.RoundRobinGroupChat",
    "component_type": "team",
    "config": {
        "participants": [
            {"provider": "somebody.Counter", "component_type": "agent", "version": 1, "config": {"name": "two", "step": 2}},
            {"provider": "autogen_agentchat.agents.UserProxyAgent", "component_type": "agent", "config": {"name": "me"}},
        ],
    },
}


def brought_in_as_json() -> Imported:
    (imported,) = read_bytes(json.dumps(COMPONENT, indent=1).encode(), "counting.json").flows
    return imported


def brought_in() -> Imported:
    (imported,) = read_bytes(SCRIPT.encode(), "counting").flows
    return imported


@pytest.mark.parametrize("name", ["autogen", "classic", "agent-framework"])
def test_programs_hold_the_source_that_was_kept_as_a_comment_and_say_so(name: str) -> None:
    document = brought_in().document
    code = target(name).write(document).decode()
    ast.parse(code)
    assert '#     async def on_messages(self, messages, cancellation_token):\n#         return "1"\n' in code
    assert "# two was kept as it stood and takes no part in the program:" in code
    assert '"two"' not in "\n".join(line for line in code.split("\n") if not line.startswith("#"))
    (lost,) = (each for each in target(name).losses(document) if each.code == "lost_kept")
    assert lost.level == "decision"
    assert lost.nodes == tuple(node.id for node in document.nodes if node.name == "two")


def test_our_own_program_keeps_the_source_and_whoever_starts_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    program = target("convene").write(brought_in().document).decode()
    assert "    async def on_messages(self, messages, cancellation_token):\n" in program
    with pytest.raises(SystemExit) as ended:
        exec(compile(program, "main.py", "exec"), {"__name__": "__main__"})
    assert ended.value.code == 1
    told = capsys.readouterr()
    assert told.err.startswith("This conversation cannot begin: two (Counter) is kept")
    assert told.out == ""


@pytest.mark.parametrize("keeping", [brought_in, brought_in_as_json])
def test_what_is_kept_comes_back_from_our_own_program_as_it_was(keeping: Callable[[], Imported]) -> None:
    document = keeping().document
    (kept,) = kept_in(document)
    for read in (from_python(to_file(document)), from_python(to_python(document).text, document)):
        assert read.document == document
        (told,) = read.report.findings
        assert (told.level, told.code, told.nodes) == ("decision", "program_kept", (kept.id,))
        assert f"\n{identifier(kept.name, 'kept')} = Kept(" in f"\n{to_file(document).splitlines()[(told.place.line or 1) - 1]}"


def test_a_kept_source_may_be_edited_named_anew_and_taken_out_in_the_code() -> None:
    document = brought_in().document
    code = to_python(document).text
    (kept,) = kept_in(document)
    edited = from_python(code.replace('return "1"', 'return "2"'), document).document
    assert [node.id for node in edited.nodes] == [node.id for node in document.nodes]
    assert [node.config["original"] for node in kept_in(edited)] == [kept.config["original"].replace('"1"', '"2"')]
    head, _, rest = code.partition("two = Kept(")
    without_it = head + rest.partition("\n)\n")[2].replace(", kept=[two]", "")
    assert from_python(without_it, document).document.nodes == tuple(node for node in document.nodes if node.id != kept.id)
    (alone,) = kept_in(from_python(code).document)
    assert (alone.kind, alone.name, alone.config) == (kept.kind, kept.name, kept.config)


def test_the_lines_of_a_kept_source_lead_to_its_node() -> None:
    document = brought_in().document
    (kept,) = kept_in(document)
    source = to_python(document)
    ((first, last),) = source.lines[kept.id]
    assert source.text.splitlines()[first - 1] == "two = Kept("
    assert source.text.splitlines()[last - 1] == ")"


def test_our_own_target_says_what_it_keeps_and_its_project_skips_the_test() -> None:
    document = brought_in().document
    (lost,) = target("convene").losses(document)
    assert (lost.level, lost.nodes) == ("decision", tuple(node.id for node in kept_in(document)))
    project = target("convene").as_project().write(document)
    with zipfile.ZipFile(io.BytesIO(project)) as archive:
        files = {name.rpartition("/")[2]: archive.read(name).decode() for name in archive.namelist()}
    assert lost.text in files["README.md"]
    assert "@unittest.skip(" in files["test_smoke.py"]
    assert from_zip(project).document == document


def test_autogen_makes_a_kept_component_of_its_own_from_its_json() -> None:
    document = brought_in_as_json().document
    program = target("autogen").write(document).decode()
    assert '\ntwo = BaseChatAgent.load_component(\n    {\n        "provider": "somebody.Counter",\n' in program
    assert "RoundRobinGroupChat([two, me]," in program
    assert requirements("autogen", program) == ["autogen-agentchat==0.7.5", "somebody"]
    (lost,) = target("autogen").losses(document)
    assert (lost.code, lost.level) == ("lost_as_it_came", "approximated")
    (again,) = read_bytes(program.encode(), "again.py").flows
    assert [node.name for node in again.document.nodes if node.kind == "python:Counter"] == ["two"]


def test_the_canvas_says_of_a_kept_source_what_to_do() -> None:
    (problem,) = (each for each in check(brought_in().document) if each.code == "kept_source")
    assert problem.level == "error"
    assert "inspector" in problem.hint


def test_no_higher_temperature_is_written_than_anthropic_takes() -> None:
    def model(node_id: str, kind: str, **config: object) -> Node:
        return Node(id=node_id, kind=kind, config=config)

    document = FlowDocument(
        name="Warm",
        nodes=(
            Node(id="n_0000000001", kind="team", name="team", config={"max_turns": 2}),
            Node(id="n_0000000002", kind="assistant", name="one", parent="n_0000000001"),
            model("n_0000000003", "openai", model="gpt-5-mini", temperature=1.5),
            model("n_0000000004", "anthropic", model="claude-sonnet-4-5"),
            model("n_0000000005", "fallback"),
        ),
        edges=(
            Edge(id="e_0000000001", kind="model", source="n_0000000003", target="n_0000000005"),
            Edge(id="e_0000000002", kind="model", source="n_0000000004", target="n_0000000005"),
            Edge(id="e_0000000003", kind="model", source="n_0000000005", target="n_0000000001"),
        ),
    )
    assert '"temperature": 1.0' in target("classic").write(document).decode()
    assert any(each.code == "lost_warmest" and "1.5" in each.text for each in target("classic").losses(document))
