"""Images that texts name reach the model of an agent that sees them, and of nobody else."""

from __future__ import annotations

import base64

import pytest

from studio.classic import ConversableAgent
from studio.classic.agentchat.contrib.multimodal_conversable_agent import MultimodalConversableAgent
from studio.classic.multimodal import content_of

DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
ADDRESS = "https://example.org/plan.png?size=2"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "dot.png").write_bytes(DOT)
    (tmp_path / "run" / "notes.txt").write_text("secret")
    (tmp_path / "outside.png").write_bytes(DOT)
    monkeypatch.chdir(tmp_path / "run")
    return tmp_path


def asked(model_server, message, agent):
    """The parts of the message by which a model was asked."""
    model_server.script({"*": "I see."})
    ConversableAgent("me", llm_config=False, human_input_mode="NEVER").initiate_chat(agent, message=message, max_turns=1)
    content = model_server.requests[-1].messages[-1]["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


def test_an_address_goes_to_the_model_as_an_address(model_server, config):
    eye = MultimodalConversableAgent("eye", llm_config=config, human_input_mode="NEVER")
    parts = asked(model_server, f"What is on <img {ADDRESS}> here?", eye)
    assert [part["image_url"]["url"] for part in parts if part["type"] == "image_url"] == [ADDRESS]
    words = " ".join(part["text"] for part in parts if part["type"] == "text")
    assert "<img" not in words
    assert "What is on" in words


def test_a_file_of_the_scripts_folder_goes_to_the_model_as_its_content(model_server, config, folder):
    eye = MultimodalConversableAgent("eye", llm_config=config, human_input_mode="NEVER")
    parts = asked(model_server, "Look: <img dot.png>", eye)
    (image,) = [part for part in parts if part["type"] == "image_url"]
    assert base64.b64decode(image["image_url"]["url"].partition(",")[2]) == DOT


def test_other_agents_see_the_text(model_server, config):
    plain = ConversableAgent("plain", llm_config=config, human_input_mode="NEVER")
    (part,) = asked(model_server, f"Look: <img {ADDRESS}>", plain)
    assert f"<img {ADDRESS}>" in part["text"]


def test_a_log_keeps_the_address_as_text(model_server, config):
    model_server.script({"*": "I see."})
    eye = MultimodalConversableAgent("eye", llm_config=config, human_input_mode="NEVER")
    result = ConversableAgent("me", llm_config=False).initiate_chat(eye, message=f"<img {ADDRESS}>", max_turns=1)
    assert all(not attachment.url for event in result.events for attachment in getattr(event, "attachments", ()))
    assert ADDRESS in str(result.events)


@pytest.mark.parametrize(
    "named",
    [
        "../outside.png",
        "/etc/hostname",
        "notes.txt",
        "missing.png",
        "file:///etc/passwd",
        "ftp://a/b.png",
        "x" * 5_000,
        "\0",
        ".",
        "A" * 200,
        "",
    ],
)
def test_what_is_no_image_of_the_folder_stays_text(folder, named):
    assert content_of(f"a <img {named}> b") == f"a <img {named}> b"


def test_links_do_not_lead_out_of_the_folder(folder):
    (folder / "run" / "link.png").symlink_to(folder / "outside.png")
    assert content_of("<img link.png>") == "<img link.png>"


def test_texts_and_images_keep_their_order(folder):
    content = content_of(f"one <img dot.png> two <img {ADDRESS}> three <img {base64.b64encode(DOT * 2).decode()}>")
    assert [part["text"] if part["type"] == "text" else "image" for part in content] == [
        "one ",
        "image",
        " two ",
        "image",
        " three ",
        "image",
    ]


def test_more_images_than_a_message_may_have_stay_text():
    content = content_of(" ".join(f"<img {ADDRESS}>" for _ in range(20)))
    assert sum(part["type"] == "image_url" for part in content) == 16
