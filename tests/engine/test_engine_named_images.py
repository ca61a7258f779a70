"""Images that texts name reach the model of an assistant that is to see them, and of nobody else."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

import pytest
from asking import OneAccount
from model_server import ModelServer

from studio.engine import Assistant, MaxMessages, OpenAIModel, Team
from studio.engine.advance import Environment
from studio.engine.events import YOU, MessageSaid
from studio.engine.models.named_images import with_named_images
from studio.engine.script import run

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
ADDRESS = "https://example.org/plan.png?size=2"


def named(text: str) -> MessageSaid:
    return with_named_images(MessageSaid(source=YOU, text=text))


async def asked_with(model_server: ModelServer, folder: Path, sees: bool, task: str) -> Any:
    """The last message by which a model was asked."""
    model_server.script({"*": "I see."})
    place = Environment(OneAccount(model_server.base_url), folder)
    eye = Assistant(name="eye", named_images=sees)
    await run(
        Team(participants=[eye], stop=MaxMessages(max_messages=1), model=OpenAIModel(model="test-model", account="lab")),
        task,
        environment=place,
    )
    return model_server.requests[-1].messages[-1]["content"]


async def test_a_named_image_is_a_part_of_what_the_model_is_asked(model_server: ModelServer, tmp_path: Path) -> None:
    parts = await asked_with(model_server, tmp_path, True, f"What is on <img {ADDRESS}> and <img data:image/png;base64,{DOT}>?")
    assert [part["image_url"]["url"] for part in parts if part["type"] == "image_url"] == [ADDRESS, f"data:image/png;base64,{DOT}"]
    assert "<img" not in parts[0]["text"]


async def test_for_an_assistant_that_is_not_to_see_them_it_stays_text(model_server: ModelServer, tmp_path: Path) -> None:
    assert f"<img {ADDRESS}>" in await asked_with(model_server, tmp_path, False, f"What is on <img {ADDRESS}>?")


@pytest.mark.parametrize("text", [f"<img src='{ADDRESS}'>", f"<img {ADDRESS} />", f'a <img "{ADDRESS}"> b'])
def test_an_image_is_named_in_several_ways(text: str) -> None:
    (image,) = named(text).attachments
    assert (image.url, image.name) == (ADDRESS, "plan.png")


def test_base64_is_an_image_where_it_begins_like_one() -> None:
    content = base64.b64encode(base64.b64decode(DOT) + b"\0" * 30).decode()
    assert [image.media_type for image in named(f"<img {content}>").attachments] == ["image/png"]


@pytest.mark.parametrize(
    "source", ["plan.png", "/etc/passwd", "file:///etc/passwd", "ftp://a/b.png", "A" * 200, "data:text/html;base64,AAAA", ""]
)
def test_what_is_no_image_stays_text(source: str) -> None:
    said = named(f"Look: <img {source}>")
    assert (said.text, said.attachments) == (f"Look: <img {source}>", ())


def test_no_more_images_are_taken_than_a_message_holds_and_the_others_stay_text() -> None:
    said = named(f"<img {ADDRESS}>" * 50)
    assert len(said.attachments) + said.text.count("<img") == 50
    assert 0 < len(said.attachments) < 50


def test_texts_that_never_close_a_tag_are_looked_through_once() -> None:
    began = time.perf_counter()
    named("<img " * 20_000 + " " * 100_000)
    assert time.perf_counter() - began < 5
