"""The targets of the matrix: what is written, which Python runs it, and which differences its losses speak of."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from environments import is_made, made, python_of
from matrix_rows import (
    Forgiving,
    by_lot,
    members_alone,
    other_end,
    other_words,
    other_words_of_people,
    renamed,
    unchanged,
    until_a_bare_word,
    until_a_handover,
    until_a_rule_of_tools,
    until_a_tool,
    whole_numbers,
    without_them,
)

from studio.flow.document import FlowDocument
from studio.flow.findings import Finding
from studio.formats.targets import target

HERE = Path(__file__).parent

PACKAGES: Mapping[str, tuple[str, ...]] = {
    "autogen-0.7": ("autogen-agentchat==0.7.5", "autogen-ext[openai,docker]==0.7.5"),
    "autogen-0.2": ("autogen-agentchat==0.2.40",),
    "ag2-0.9": ("ag2[openai]==0.9.10",),
    "agent-framework-1.23": (
        "agent-framework-core==1.23.0",
        "agent-framework-openai==1.17.0",
        "agent-framework-orchestrations==1.4.0",
        "agent-framework-tools==1.0.0b261022",
        "requests",
    ),
}
"""What an environment holds, by its name; `requests` is imported by a tool of a sample, and the other frameworks bring it along."""


@dataclass(frozen=True)
class Column:
    """`environment` is "" for this very Python. `inner` says whether conversations within the main one are told."""

    title: str
    target: str
    runner: str
    suffix: str
    environment: str = ""
    inner: bool = True
    forgiving: Mapping[str, Forgiving] = field(default_factory=dict)
    prevents: frozenset[str] = frozenset()
    edit: Callable[[str], str] = str
    leads: Callable[[Any], Any] = lambda reply: reply

    def write(self, document: FlowDocument) -> str:
        return self.edit(target(self.target).write(document).decode())

    def losses(self, document: FlowDocument) -> tuple[Finding, ...]:
        return target(self.target).losses(document)


_AGENTCHAT: Mapping[str, Forgiving] = {
    "lost_renamed": renamed,
    "lost_python.told": unchanged,
    "lost_code_words": other_words,
    "lost_handoff_in_turn": until_a_handover,
    "lost_magentic": members_alone,
    "lost_human_runs_code": other_words,
    "lost_python.turns_as_messages": other_end,
    "lost_field": other_words_of_people,
    "lost_no_end": unchanged,
    "lost_after_the_turn": until_a_rule_of_tools,
    "lost_python.chat_silent": without_them,
    "lost_swarm_messages": until_a_handover,
    "lost_hand_over_answers": until_a_handover,
    "lost_text_in_hand_over": until_a_handover,
}
_MISSING = frozenset(
    {
        "lost_agent",
        "lost_python.agent",
        "lost_memory",
        "lost_python.memory",
        "lost_tool",
        "lost_python.tool",
        "lost_selection",
        "lost_arrows",
        "nothing_to_write",
    }
)


_CLASSIC: Mapping[str, Forgiving] = {
    "lost_renamed": renamed,
    "lost_form": other_words_of_people,
    "lost_seed": by_lot,
    "lost_code_output": other_words,
    "lost_after_tools": until_a_tool,
    "lost_bare_word": until_a_bare_word,
    "lost_whole_numbers": whole_numbers,
}
_AGENT_FRAMEWORK: Mapping[str, Forgiving] = {
    "lost_renamed": renamed,
    "lost_magentic": members_alone,
    "lost_after_tools": until_a_tool,
}
_NO_PLANNER = frozenset({"lost_planner", "lost_memory", "lost_tool", "lost_left_out"})


def on_our_own(script: str) -> str:
    """A script for AutoGen 0.2 with `studio.classic` instead: only the imports change."""
    return re.sub(r"^(from|import) autogen\b", r"\1 studio.classic", script, flags=re.MULTILINE)


def agentchat_ledger(reply: Any) -> Any:
    """A ledger as MagenticOneGroupChat asks for it: every answer with its reason."""
    try:
        ledger = json.loads(reply)
    except (TypeError, ValueError):
        return reply
    why = ledger.pop("reason", "")
    names = {"instruction": "instruction_or_question"}
    return json.dumps({names.get(name, name): {"reason": why, "answer": value} for name, value in ledger.items()})


def on_this_machine(component: str) -> str:
    """Component JSON whose code runs here: it names a container, and the matrix runs without Docker."""
    found = component.replace("autogen_ext.code_executors.docker.DockerCommandLineCodeExecutor", LOCAL)
    return re.sub(r',\s*"image": "[^"]*"', "", found) if LOCAL in found else found


LOCAL = "autogen_ext.code_executors.local.LocalCommandLineCodeExecutor"

COLUMNS: tuple[Column, ...] = (
    Column("convene", "convene", "running_convene.py", ".py"),
    Column("autogen 0.7.5", "autogen", "running_agentchat.py", ".py", "autogen-0.7", True, _AGENTCHAT, _MISSING, leads=agentchat_ledger),
    Column(
        "autogen-json, loaded by autogen 0.7.5",
        "autogen-json",
        "running_agentchat.py",
        ".json",
        "autogen-0.7",
        True,
        _AGENTCHAT,
        _MISSING,
        on_this_machine,
        agentchat_ledger,
    ),
    Column("classic, with studio.classic", "classic", "running_classic.py", ".py", "", False, _CLASSIC, _NO_PLANNER, on_our_own),
    Column("classic, with autogen 0.2.40", "classic", "running_classic.py", ".py", "autogen-0.2", False, _CLASSIC, _NO_PLANNER),
    Column("classic, with ag2 0.9.10", "classic", "running_classic.py", ".py", "ag2-0.9", False, _CLASSIC, _NO_PLANNER),
    Column(
        "agent-framework 1.23",
        "agent-framework",
        "running_agent_framework.py",
        ".py",
        "agent-framework-1.23",
        False,
        _AGENT_FRAMEWORK,
        _NO_PLANNER,
        leads=agentchat_ledger,
    ),
)


@cache
def python_for(environment: str) -> Path | str:
    """The Python of an environment, or why there is none.

    CONVENE_MATRIX_DIR says where environments are kept; where CI or CONVENE_MATRIX is set, one that is missing is made.
    """
    if not environment:
        return Path(sys.executable)
    places = [os.environ.get(name) for name in ("CONVENE_MATRIX_DIR", "CONVENE_PEERS_DIR")]
    kept = [Path(each) for each in places if each] or [Path.home() / ".cache" / "convene-matrix"]
    for place in kept:
        if is_made(place / environment):
            return python_of(place / environment)
    if not (os.environ.get("CI") or os.environ.get("CONVENE_MATRIX")):
        return f"the environment {environment} is made when CI or CONVENE_MATRIX is set"
    return _all_made(kept[0])[environment]


@cache
def _all_made(place: Path) -> Mapping[str, Path]:
    """The Pythons of all environments in a folder; those that are missing are made at the same time."""
    with ThreadPoolExecutor(len(PACKAGES)) as pool:
        pythons = pool.map(lambda environment: made(place / environment, PACKAGES[environment]), PACKAGES)
        return dict(zip(PACKAGES, pythons, strict=True))
