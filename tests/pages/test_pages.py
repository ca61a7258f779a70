"""The pages that people read: links that lead somewhere, files and commands that are there, and a list of changes in its form."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

HOUSE = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "CHANGELOG.md",
    "studio/README.md",
    "tests/benchmarks/README.md",
    *(f"docs/{page.name}" for page in (HOUSE / "docs").glob("*.md")),
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"`((?:\.ci|assets|components|docs|studio|tests)/[\w./-]+)`")
COMMAND = re.compile(r"\bconvene (\w+)(?=((?:[^`\n]|\n(?= {12}))*))")
KINDS_OF_CHANGES = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")


@cache
def words(page: str) -> str:
    return (HOUSE / page).read_text("utf-8")


@cache
def anchors(page: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", words(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in LINK.findall(FENCED.sub("", words(page))):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (HOUSE / page).parent / path if path else HOUSE / page
        assert target.exists(), f"{page} leads to {path}, which is not there"
        assert not anchor or anchor in anchors(str(target.resolve().relative_to(HOUSE))), f"{page} leads to #{anchor}, which is not there"


@pytest.mark.parametrize("page", [page for page in PAGES if page != "CHANGELOG.md"])
def test_files_that_are_named_are_there(page: str) -> None:
    for path in FILE.findall(words(page)):
        assert (HOUSE / path).exists(), f"{page} names {path}, which is not there"


@cache
def commands() -> dict[str, Any]:
    import typer

    from studio.cli.commands import app

    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def options_of(command: Any) -> set[str]:
    inner = getattr(command, "commands", {}).values()
    return {name for part in command.params for name in part.opts}.union(*(options_of(each) for each in inner))


@pytest.mark.parametrize("page", [page for page in PAGES if page != "CHANGELOG.md"])
def test_commands_are_there_with_the_options_that_are_named(page: str) -> None:
    text = words(page)
    spoken = [*FENCED.findall(text), *(f"{code} " for code in re.findall(r"`([^`]+)`", FENCED.sub("", text)))]
    for name, rest in (found for piece in spoken for found in COMMAND.findall(piece)):
        assert name in commands(), f"{page} names `convene {name}`, which is not there"
        for option in re.findall(r"(--[a-z-]+|(?<=[\s\[])-\w\b)", rest.partition("convene ")[0]):
            assert option in options_of(commands()[name]), f"{page} names {option} of `convene {name}`, which is not there"


def test_every_command_is_told_on_a_page() -> None:
    told = "\n".join(map(words, PAGES))
    assert [name for name in commands() if f"convene {name}" not in told] == []


def test_the_list_of_changes_has_its_form() -> None:
    _, *versions = re.split(r"^## ", words("CHANGELOG.md"), flags=re.MULTILINE)
    assert versions[0].startswith("[Unreleased]\n")
    for version in versions:
        assert re.match(r"\[(Unreleased|\d+\.\d+\.\d+)\]( - \d{4}-\d\d-\d\d)?\n", version), version[:40]
        _, *kinds = re.split(r"^### ", version, flags=re.MULTILINE)
        titles = [kind.partition("\n")[0] for kind in kinds]
        assert set(titles) <= set(KINDS_OF_CHANGES)
        assert len(titles) == len(set(titles))
        for kind in kinds:
            lines = [line for line in kind.splitlines()[1:] if line]
            assert all(line.startswith(("- ", "  ")) for line in lines), [line for line in lines if not line.startswith(("- ", "  "))]
            assert [line for line in lines if lines.count(line) > 1] == []
