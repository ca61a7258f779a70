"""Images and files in messages, written for servers that take them and for those that do not."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from asking import OneAccount, ask
from model_server import Fault, ModelServer
from pydantic import ValidationError

from studio.engine.agents.agent import Turn
from studio.engine.agents.assistant import Assistant
from studio.engine.events import LARGEST_ATTACHMENT, MOST_ATTACHMENTS, YOU, Attachment, MessageSaid
from studio.engine.models.attachments import AttachmentUnreadable, attached
from studio.engine.models.base import ModelRequest, Told
from studio.engine.models.normalise import Perspective
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.quirks import Quirks
from studio.engine.stored_events import event_from_json, event_to_json
from studio.engine.tools.video import Video

PIXEL = base64.b64encode(b"\x89PNG\r\n").decode()
PHOTO = Attachment(name="photo.png", media_type="image/png", data=PIXEL)
PAPER = Attachment(name="paper.pdf", media_type="application/pdf", data=PIXEL)
TABLE = Attachment(name="table.csv", media_type="text/csv", data=base64.b64encode("a,ä\n```\n".encode()).decode())


def said(*attachments: Attachment, source: str = YOU, text: str = "Look.") -> MessageSaid:
    return MessageSaid(source=source, text=text, attachments=attachments)


def written(quirks: Quirks, *messages: MessageSaid, system: str = "") -> list[dict[str, Any]]:
    perspective = Perspective("ann", quirks)
    perspective.follow(messages)
    return perspective.messages(system)


def test_images_files_and_texts_become_parts_of_the_message():
    (message,) = written(Quirks(), said(PHOTO, PAPER, TABLE))
    assert message["content"] == [
        {"type": "text", "text": "Look."},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
        {"type": "file", "file": {"filename": "paper.pdf", "file_data": f"data:application/pdf;base64,{PIXEL}"}},
        {"type": "text", "text": "File table.csv:\n````\na,ä\n```\n\n````"},
    ]


def test_a_server_without_images_and_files_reads_words_in_their_place_and_a_person_is_told():
    perspective = Perspective("ann", Quirks(images=False, files=False))
    perspective.follow([said(PHOTO, PAPER)])
    (message,) = perspective.messages()
    assert message["content"] == (
        "Look.\n\n[The image photo.png was left out: the model takes no images.]"
        "\n\n[The file paper.pdf was left out: the model takes no such files.]"
    )
    assert perspective.left_out == [
        "The image photo.png is left out: the model takes no images.",
        "The file paper.pdf is left out: the model takes no such files.",
    ]


FILM = Attachment(name="film.mp4", media_type="video/mp4", data=PIXEL)


@pytest.mark.parametrize("files", [True, False], ids=["files", "no files"])
def test_a_file_that_tools_read_is_named_instead_of_being_told_as_left_out(files: bool):
    perspective = Perspective("ann", Quirks(files=files), reads=("video/",))
    perspective.follow([said(FILM)])
    (message,) = perspective.messages()
    assert message["content"] == "Look.\n\n[The file film.mp4 is in this conversation's folder. Your tools can read it.]"
    assert perspective.left_out == []


async def test_an_agent_with_a_video_tool_is_told_of_the_film_and_a_person_of_nothing(model_server: ModelServer):
    model_server.script({"*": "I look."})
    model = OpenAIModel(account="lab", model="m")
    for tools, told in (((), True), ((Video(),), False)):
        agent = Assistant(name="ann", model=model, tools=tools)
        request = agent.next_step(Turn(0, (said(FILM),), [], model, ("ann",))).request
        client = model.connect(OneAccount(model_server.base_url))
        asked = await ask(client, request)
        await client.close()
        assert any(isinstance(piece, Told) for piece in asked.pieces) is told


def test_images_survive_merging_a_system_text_and_a_neighbour():
    quirks = Quirks(system="user", alternating=True)
    (message,) = written(quirks, said(PHOTO), said(text="Well?"), system="You are ann.")
    assert message["content"] == [
        {"type": "text", "text": "You are ann.\n\nLook."},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
        {"type": "text", "text": "Well?"},
    ]


def test_my_own_attachments_are_named_only():
    assert written(Quirks(), said(PHOTO, source="ann"))[0] == {"role": "assistant", "content": "Look.\n[attached: photo.png]"}


def test_more_than_a_conversation_may_send_is_left_out():
    large = Attachment(name="large.png", media_type="image/png", data="A" * LARGEST_ATTACHMENT)
    perspective = Perspective("ann", Quirks())
    perspective.follow([said(large, large, large), said(large, large, large)])
    assert len(perspective.left_out) == 1
    assert perspective.attached == 5 * LARGEST_ATTACHMENT


def test_an_attachment_is_bounded_and_is_base64():
    with pytest.raises(ValidationError):
        Attachment(name="x", data="A" * (LARGEST_ATTACHMENT + 1))
    with pytest.raises(ValidationError):
        Attachment(name="x", data="not base64!")
    with pytest.raises(ValidationError):
        Attachment(name="x", media_type="image/png;base64,x", data="")
    with pytest.raises(ValidationError):
        said(*([PHOTO] * (MOST_ATTACHMENTS + 1)))


def test_a_message_with_attachments_goes_through_the_log_and_one_without_has_no_such_field():
    assert event_from_json(event_to_json(said(PHOTO))).attachments == (PHOTO,)
    assert "attachments" not in event_to_json(said())


def test_a_file_is_read_once_and_known_by_its_name(tmp_path: Path):
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n")
    assert attached(tmp_path / "photo.png") == PHOTO
    with pytest.raises(AttachmentUnreadable, match=r"nothing\.png cannot be attached: No such file"):
        attached(tmp_path / "nothing.png")
    with (tmp_path / "huge.bin").open("wb") as file:
        file.truncate(LARGEST_ATTACHMENT)
    with pytest.raises(AttachmentUnreadable, match="larger than 6,000,000 bytes"):
        attached(tmp_path / "huge.bin")


async def test_a_server_that_refuses_images_is_asked_without_them_and_that_is_told_once(model_server: ModelServer):
    def blind(seen: Any) -> Any:
        if any(isinstance(message["content"], list) for message in seen.messages):
            return Fault("status", 400, "this model does not support image input")
        return "I see nothing."

    model_server.reply = blind
    client = OpenAIModel(model="m", account="lab", retries=0).connect(OneAccount(model_server.base_url))
    request = ModelRequest(agent="ann", thread=(said(PHOTO),))
    told = []
    for _ in range(2):
        asked = await ask(client, request)
        told += [piece.code for piece in asked.pieces if isinstance(piece, Told)]
    assert told == ["left_out"]
    assert len(model_server.asked()) == 3
    await client.close()


async def test_base64_is_not_reckoned_as_text(model_server: ModelServer):
    model_server.sends_usage = False
    model_server.script({"*": ["ok"]})
    client = OpenAIModel(model="m", account="lab").connect(OneAccount(model_server.base_url))
    large = Attachment(name="large.png", media_type="image/png", data="A" * 400_000)
    usage = (await ask(client, ModelRequest(agent="ann", thread=(said(large),)))).reply.usage
    assert usage.prompt_tokens < 200
    await client.close()
