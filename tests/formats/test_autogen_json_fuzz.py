"""Hostile files: every mutated sample ends in flows with a report or in a clear error, and nothing is run, written or fetched."""

from __future__ import annotations

import builtins
import json
import os
import random
import socket
import subprocess
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from autogen_samples import NAMES, component, function_tool, model, sample, team, termination, written
from hostile_files import COMPONENTS, each

from studio.flow.findings import ForeignFileError
from studio.flow.upgrade import read_document
from studio.formats.autogen_json.read import from_autogen
from studio.formats.flow_json.write import to_json

ROUNDS = each(COMPONENTS, 2 * len(NAMES))
"""Mutations of each kind for each sample: about four thousand files altogether."""

NASTY: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**80,
    1e308,
    "",
    "x" * 5_000,
    "../../etc/passwd",
    "a\u0000b",
    "\u202eevil",
    "__import__('os').system('x')",
    "{0.__class__}",
    [],
    {},
    [[]],
    [None, 3, "x", {}],
    {"provider": 3, "config": []},
    {"provider": "x.Y", "component_type": "team", "config": {"participants": 7}},
    {"provider": "autogen_agentchat.agents.AssistantAgent", "component_type": "agent", "config": None},
    {"team_type": "RoundRobinGroupChat", "participants": [{"agent_type": "AssistantAgent"}]},
)


class Ran(AssertionError):
    """Something happened that importing must never do."""


@pytest.fixture
def nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs code, starts a process, opens a file for writing or a connection is caught."""

    def never(*arguments: Any, **options: Any) -> Any:
        raise Ran(str(arguments)[:200])

    opening = builtins.open

    def reading_only(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        return opening(file, mode, *rest, **options) if set(mode) <= set("rbt") else never(file, mode)

    # What is loaded when it is first needed is loaded now: libraries may make their own classes from text.
    for name in NAMES:
        from_autogen(sample(name))

    def never_text(code: Any, *rest: Any, running: Any) -> Any:
        # Libraries evaluate type hints of their own, which were compiled before.
        return never(code) if isinstance(code, (str, bytes)) else running(code, *rest)

    monkeypatch.setattr(builtins, "exec", partial(never_text, running=exec))
    monkeypatch.setattr(builtins, "eval", partial(never_text, running=eval))
    for owner, name in ((os, "system"), (subprocess, "Popen"), (socket.socket, "connect")):
        monkeypatch.setattr(owner, name, never)
    monkeypatch.setattr(builtins, "open", reading_only)


def survives(data: bytes) -> None:
    try:
        flows = from_autogen(data)
    except ForeignFileError as refused:
        if not refused.sentence:
            raise
        return
    for imported in flows:
        assert imported.report.format
        for finding in imported.report.findings:
            assert finding.text
        try:
            assert read_document(to_json(imported.document)) == imported.document
        except Exception as error:
            raise AssertionError(f"{error}: {data[:300]!r}") from error


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = put(value[path[0]], path[1:], new)
    return copied


@pytest.mark.parametrize("name", NAMES)
def test_wrong_values_anywhere_are_survived(name: str, nothing_happens: None) -> None:
    chance = random.Random(name)
    value = json.loads(sample(name))
    everywhere = list(places(value))
    for _ in range(ROUNDS):
        changed = value
        for _ in range(chance.choice((1, 1, 2, 4))):
            where = chance.choice(everywhere)
            try:
                changed = put(changed, where, chance.choice(NASTY))
            except (KeyError, IndexError, TypeError):
                continue
        survives(json.dumps(changed).encode())


@pytest.mark.parametrize("name", NAMES)
def test_broken_bytes_are_survived(name: str, nothing_happens: None) -> None:
    chance = random.Random(name)
    data = sample(name)
    for _ in range(ROUNDS):
        broken = bytearray(data)
        match chance.randrange(4):
            case 0:
                del broken[chance.randrange(len(broken)) :]
            case 1:
                for _ in range(chance.randrange(1, 6)):
                    broken[chance.randrange(len(broken))] = chance.randrange(256)
            case 2:
                at = chance.randrange(len(broken))
                broken[at:at] = broken[chance.randrange(len(broken)) :][: chance.randrange(200)]
            case _:
                start = chance.randrange(len(broken))
                del broken[start : start + chance.randrange(1, 60)]
        survives(bytes(broken))


def nested(depth: int) -> dict[str, Any]:
    rule = termination("MaxMessageTermination", max_messages=1)
    for _ in range(depth):
        rule = termination("AndTerminationCondition", conditions=[rule])
    return rule


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 200_000 + b"]" * 200_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        json.dumps(nested(9)).encode(),
        json.dumps(nested(60)).encode(),
        b'{"provider": "x", "config": ' + b'"' + b"A" * 6_000_000 + b'"}',
        json.dumps(team(*[component("x.Y", "agent", {"name": "n"})] * 3_000)).encode(),
        json.dumps(team(*[{"name": "n"}] * 1_500)).encode(),
        json.dumps([model()] * 5_000).encode(),
        json.dumps({"components": {"models": [model(f"m{number}") for number in range(1_900)]}}).encode(),
        json.dumps(termination("OrTerminationCondition", conditions=[termination("X")] * 3_000)).encode(),
        json.dumps({"type": "autonomous", "agents": [{"agent": {"type": "assistant", "skills": [{"content": "def f(:"}] * 300}}]}).encode(),
        json.dumps(function_tool("(" * 90_000, "f")).encode(),
        json.dumps(
            function_tool("def f():\n" + "".join(" " * depth + "if 1:\n" for depth in range(1, 150)) + " " * 150 + "pass\n", "f")
        ).encode(),
        json.dumps(function_tool("x = " + "-" * 50_000 + "1\n", "f", "description")).encode(),
        json.dumps(function_tool("def f() -> str: return ''\n", "f", 'says """ and \\ and "')).encode(),
        written(model()).decode().encode("utf-16-be"),
        b"\x00" * 1_000,
        b"SQLite format 3\x00" + b"\x00" * 100,
        b'{"provider": "autogen_core.tools.FunctionTool", "provider": "x.Y", "config": {}}',
    ],
    ids=lambda data: f"{data[:24]!r} {len(data)}",
)
def test_bombs_end_in_a_sentence_or_a_report(data: bytes, nothing_happens: None) -> None:
    survives(data)


def test_each_kept_component_of_a_large_file_has_its_own_text() -> None:
    members = [component("x.Y", "agent", {"name": f"n{number}"}) for number in range(300)]
    (imported,) = from_autogen(written(team(*members)))
    kept = [node for node in imported.document.nodes if node.kind == "autogen:Y"]
    assert [json.loads(node.config["original"])["config"]["name"] for node in kept] == [f"n{number}" for number in range(300)]
