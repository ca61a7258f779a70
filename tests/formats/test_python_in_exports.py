"""What we export for AutoGen is read as any other script for it: every assistant comes back with its words and its tools."""

from __future__ import annotations

import pytest

from studio.flow.document import FlowDocument
from studio.formats.recognise import read_bytes
from studio.formats.targets import target
from studio.library.templates import Template, templates

ALL = [pytest.param(each, id=each.id) for each in templates()]


def assistants(document: FlowDocument) -> dict[str, str]:
    """The system messages of the assistants by their names, as a Python identifier would have them."""
    return {
        node.name.replace(" ", "_"): str(node.config.get("system_message", "")).strip()
        for node in document.nodes
        if node.kind == "assistant"
    }


@pytest.mark.parametrize("name", ["autogen", "classic"])
@pytest.mark.parametrize("found", ALL)
def test_assistants_of_an_exported_template_come_back(found: Template, name: str) -> None:
    flows = read_bytes(target(name).write(found.document), found.id).flows
    back = {agent: words for each in flows for agent, words in assistants(each.document).items()}
    wanted = assistants(found.document)
    assert set(wanted) <= set(back)
    for agent, words in wanted.items():
        assert words.splitlines()[:1] == back[agent].splitlines()[:1]


def test_replies_that_are_played_are_a_practice_model() -> None:
    source = (
        "from autogen_agentchat.agents import AssistantAgent\n"
        "from autogen_ext.models.replay import ReplayChatCompletionClient\n"
        "ann = AssistantAgent('ann', ReplayChatCompletionClient(['Hello.', 'Bye.']), system_message='Be brief.')\n"
        "ann.run(task='Greet.')\n"
    )
    (imported,) = read_bytes(source.encode()).flows
    (model,) = [node for node in imported.document.nodes if node.kind == "practice"]
    assert model.config["script"] == {"ann": ["Hello.", "Bye."]}
    assert [finding.place.line for finding in imported.report.findings if finding.code == "replay"] == [3]
