"""What a flow keeps of a foreign program leaves as a comment of the programs that it is exported to, and is told."""

from __future__ import annotations

import ast

import pytest

from studio.engine.errors import FlowError
from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.findings import Imported
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


def test_our_own_program_stops_and_says_what_to_put_in_its_place() -> None:
    with pytest.raises(FlowError, match="kept as it stood") as refused:
        target("convene").write(brought_in().document)
    assert "Python agent" in refused.value.remedy
    assert "Install" not in refused.value.remedy


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
