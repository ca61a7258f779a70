"""Images in the messages of scripts come over as far as a text can name them; nothing is fetched or opened."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from model_server import ModelServer

from studio.engine.advance import Environment
from studio.engine.events import MOST_ATTACHMENTS, YOU, MessageSaid
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.named_images import with_named_images
from studio.engine.models.prices import Prices
from studio.engine.script import run
from studio.flow.findings import Finding, Imported
from studio.flow.resolve import resolve
from studio.formats.autogen_python import write as autogen
from studio.formats.classic_python import write as classic
from studio.formats.convene_python.file import to_file
from studio.formats.recognise import read_bytes

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
CONTENT = f"data:image/png;base64,{DOT}"
ADDRESS = "https://example.org/plan.png?size=2"

TEAM = """\
import PIL.Image
import requests
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import MultiModalMessage, TextMessage
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core import Image
from autogen_ext.models.openai import OpenAIChatCompletionClient

model = OpenAIChatCompletionClient(model="gpt-5-mini")
eye = AssistantAgent("eye", model)
critic = AssistantAgent("critic", model)
team = RoundRobinGroupChat([eye, critic], max_turns=2)
picture = {picture}
team.run(task={task})
"""
TASK = 'MultiModalMessage(content=["What is here?", picture], source="user")'

PAIR = """\
from autogen import AssistantAgent, UserProxyAgent

eye = AssistantAgent("eye", llm_config={{"model": "gpt-5-mini"}})
me = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
me.initiate_chat(eye, message={{"content": [
    {{"type": "text", "text": "What is here?"}},
    {{"type": "image_url", "image_url": {address}}},
]}}, max_turns=1)
"""


def read(script: str) -> Imported:
    (imported,) = read_bytes(script.encode()).flows
    return imported


def team(picture: str, task: str = TASK) -> Imported:
    return read(TEAM.format(picture=picture, task=task))


def pair(address: str) -> Imported:
    return read(PAIR.format(address=address))


def of_images(imported: Imported) -> list[Finding]:
    return [each for each in imported.report.findings if each.code.startswith("image_")]


def lost(imported: Imported) -> list[str]:
    """What a report says of anything else that did not come over."""
    codes = ("call_left_out", "left_out", "kept", "unused", "beside_kept", "task_unknown", "value_unknown")
    return [each.text for each in imported.report.findings if each.code in codes]


def seeing(imported: Imported) -> list[str]:
    return [node.name for node in imported.document.nodes if node.config.get("named_images")]


def named(task: str) -> Sequence[str]:
    return [
        each.url or f"data:{each.media_type};base64,{each.data}"
        for each in with_named_images(MessageSaid(source=YOU, text=task)).attachments
    ]


@pytest.mark.parametrize(
    ("picture", "image", "told"),
    [
        (f'Image.from_uri("{CONTENT}")', CONTENT, ("exact", "image_content")),
        (f'Image.from_base64("{DOT}")', CONTENT, ("exact", "image_content")),
        (f'Image.from_base64("""{DOT[:40]}\n{DOT[40:]}""")', CONTENT, ("exact", "image_content")),
        (f'Image.from_uri("{ADDRESS}")', ADDRESS, ("approximated", "image_address")),
        (f'Image(PIL.Image.open(BytesIO(requests.get("{ADDRESS}").content)))', ADDRESS, ("approximated", "image_address")),
    ],
)
def test_images_of_agentchat_come_over_and_are_seen(picture: str, image: str, told: tuple[str, str]) -> None:
    imported = team(picture)
    (task,) = imported.document.sample_tasks
    assert task == f"What is here? <img {image}>"
    assert named(task) == [image]
    assert seeing(imported) == ["eye", "critic"]
    (found,) = of_images(imported)
    assert (found.level, found.code, found.place.line) == (*told, 16)
    assert {node.name for node in imported.document.nodes if node.id in found.nodes} == {"eye", "critic"}
    assert lost(imported) == []


@pytest.mark.parametrize(
    ("address", "image"),
    [(f'{{"url": "{ADDRESS}"}}', ADDRESS), (f'{{"url": "{CONTENT}", "detail": "high"}}', CONTENT), (f'"{ADDRESS}"', ADDRESS)],
)
def test_images_of_classic_messages_come_over_and_are_seen(address: str, image: str) -> None:
    imported = pair(address)
    (task,) = imported.document.sample_tasks
    assert task == f"What is here? <img {image}>"
    assert named(task) == [image]
    assert seeing(imported) == ["eye"]
    (found,) = of_images(imported)
    assert found.place.line == 7
    assert lost(imported) == []


@pytest.mark.parametrize(
    "picture",
    [
        'Image.from_file(Path("plan.png"))',
        'Image(PIL.Image.open("plan.png"))',
        'Image.from_pil(PIL.Image.open("plan.png"))',
        "Image.from_uri(f\"data:image/png;base64,{b64encode(open('plan.png', 'rb').read()).decode()}\")",
    ],
)
def test_a_file_stays_text_and_is_named_in_a_decision(picture: str) -> None:
    imported = team(picture)
    assert imported.document.sample_tasks == ("What is here? <img plan.png>",)
    assert seeing(imported) == []
    (found,) = of_images(imported)
    assert (found.level, found.text, found.place.line) == ("decision", "The image plan.png is a file, which was not opened.", 16)
    assert lost(imported) == []


def test_a_file_of_a_classic_message_stays_text_and_is_named_in_a_decision() -> None:
    imported = pair('{"url": "plans/plan.png"}')
    assert imported.document.sample_tasks == ("What is here? <img plans/plan.png>",)
    (found,) = of_images(imported)
    assert (found.level, found.text, found.place.line) == ("decision", "The image plans/plan.png is a file, which was not opened.", 7)


def test_a_file_whose_name_is_put_together_is_told_by_its_source() -> None:
    imported = team('Image.from_file(Path("plans") / "plan.png")')
    assert imported.document.sample_tasks == ("What is here?",)
    assert [each.text for each in of_images(imported)] == ['The image Path("plans") / "plan.png" is a file, which was not opened.']


@pytest.mark.parametrize(
    "picture", ["Image.from_uri(unheard_of())", 'Image.from_base64("AAAA")', "Image(requests.get(unheard_of()).content)"]
)
def test_an_image_that_only_a_run_would_tell_is_left_out_and_told(picture: str) -> None:
    imported = team(picture)
    assert imported.document.sample_tasks == ("What is here?",)
    assert seeing(imported) == []
    (found,) = of_images(imported)
    assert (found.level, found.code, found.place.line) == ("decision", "image_unknown", 16)
    assert picture in found.text


def test_an_image_that_does_not_fit_is_left_out_whole_and_told() -> None:
    imported = team(f'Image.from_uri("data:image/png;base64,{"A" * 30_000}")')
    assert imported.document.sample_tasks == ("What is here?",)
    assert [each.code for each in of_images(imported)] == ["image_large"]
    imported = team(f'Image.from_uri("{CONTENT}")', f'MultiModalMessage(content=["{"a" * 19_950}", picture], source="user")')
    assert imported.document.sample_tasks == ("a" * 19_950,)
    assert [each.code for each in of_images(imported)] == ["image_large"]


def test_no_more_images_come_over_than_a_message_holds() -> None:
    imported = team(f'Image.from_uri("{ADDRESS}")', 'MultiModalMessage(content=["Look", *[picture] * 20], source="user")')
    (task,) = imported.document.sample_tasks
    assert len(named(task)) == task.count("<img") == MOST_ATTACHMENTS
    assert {each.code for each in of_images(imported)} == {"image_address", "image_large"}


def test_messages_beside_the_image_and_lists_of_messages_keep_their_order() -> None:
    imported = team(f'Image.from_uri("{ADDRESS}")', f'[TextMessage(content="First", source="user"), {TASK}]')
    assert imported.document.sample_tasks == (f"First\n\nWhat is here? <img {ADDRESS}>",)


def test_images_of_later_chats_in_a_row_come_over_with_their_messages() -> None:
    begin = PAIR.partition("me.initiate_chat")[0].format()
    part = {"content": [{"type": "text", "text": "And here?"}, {"type": "image_url", "image_url": {"url": ADDRESS}}]}
    chats = f'[{{"recipient": eye, "message": "Hi", "max_turns": 1}}, {{"recipient": eye, "message": {part}, "max_turns": 1}}]'
    imported = read(f"{begin}me.initiate_chats({chats})\n")
    assert imported.document.sample_tasks == ("Hi",)
    assert f"And here? <img {ADDRESS}>" in [node.config.get("message") for node in imported.document.nodes]
    assert seeing(imported) == ["eye", "eye_2"]
    assert [each.place.line for each in of_images(imported)] == [5]


@pytest.mark.parametrize(
    "script", [TEAM.format(picture=f'Image.from_uri("{ADDRESS}")', task=TASK), PAIR.format(address=f'{{"url": "{ADDRESS}"}}')]
)
def test_images_of_notebooks_are_told_with_their_cell(script: str) -> None:
    first, second = script.split("\n\n", 1)
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in (first, second)]
    book = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    (imported,) = read_bytes(book.encode()).flows
    assert imported.document.sample_tasks == (f"What is here? <img {ADDRESS}>",)
    (found,) = of_images(imported)
    assert (found.code, str(found.place).partition(" · ")[2]) == ("image_address", "cell 2")


def test_flows_with_images_go_out_to_convene_as_they_are_and_to_classic_with_who_sees_them() -> None:
    document = team('Image.from_uri("https://a.org/b.png")').document
    assert read(to_file(document)).document == document
    assert document.sample_tasks == ("What is here? <img https://a.org/b.png>",)
    assert [finding.code for finding in classic.losses(document)] == ["lost_bare_word_ends"]
    assert seeing(read(classic.to_classic(document))) == ["eye", "critic"]
    assert [each.code for each in autogen.losses(document)] == ["lost_field", "lost_field"]


@pytest.mark.parametrize(
    "script", [TEAM.format(picture=f'Image.from_base64("{DOT}")', task=TASK), PAIR.format(address=f'{{"url": "{CONTENT}"}}')]
)
async def test_the_models_of_a_flow_that_came_in_are_shown_the_image(
    script: str, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("OPENAI_BASE_URL", model_server.base_url)
    model_server.script({"*": "A dot."})
    document = read(script).document
    place = Environment(EnvironmentAccounts(), tmp_path, prices=Prices())
    await run(resolve(document), document.sample_tasks[0], environment=place)
    assert model_server.requests
    for request in model_server.requests:
        parts = next(said["content"] for said in request.messages if isinstance(said["content"], list))
        assert [part["image_url"]["url"] for part in parts if part["type"] == "image_url"] == [CONTENT]


def test_no_file_is_opened_for_an_image(tmp_path: Path) -> None:
    pipe = tmp_path / "plan.png"
    os.mkfifo(pipe)
    # Whoever opened it would wait for ever.
    assert team(f'Image.from_file("{pipe}")').document.sample_tasks == (f"What is here? <img {pipe}>",)


def test_images_in_lists_within_lists_again_and_again_are_gone_through_once() -> None:
    began = time.perf_counter()
    many = "[[[[picture] * 100] * 100] * 100] * 100"
    team(f'Image.from_uri("{CONTENT}")', f'MultiModalMessage(content={many}, source="user")')
    assert time.perf_counter() - began < 5
