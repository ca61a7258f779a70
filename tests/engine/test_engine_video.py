"""An agent that looks at a video: its own model says what a picture shows, and what is heard is counted."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from asking import OneAccount
from conversation import SpokenModel, calling, environment
from films import colour, film
from scripted_server import Asked, Write, reply, scripted

from studio.engine.advance import Environment
from studio.engine.agents.assistant import Assistant
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.events import MessageSaid, Noticed, ToolFinished
from studio.engine.models.base import ModelReply, ModelRequest
from studio.engine.models.prices import Price, Prices
from studio.engine.script import Result, run
from studio.engine.teams.team import Team
from studio.engine.tools.video import Video


async def looked(place: Environment, call: ModelReply, looked_at: list[MessageSaid] | None = None, **tool: Any) -> Result:
    def say(request: ModelRequest) -> Any:
        last = request.thread[-1]
        if isinstance(last, MessageSaid) and last.attachments:
            (looked_at if looked_at is not None else []).append(last)
            return "All green."
        return "done" if any(isinstance(each, ToolFinished) for each in request.thread) else call

    viewer = Assistant(name="viewer", model=SpokenModel(say=say), tools=(Video(**tool),))
    return await run(Team(participants=(viewer,), stop=MaxTurns(max_turns=1)), "What is it?", environment=place)


async def test_the_agents_own_model_says_what_a_picture_shows(tmp_path: Path) -> None:
    film(tmp_path / "film.mp4")
    seen: list[MessageSaid] = []
    call = calling(("transcribe_video_screenshot", '{"video_path": "film.mp4", "timestamp": 1.5}'))
    result = await looked(environment(tmp_path), call, seen)
    assert [event.output for event in result.events if isinstance(event, ToolFinished)] == ["All green."]
    assert [colour(base64.b64decode(each.attachments[0].data)) for each in seen] == ["green"]
    assert [event.code.split(":")[0] for event in result.events if isinstance(event, Noticed)] == ["model_asked"]


async def test_pictures_stand_in_the_log_and_what_is_heard_is_counted_but_is_no_answer_of_the_agent(tmp_path: Path) -> None:
    film(tmp_path / "film.mp4")

    async def heard(asked: Asked, write: Write) -> None:
        told = {"text": "Red.", "usage": {"type": "tokens", "input_tokens": 1_000_000, "output_tokens": 0}}
        await write(reply(json.dumps(told), content_type="application/json"))

    calls = calling(
        ("get_screenshot_at", '{"video_path": "film.mp4", "timestamps": [0.5]}'),
        ("transcribe_audio_with_timestamps", '{"audio_path": "film.mp4"}'),
    )
    async with scripted(heard) as server:
        prices = Prices({"whisper-1": Price(2.0, 0.0)})
        place = Environment(OneAccount(f"{server.url}/v1"), tmp_path, prices=prices)
        result = await looked(place, calls, account="lab")
    pictures, words = [event for event in result.events if isinstance(event, ToolFinished)]
    assert [colour(base64.b64decode(each.data)) for each in pictures.attachments] == ["red"]
    assert words.output.endswith("Red.")
    (notice,) = [event for event in result.events if isinstance(event, Noticed)]
    assert (notice.code, notice.usage.cost) == ("heard", 2.0)
    assert result.usage.cost == 2.0
    assert [said.text for said in result.messages] == ["What is it?", "done"]
