"""What no template uses goes to other frameworks as well: functions, arrows, memories and rules of flows are run there and in the studio."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from matrix_flows import MODEL, Flow, without_docker
from matrix_table import cells
from matrix_targets import COLUMNS, HERE, Column, python_for

from studio.engine.errors import ConveneError
from studio.flow.document import Edge, FlowDocument, Node

sys.path.insert(0, str(HERE.parent / "formats"))
import drawn_flows

PROGRAMS = [column for column in COLUMNS if column.target in ("autogen", "classic", "agent-framework") and column.environment]

NEXT = 'def next_speaker(messages: list[dict]) -> str:\n    return "ann" if len(messages) % 2 else "bob"\n'
OVER = 'async def is_over(messages: list[dict]) -> bool:\n    return messages[-1]["text"].endswith("5.")\n'
COUNTS = 'def count(messages: list[dict]) -> str:\n    return f"That makes {len(messages)}."\n'
COUNTER = """import string


class Counter:
    def __init__(self):
        self.turns = 0

    def reply(self, messages: list[dict]) -> str:
        self.turns += 1
        return string.capwords(f"my turn {self.turns}, after {messages[-1]['text']}")
"""
DOUBLE = 'def double(number: int) -> int:\n    """Twice a number."""\n    return 2 * number\n'


def assistant(name: str, **config: Any) -> Node:
    return Node(id=f"n_{name}", kind="assistant", name=name, parent="n_t", config={"system_message": f"You are {name}."} | config)


def rule(kind: str, parent: str | None = "n_t", **config: Any) -> Node:
    return Node(id=f"n_{kind}", kind=kind, parent=parent, config=config)


def flow(name: str, team: dict[str, Any], *nodes: Node, wires: tuple[tuple[str, str, str], ...] = (), **replies: Any) -> Flow:
    model = Node(id="n_m", kind="openai", config={"model": MODEL})
    edges = (("model", "n_m", "n_t"), *wires)
    document = FlowDocument(
        name=name,
        sample_tasks=("Begin.",),
        nodes=(Node(id="n_t", kind="team", name="group", config=team), model, *nodes),
        edges=tuple(Edge(id=f"e_{at}", kind=kind, source=source, target=end) for at, (kind, source, end) in enumerate(edges)),
    )
    return Flow(name, document, {f"You are {who}.": tuple(said) for who, said in replies.items()}, {})


FLOWS = (
    flow(
        "functions that choose, speak and end",
        {"selection": {"kind": "function_choice", "source": NEXT}},
        assistant("ann"),
        Node(id="n_bob", kind="python_agent", name="bob", parent="n_t", config={"source": COUNTS}),
        rule("function_rule", source=OVER),
        ann=("One.", "Three.", "Now 5."),
    ),
    flow(
        "two objects of a class that counts",
        {"max_turns": 5},
        Node(id="n_bob", kind="python_agent", name="bob", parent="n_t", config={"source": COUNTER}),
        assistant("ann"),
        Node(id="n_cyd", kind="python_agent", name="cyd", parent="n_t", config={"source": COUNTER}),
        ann=("Two.", "Five."),
    ),
    flow(
        "in turn along arrows, to a dead end",
        {"selection": {"kind": "round_robin"}},
        *(assistant(name) for name in ("ann", "bob", "cyd")),
        wires=(("speaks", "n_ann", "n_cyd"), ("speaks", "n_cyd", "n_bob")),
        **{name: (f"{name} speaks.",) for name in ("ann", "bob", "cyd")},
    ),
    flow(
        "named in the terminal, with a tool and facts",
        {"selection": {"kind": "manual"}, "max_turns": 4},
        assistant("yes", context={"kind": "last_messages", "count": 5}),
        assistant("fine"),
        Node(id="n_f", kind="list_memory", config={"facts": ["The sky is blue."]}),
        Node(id="n_d", kind="python_tool", config={"source": DOUBLE}),
        rule("tool_used", name="double"),
        wires=(("tool", "n_d", "n_yes"), ("memory", "n_f", "n_yes")),
        yes=({"tool": "double", "arguments": {"number": 21}}, "It is 42."),
        fine=("Fine.",),
    ),
    flow(
        "rules joined by all and any",
        {},
        assistant("ann"),
        assistant("bob"),
        rule("any_of"),
        rule("all_of", None),
        rule("text_mention", None, text="stop"),
        rule("said_by", None, sources=["bob"]),
        rule("max_messages", None, max_messages=9),
        wires=(
            ("stop", "n_all_of", "n_any_of"),
            ("stop", "n_max_messages", "n_any_of"),
            ("stop", "n_text_mention", "n_all_of"),
            ("stop", "n_said_by", "n_all_of"),
        ),
        ann=("One.", "I would stop."),
        bob=("Two.", "So would I."),
    ),
    flow(
        "a limit of tokens",
        {"max_turns": 9},
        assistant("ann"),
        assistant("bob"),
        rule("token_limit", total=60),
        ann=("One.", "Three.", "Five.", "Seven.", "Nine."),
        bob=("Two.", "Four.", "Six.", "Eight."),
    ),
    flow(
        "an answer in a shape",
        {"max_turns": 5},
        assistant("judge", output={"type": "object", "properties": {"mark": {"type": "integer"}}, "required": ["mark"]}),
        assistant("clerk"),
        rule("text_mention", text="5"),
        judge=('{"mark": 4}', '{"mark": 5}'),
        clerk=("Look again.",),
    ),
)


LOSSES = {("named in the terminal, with a tool and facts", "autogen"): 1}
"""How many sentences explain what differs; none elsewhere."""


@pytest.mark.parametrize("column", [pytest.param(each, id=each.title.replace(" ", "-")) for each in PROGRAMS])
def test_a_program_says_what_the_studio_says(column: Column, tmp_path: Path) -> None:
    python = python_for(column.environment)
    if isinstance(python, str):
        pytest.skip(python)
    for cell in asyncio.run(cells(tmp_path, [column], FLOWS)):
        assert cell.verdict in ("equal", "equal but"), f"{cell.flow}: {chr(10).join(cell.because)}"
        assert len(cell.because) == LOSSES.get((cell.flow, column.target), 0)


def test_autogen_takes_the_script_of_any_flow(tmp_path: Path) -> None:
    """Agents, teams and rules of forty flows are made by AutoGen's own classes; nothing is said."""
    column = next(each for each in PROGRAMS if each.target == "autogen")
    python = python_for(column.environment)
    if isinstance(python, str):
        pytest.skip(python)
    files: list[str] = []

    @settings(
        max_examples=60, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(drawn_flows.flows())
    def write(document: FlowDocument) -> None:
        with contextlib.suppress(ConveneError):
            script = column.write(document)
            files.append(str(tmp_path / f"flow_{len(files)}.py"))
            Path(files[-1]).write_text(script, "utf-8")

    write()
    done = subprocess.run(
        [python, HERE / "loading_agentchat.py"],
        input=json.dumps(files),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=without_docker(),
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    refused = json.loads(done.stdout.splitlines()[-1])
    assert len(files) > 20
    assert not refused, "\n\n".join(f"{why}\n{Path(file).read_text('utf-8')}" for file, why in refused.items())
