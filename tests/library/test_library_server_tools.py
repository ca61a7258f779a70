"""Looking at the tools of a drawn MCP server: only what was agreed to is started, and it is ended again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from studio.engine.models.accounts import EnvironmentAccounts
from studio.library.server_tools import look, what_starts

PROGRAM = str(Path(__file__).parents[1] / "engine" / "tools" / "mcp_test_server.py")
SHOP: dict[str, Any] = {
    "transport": {"kind": "stdio", "command": sys.executable, "args": [PROGRAM, "stdio"]},
    "allow": ["add"],
    "prefix": "shop_",
    "prompt": "no longer there",
    "model_calls": 3,
}
NOBODY = EnvironmentAccounts({})


async def test_the_tools_of_a_server_are_listed_once_a_person_agreed() -> None:
    agreed = what_starts(SHOP)
    assert f"{sys.executable} {PROGRAM} stdio" in agreed
    found = await look(SHOP, agreed, NOBODY)
    assert found.ok
    assert ("add", "Add two numbers.") in found.tools
    assert found.prompts == (("greeting", "How to greet.", ("name",)),)
    assert "odd_name_of_tool" in dict(found.tools), "all of them, under the names that the allow list takes"


async def test_what_changed_since_the_yes_is_not_started(tmp_path: Path) -> None:
    victim = tmp_path / "started"
    other = {"transport": {"kind": "stdio", "command": "touch", "args": [str(victim)]}}
    found = await look(other, what_starts(SHOP), NOBODY)
    assert not found.ok
    assert found.remedy
    assert not victim.exists()


async def test_a_server_that_cannot_be_asked_says_why() -> None:
    for config, words in (
        ({"transport": {"kind": "stdio", "command": "no-such-program-anywhere"}}, "no such program"),
        ({"transport": {"kind": "streamable_http", "url": "http://127.0.0.1:9/mcp"}}, "127.0.0.1:9"),
    ):
        found = await look(config, what_starts(config), NOBODY)
        assert not found.ok
        assert words in found.text


async def test_a_server_that_is_not_filled_in_starts_nothing() -> None:
    for config in ({}, {"transport": {"kind": "sse"}}, {"transport": {"kind": "martian"}}, {"transport": 5}, {"martian": 1}):
        assert what_starts(config) == ""
        assert not (await look(config, "", NOBODY)).ok


async def test_a_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    config = {"transport": {"kind": "stdio", "command": sys.executable, "args": ["-c", "import time; time.sleep(60)"]}}
    found = await look(config, what_starts(config), NOBODY, patience=1.0)
    assert (found.ok, "1 seconds" in found.text) == (False, True)
