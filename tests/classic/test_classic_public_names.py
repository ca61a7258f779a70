"""Every public name of AutoGen and AG2 has its line in docs/names.md, and those that are said to work can be imported here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from public_names import public_names

DATA = Path(__file__).parent.parent / "data" / "public_names"
PAGE = Path(__file__).parent.parent.parent / "docs" / "names.md"
PACKAGES = sorted(path.stem for path in DATA.glob("*.json"))
HERE = {
    "autogen_agentchat": "studio.engine.agentchat",
    "autogen_core": "studio.engine.agentchat.core",
    "autogen_ext": "studio.engine.agentchat.ext",
    "autogen": "studio.classic",
}
"""Where the modules of a package are here."""

VERDICTS = {"works", "so", "no"}


@dataclass(frozen=True)
class Row:
    names: tuple[str, ...]
    verdict: str
    words: str


@cache
def listed(package: str) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = json.loads((DATA / f"{package}.json").read_text("utf-8"))
    return found


@cache
def rows(section: str) -> tuple[Row, ...]:
    part = PAGE.read_text("utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    cells = [line.strip().strip("|").split(" | ") for line in part.splitlines() if line.startswith("| `")]
    return tuple(Row(tuple(re.findall(r"`([^`]+)`", names)), verdict.strip(), words.strip()) for names, verdict, words in cells)


def section_of(package: str) -> str:
    return "AutoGen 0.4 to 0.7" if package == "autogen-0.7.5" else "AutoGen 0.2 and AG2 classic"


def covers(said: str, module: str, name: str) -> bool:
    """`Name`, `module.Name`, or `module.*`, which stands for everything in it and below it."""
    if said.endswith(".*"):
        return f"{module}.".startswith(said[:-1])
    return said in (name, f"{module}.{name}")


def every(package: str) -> Iterator[tuple[str, str]]:
    return ((module, name) for module, names in listed(package).items() for name in names)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_has_its_line(package: str) -> None:
    said = {each for row in rows(section_of(package)) for each in row.names}
    rooms = [each for each in said if each.endswith(".*")]
    without = [
        f"{module}.{name}"
        for module, name in every(package)
        if name not in said and f"{module}.{name}" not in said and not any(covers(room, module, name) for room in rooms)
    ]
    assert without == []


def test_no_line_is_about_a_name_that_nobody_has() -> None:
    for section in {section_of(package) for package in PACKAGES}:
        there = [pair for package in PACKAGES if section_of(package) == section for pair in every(package)]
        names = {name for _, name in there} | {f"{module}.{name}" for module, name in there}
        for each in (each for row in rows(section) for each in row.names):
            assert each in names or any(covers(each, module, name) for module, name in there), each


def test_a_name_has_one_line() -> None:
    for section in {section_of(package) for package in PACKAGES}:
        said = [each for row in rows(section) for each in row.names]
        assert sorted({each for each in said if said.count(each) > 1}) == []


def test_lines_say_what_can_be_done_or_why_not() -> None:
    for section in {section_of(package) for package in PACKAGES}:
        for row in rows(section):
            assert row.verdict in VERDICTS, row
            assert row.verdict == "works" or len(row.words) > 10, row


def test_what_is_said_to_work_can_be_imported_here() -> None:
    for section in {section_of(package) for package in PACKAGES}:
        there = [pair for package in PACKAGES if section_of(package) == section for pair in every(package)]
        for said in (each for row in rows(section) if row.verdict == "works" for each in row.names):
            places = {module for module, name in there if covers(said, module, name)}
            assert any(is_here(module, said.rpartition(".")[2]) for module in places), said


@cache
def is_here(module: str, name: str) -> bool:
    package = next(each for each in HERE if module == each or module.startswith(f"{each}."))
    place = HERE[package] + module.removeprefix(package)
    try:
        found = find_spec(place)
    except ModuleNotFoundError:
        return False
    return found is not None and hasattr(import_module(place), name)


def test_names_are_read_out_of_a_source() -> None:
    source = 'from .inner import A\n__all__ = ["A", "b"]\n__all__ += ["c"]\n\ndef d(): ...\n'
    assert public_names(source, package=True) == ["A", "b", "c"]
    assert public_names("from .inner import A\n\ndef b(): ...\ndef _c(): ...\nclass D: ...\n", package=True) == ["A", "D", "b"]
    assert public_names("from .inner import A\nclass D: ...\n", package=False) == ["D"]
