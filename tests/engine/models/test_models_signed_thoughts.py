"""Thoughts that a server signed: kept in the log with the calls that they led to, and shown to it again, also after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asking import OneAccount
from claude_server import SIGNATURE, ClaudeServer
from gemini_server import SIGNATURE as GEMINI_SIGNATURE
from gemini_server import GeminiServer
from model_server import Call, ModelServer, Said

from studio.engine.advance import Environment
from studio.engine.agents.assistant import Assistant
from studio.engine.events import ToolCall, ToolsCalled
from studio.engine.models.anthropic_model import AnthropicModel
from studio.engine.models.base import Model
from studio.engine.models.gemini_model import GeminiModel
from studio.engine.models.talks import LARGEST_SIGNED, with_signed
from studio.engine.script import resume, run
from studio.engine.stored_events import event_from_json, event_to_json
from studio.engine.teams.swarm import Swarm
from studio.engine.teams.team import Team

THOUGHT = {"type": "thinking", "thinking": "I think.", "signature": SIGNATURE}
ROUNDS = [Said("Let me see.", (Call("add", {"a": 1}), Call("add", {"a": 2})), "I think."), "Three."]


def add(a: int) -> int:
    """Add one."""
    return a + 1


async def twice(server: ModelServer, model: Model, folder: Path) -> tuple[list[Any], list[Any]]:
    """What the server was shown after the calls: in the same execution, and by another process that goes on from their results."""
    server.script({"*": ROUNDS})
    team = Team(participants=(Assistant(name="ann", model=model, tools=(add,)),), max_turns=1)  # type: ignore[arg-type]
    place = Environment(OneAccount(server.base_url), folder)
    result = await run(team, "Add.", environment=place)
    assert result.messages[-1].text == "Three."
    first = server.requests[-1].body
    stored = [event_from_json(event_to_json(event)) for event in result.events]
    last_result = max(event.seq for event in stored if event.type == "tool_result")  # type: ignore[union-attr]
    again = await resume(team, stored, up_to=last_result, environment=place)
    assert again.messages[-1].text == "Three."
    second = server.requests[-1].body
    return (first["messages"], second["messages"]) if "messages" in first else (first["contents"], second["contents"])


async def test_claude_is_shown_its_thoughts_again_while_it_uses_tools_and_after_a_restart(claude: ClaudeServer, tmp_path: Path) -> None:
    for shown in await twice(claude, AnthropicModel(model="claude", account="lab", effort="high"), tmp_path):
        assert [block["type"] for block in shown[1]["content"]] == ["thinking", "text", "tool_use", "tool_use"]
        assert shown[1]["content"][0] == THOUGHT
    assert "thinking" in claude.requests[-1].body


async def test_gemini_is_shown_its_signature_again_while_it_uses_tools_and_after_a_restart(gemini: GeminiServer, tmp_path: Path) -> None:
    for shown in await twice(gemini, GeminiModel(model="gemini-3-pro", account="lab"), tmp_path):
        assert [part.get("thoughtSignature") for part in shown[1]["parts"]] == [None, GEMINI_SIGNATURE, None]


async def test_a_hand_over_keeps_the_thoughts_that_led_to_it(claude: ClaudeServer, tmp_path: Path) -> None:
    claude.script(
        {"You are ann": [Said("", (Call("transfer_to_bob"),), "I think."), "Back again."], "You are bob": [Call("transfer_to_ann")]}
    )
    model = AnthropicModel(model="claude", account="lab", effort="high")
    ann = Assistant(name="ann", system_message="You are ann.", model=model, handoffs=("bob",))
    bob = Assistant(name="bob", system_message="You are bob.", model=model, handoffs=("ann",))
    team = Team(participants=(ann, bob), selection=Swarm(), max_turns=3)
    result = await run(team, "Go.", environment=Environment(OneAccount(claude.base_url), tmp_path))
    assert result.messages[-1].text == "Back again."
    body = claude.requests[-1].body
    assert body["messages"][1]["content"][0] == THOUGHT
    assert "thinking" in body


def test_what_nobody_signed_is_written_as_ever_and_what_is_too_large_is_not_kept() -> None:
    calls = (ToolCall(id="a", name="add"), ToolCall(id="b", name="add"))
    assert "signed" not in event_to_json(ToolsCalled(source="ann", calls=calls))
    assert with_signed(calls, [None, "s"], "gemini") == (calls[0], calls[1].model_copy(update={"signed": {"gemini": "s"}}))
    assert with_signed(calls, ["s" * LARGEST_SIGNED], "gemini") == calls
