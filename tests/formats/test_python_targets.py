"""What holds for every target that is a program, whatever the flow: it parses, no linter minds it, or its losses say why not."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Mapping

import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, given, settings
from ruff import find_ruff_bin

from studio.engine.errors import ConveneError
from studio.flow.document import Edge, FlowDocument, Node
from studio.formats.targets import TARGETS, Target

PROGRAMS = [pytest.param(each, id=each.name) for each in TARGETS.values() if each.language == "python"]
REFUSALS = ("flow", "nothing_to_write")
"""Codes of losses that say why there is no program at all."""


def rejected_by_ruff(source: str) -> str:
    command = [find_ruff_bin(), "check", "--isolated", "--no-cache", "--quiet", "--select", "F,I"]
    known = ["--config", 'lint.isort.known-third-party=["studio"]', "-"]
    return subprocess.run([*command, *known], input=source, capture_output=True, text=True, timeout=20, check=False).stdout


PROMPTS = {
    "writer": "You write short product texts for a small furniture shop.\nUse plain words, at most eighty of them, and name the price."
    "\nWhen the critic asks for a change, make it and send the whole text again.",
    "critic": "You read what the writer sends as a customer would.\nSay in one or two sentences what is unclear or missing."
    "\nWhen nothing is left to change, answer with the word APPROVED.",
}
LINES = {"convene": (25, 35), "autogen": (35, 44), "classic": (34, 43), "agent-framework": (39, 49)}
"""What two agents with two rules take: with a sentence of prompt each, and with descriptions and three lines of prompt each.

The Agent Framework has nothing that shows a conversation, which takes eight lines.
"""


def pair(prompts: Mapping[str, str], described: bool) -> FlowDocument:
    """A writer and a critic in turn, until the critic is content or twelve turns have passed."""
    told = [{"system_message": prompts[name]} | ({"description": f"the {name}"} if described else {}) for name in ("writer", "critic")]
    return FlowDocument(
        name="Product texts",
        description="A writer drafts a text, a critic asks for changes until it is good." if described else "",
        sample_tasks=("Write about an oak table for 249 euros.",),
        nodes=(
            Node(id="n_m", kind="openai", name="gpt", config={"model": "gpt-5-mini"}),
            Node(id="n_t", kind="team", name="Product texts"),
            Node(id="n_w", kind="assistant", name="writer", parent="n_t", config=told[0]),
            Node(id="n_c", kind="assistant", name="critic", parent="n_t", config=told[1]),
            Node(id="n_s", kind="text_mention", parent="n_t", config={"text": "APPROVED", "sources": ["critic"]}),
            Node(id="n_x", kind="max_turns", parent="n_t", config={"max_turns": 12}),
        ),
        edges=(Edge(id="e_m", kind="model", source="n_m", target="n_t"),),
    )


@pytest.mark.parametrize("target", PROGRAMS)
def test_two_agents_take_no_more_lines_than_what_they_say(target: Target) -> None:
    short = {name: text.partition(".")[0] + "." for name, text in PROMPTS.items()}
    found = (pair(short, described=False), pair(PROMPTS, described=True))
    lines = [len(target.write(document).splitlines()) for document in found]
    assert all(count <= most for count, most in zip(lines, LINES[target.name], strict=True)), lines


@pytest.mark.parametrize("name", ["classic", "agent-framework"])
def test_lines_of_a_program_lead_to_their_nodes(name: str) -> None:
    document = pair(PROMPTS, described=True)
    text, found = TARGETS[name].write(document).decode().splitlines(), (TARGETS[name].lines or dict)(document)
    begins = {node: [text[first - 1].partition(" = ")[0] for first, _ in spans] for node, spans in found.items()}
    team, model = (["group_chat", "manager"], "llm_config") if name == "classic" else (["workflow"], "client")
    assert begins == {"n_m": [model], "n_w": ["writer"], "n_c": ["critic"], "n_t": team}
    assert all(text[last - 1].startswith((")", "llm_config", "client")) for spans in found.values() for _, last in spans)


@pytest.mark.parametrize("target", PROGRAMS)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=flows())
def test_any_flow_is_a_clean_program_or_its_losses_say_why_not(target: Target, document: FlowDocument) -> None:
    told = target.losses(document)
    try:
        program = target.write(document).decode()
    except ConveneError as refusal:
        program = ""
        refused = refusal.code
    if not program:
        assert refused in REFUSALS
        assert any(finding.level == "decision" for finding in told)
        return
    ast.parse(program)
    if rejected_by_ruff(program):
        assert any(finding.code.endswith("unclean") for finding in told)
