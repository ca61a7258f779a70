"""What our own exports for AutoGen and AutoGen 0.2 write comes back as what it was written for, down to the differences named here."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.findings import ForeignFileError
from studio.formats.recognise import read_bytes
from studio.formats.targets import target
from studio.library.templates import template, templates

AGENTS = ("assistant", "human", "code_runner", "python_agent", "society", "filter", "chat")
RULES = ("text_mention", "hand_off", "max_messages", "time_limit", "token_limit", "money_limit", "said_by", "function_rule")

DIFFERS: dict[str, dict[str, set[str]]] = {
    "autogen": {
        # Who only runs code is a CodeExecutorAgent; AgentChat's people run none.
        "coder-and-executor": {"agents"},
        # Each chat of a row is a team of its own, which the script runs after the other.
        "article-in-chats": {"agents", "choices", "prompts"},
        # Everybody once, in order, is everybody in turn with as many turns.
        "blind-review": {"choices"},
        "board-of-advisers": {"choices"},
        # AgentTool always remembers, which its export says.
        "editor-with-specialists": {"tools"},
        # The functions that work on files are Python tools.
        "release-notes": {"tools"},
        # AutoGen has no limit of money.
        "engineering-team": {"rules"},
        "field-trip": {"rules"},
    },
    "classic": {
        # Who runs code is a person who is never asked.
        "engineering-team": {"agents"},
        "data-question": {"agents"},
        # With one follower each, the next in turn is whom the arrows lead to.
        "writing-room": {"choices"},
        # Chats in a row, filters and societies are nested chats there.
        "article-in-chats": {"agents", "choices"},
        "blind-review": {"agents", "choices"},
        "board-of-advisers": {"agents", "choices"},
        "field-trip": {"choices"},
        "press-release": {"arrows", "choices"},
        "release-notes": {"tools"},
        # Messages are counted as rounds.
        "brainstorm": {"rules"},
        "translation-check": {"rules"},
    },
}


def name_of(node: Node) -> str:
    return node.name.replace(" ", "_") if node.kind in AGENTS else node.kind


def outline(flow: FlowDocument) -> dict[str, Any]:
    """What a flow means, without its places, the names of its rules and the account of its model."""
    by = {node.id: node for node in flow.nodes}

    def tool(node: Node) -> str:
        return str(node.config.get("source", "")).partition("def ")[2].partition("(")[0] if node.kind == "python_tool" else name_of(node)

    teams = [node for node in flow.nodes if node.kind == "team"]
    return {
        "agents": sorted((node.kind, name_of(node)) for node in flow.nodes if node.kind in AGENTS),
        "prompts": {name_of(node): node.config.get("system_message") for node in flow.nodes if node.kind == "assistant"},
        "choices": sorted(str(node.config.get("selection", {}).get("kind", "round_robin")) for node in teams),
        "arrows": sorted((name_of(by[edge.source]), name_of(by[edge.target])) for edge in flow.edges if edge.kind == "speaks"),
        "tools": sorted((tool(by[edge.source]), name_of(by[edge.target]), str(edge.config)) for edge in flow.edges if edge.kind == "tool"),
        "rules": sorted(node.kind for node in flow.nodes if node.kind in RULES),
        "words": sorted(
            (node.config.get("text", "TERMINATE"), *node.config.get("sources", ())) for node in flow.nodes if node.kind == "text_mention"
        ),
        "handoffs": {
            name_of(node): (node.config["handoffs"], node.config.get("handoff_when")) for node in flow.nodes if node.config.get("handoffs")
        },
        "approvals": sorted(tool(node) for node in flow.nodes if node.config.get("approval") == "always"),
        "questions": {name_of(node): node.config.get("prompt") for node in flow.nodes if node.kind == "human" and node.config.get("form")},
    }


@pytest.mark.parametrize("to", ["autogen", "classic"])
@pytest.mark.parametrize("found", templates(), ids=lambda found: found.id)
def test_a_template_comes_back_from_its_export(found: Any, to: str) -> None:
    back = read_bytes(target(to).write(found.document), found.id).flows[0].document
    before, after = outline(found.document), outline(back)
    differ = {field for field in before if before[field] != after[field]}
    if to == "classic" and before["questions"]:
        differ.discard("questions")
    assert differ == DIFFERS[to].get(found.id, set()), {field: (before[field], after[field]) for field in differ}


@pytest.mark.parametrize("to", ["autogen", "classic", "agent-framework"])
def test_a_project_comes_back_as_its_program_does_with_the_file_of_each_line(to: str) -> None:
    found = template("support-desk")
    assert found is not None
    whole = target(to)
    (alone,) = read_bytes(whole.write(found.document), found.id).flows
    (imported,) = read_bytes(whole.as_project().write(found.document), found.id).flows
    assert outline(imported.document) == outline(alone.document)
    places = {each.code: each.place.pointer for each in imported.report.findings}
    assert places["key_missing"] == "main.py"
    assert places["code_runs"].startswith("tools/")


def test_a_project_of_somebody_elses_program_says_what_it_is_not() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app/main.py", "import tools.sums\nprint(tools.sums)\n")
        archive.writestr("app/tools/sums.py", "total = 3\n")
    with pytest.raises(ForeignFileError, match="neither AutoGen"):
        read_bytes(packed.getvalue())


@pytest.mark.parametrize("found", templates(), ids=lambda found: found.id)
def test_no_export_for_classic_comes_back_with_a_choice_that_ends_it_at_once(found: Any) -> None:
    (imported,) = read_bytes(target("classic").write(found.document), found.id).flows
    assert not [each for each in imported.report.findings if each.code == "choice_by_method"]
    limits = [node.config.get("max_turns") for node in found.document.nodes if node.kind == "max_turns"]
    team = next(node for node in imported.document.nodes if node.kind == "team")
    if limits and found.id not in DIFFERS["classic"]:
        assert team.config["max_turns"] == min(limits)


def test_a_function_that_asks_an_agent_of_the_conversation_stays_a_function() -> None:
    script = """\
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent, register_function
ann = AssistantAgent("ann", llm_config={"model": "gpt-5-mini"})
bob = AssistantAgent("bob", llm_config={"model": "gpt-5-mini"})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

def ask_bob(task: str) -> str:
    \"\"\"Ask Bob.\"\"\"
    return user.initiate_chat(bob, message=task, max_turns=1).chat_history[-1]["content"]

register_function(ask_bob, caller=ann, executor=ann, description="Ask Bob.")
user.initiate_chat(GroupChatManager(GroupChat([ann, bob], max_round=5)), message="Hello")
"""
    (imported,) = read_bytes(script.encode()).flows
    assert [node.kind for node in imported.document.nodes if node.kind == "python_tool"] == ["python_tool"]
    alone = script.replace("[ann, bob]", "[ann]")
    (imported,) = read_bytes(alone.encode()).flows
    assert [(edge.kind, edge.config) for edge in imported.document.edges if edge.kind == "tool"] == [("tool", {"remembers": False})]
    twice = alone.replace("max_turns=1", "max_turns=3")
    (imported,) = read_bytes(twice.encode()).flows
    assert [node.kind for node in imported.document.nodes if node.kind == "python_tool"] == ["python_tool"]


def test_agents_that_call_each_other_are_read_without_end() -> None:
    script = """\
from autogen import AssistantAgent, UserProxyAgent, register_function
ann = AssistantAgent("ann", llm_config={"model": "gpt-5-mini"})
bob = AssistantAgent("bob", llm_config={"model": "gpt-5-mini"})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

def ask_bob(task: str) -> str:
    return user.initiate_chat(bob, message=task, max_turns=1).summary

def ask_ann(task: str) -> str:
    return user.initiate_chat(ann, message=task, max_turns=1).summary

register_function(ask_bob, caller=ann, executor=ann, name="bob", description="Ask Bob.")
register_function(ask_ann, caller=bob, executor=bob, name="ann", description="Ask Ann.")
user.initiate_chat(ann, message="Hello", max_turns=1)
"""
    (imported,) = read_bytes(script.encode()).flows
    kinds = [node.kind for node in imported.document.nodes]
    assert (kinds.count("assistant"), kinds.count("python_tool")) == (2, 1)


def test_a_docstring_alone_makes_no_choice_of_ours() -> None:
    script = """\
from autogen import AssistantAgent, GroupChat, GroupChatManager
ann = AssistantAgent("ann", llm_config={"model": "gpt-5-mini"})
bob = AssistantAgent("bob", llm_config={"model": "gpt-5-mini"})

def choose(last, chat):
    \"\"\"Everybody in turn.\"\"\"
    return bob

ann.initiate_chat(GroupChatManager(GroupChat([ann, bob], speaker_selection_method=choose)), message="Hello")
"""
    (imported,) = read_bytes(script.encode()).flows
    team = next(node for node in imported.document.nodes if node.kind == "team")
    assert team.config["selection"]["kind"] == "function_choice"


@pytest.mark.parametrize("after_work", ["end", "stay", "back"])
def test_what_comes_after_work_in_a_swarm_comes_back_in_its_words(after_work: str) -> None:
    nodes = (
        Node(
            id="t", kind="team", config={"selection": {"kind": "swarm", "after_work": after_work, "after": {"ann": "back", "bob": "end"}}}
        ),
        *(Node(id=name, kind="assistant", name=name, parent="t", config={"handoffs": ["zoe"]}) for name in ("ann", "bob")),
        Node(id="zoe", kind="assistant", name="zoe", parent="t"),
        Node(id="m", kind="openai", config={"model": "gpt-5-mini"}),
    )
    flow = FlowDocument(nodes=nodes, edges=(Edge(id="e", kind="model", source="m", target="t"),))
    (imported,) = read_bytes(target("classic").write(flow), "swarm").flows
    (team,) = (node for node in imported.document.nodes if node.kind == "team")
    selection = team.config["selection"]
    assert (selection.get("after_work", "end"), selection["after"]) == (after_work, {"ann": "back", "bob": "end"})
