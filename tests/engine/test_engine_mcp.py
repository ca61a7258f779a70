"""MCP servers within a conversation: what they tell their agents, and what they ask of their models."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from conversation import SpokenModel, Typed, calling, environment

from studio.engine.agents.assistant import Assistant
from studio.engine.events import Noticed, ToolFinished
from studio.engine.fold import fold
from studio.engine.models.base import ModelRequest
from studio.engine.script import Answer, run
from studio.engine.teams.team import Team
from studio.engine.tools.mcp import McpServer
from studio.engine.tools.mcp_transport import Stdio

STDIO = Stdio(command=sys.executable, args=(str(Path(__file__).parent / "tools" / "mcp_test_server.py"), "stdio"))


async def test_a_conversation_hears_a_servers_prompt_and_counts_what_it_asks(tmp_path: Path) -> None:
    heard: list[ModelRequest] = []

    def say(request: ModelRequest) -> Any:
        heard.append(request)
        if request.system == "You shorten texts.":
            return "Short."
        calls = [("shorten", '{"text": "one"}'), ("shorten", '{"text": "two"}')]
        return calling(*calls) if len(heard) == 1 else "All is said."

    shop = McpServer(transport=STDIO, prompt="greeting", prompt_arguments={"name": "Ada"}, model_calls=1)
    ann = Assistant(name="ann", system_message="You are ann.", model=SpokenModel(say=say), tools=(shop,))
    people = Typed(Answer("", True))
    result = await run(Team(participants=(ann,), max_turns=1), "Go.", people=people, environment=environment(tmp_path))
    assert result.status == "done"
    assert "1 times in a run" in people.asked[0].details
    assert heard[0].system == "You are ann.\n\nGreet Ada warmly."
    assert [event.text for event in result.events if isinstance(event, Noticed)] == ["A tool asked the model of ann."]
    outputs = sorted(event.output for event in result.events if isinstance(event, ToolFinished))
    assert outputs[0] == "Shorter: Short."
    assert "may be asked 1 times in a run" in outputs[1]
    assert result.usage.calls == 3
    assert fold(Team(participants=(ann,), max_turns=1), result.events).models_asked == {shop.key: 1}
