"""AutoGen's agents over OpenAI's assistants and responses: the chat of the model, and tools of this side."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
from model_server import Call, ModelServer, Seen
from openai import AsyncOpenAI

from studio.engine.agentchat.core import CancellationToken
from studio.engine.agentchat.ext.agents.openai import OpenAIAgent, OpenAIAssistantAgent
from studio.engine.agentchat.messages import TextMessage

SIGNATURES = json.loads((Path(__file__).parent.parent / "data" / "signatures" / "autogen-0.7.json").read_text("utf-8"))


def client(server: ModelServer) -> AsyncOpenAI:
    return AsyncOpenAI(api_key="sk-test-1234", base_url=server.base_url)


async def opening_hours(day: str) -> str:
    """When the library opens on a day."""
    return f"9 on {day}"


async def test_an_assistant_calls_functions_and_answers_in_words(model_server: ModelServer) -> None:
    model_server.script({"*": [Call("opening_hours", {"day": "Monday"}), "At nine."]})
    helper = OpenAIAssistantAgent(
        "helper", "Helps.", client(model_server), "gpt-4o-mini", "You help.", tools=[opening_hours], temperature=0
    )
    result = await helper.run(task="When?")
    assert isinstance(result.messages[-1], TextMessage)
    assert result.messages[-1].content == "At nine."
    first = model_server.asked()[0]
    assert first.body["model"] == "gpt-4o-mini"
    assert first.body["temperature"] == 0
    assert first.body["messages"][0]["content"] == "You help."


async def test_files_that_are_uploaded_are_searched_until_they_are_deleted(model_server: ModelServer, tmp_path: Path) -> None:
    (tmp_path / "hours.md").write_text("# Hours\n\nThe library opens at nine.")
    heard: list[str] = []

    def say(seen: Seen) -> object:
        results = [message["content"] for message in seen.body["messages"] if message["role"] == "tool"]
        heard.extend(results)
        return "Done." if results else Call("search_documents", {"query": "when does the library open"})

    model_server.script({"*": say})
    helper = OpenAIAssistantAgent("helper", "Helps.", client(model_server), "m", "You help.", tools=["file_search"])
    await helper.on_upload_for_file_search(str(tmp_path / "hours.md"))
    await helper.run(task="When?")
    assert "opens at nine" in heard[0]
    heard.clear()
    await helper.delete_vector_store()
    await helper.on_reset(CancellationToken())
    await helper.run(task="When?")
    assert "no documents" in heard[0]


async def test_what_is_uploaded_for_code_is_named_and_code_runs_in_docker(model_server: ModelServer, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b")
    helper = OpenAIAssistantAgent("helper", "Helps.", client(model_server), "m", "You help.", tools=["code_interpreter"])
    await helper.on_upload_for_code_interpreter([str(tmp_path / "data.csv")])
    (shell,) = helper._tools
    assert shell.files == (str(tmp_path / "data.csv"),)
    assert shell.executor.kind == "docker"
    with pytest.raises(FileNotFoundError):
        await helper.on_upload_for_code_interpreter(str(tmp_path / "missing.csv"))
    await helper.delete_uploaded_files()
    assert helper._tools[0].files == ()


async def test_an_agent_of_the_responses_api_chats(model_server: ModelServer) -> None:
    model_server.script({"*": '{"answer": 1}'})
    tools = ["web_search_preview", {"type": "file_search", "vector_store_ids": ["vs"]}]
    agent = OpenAIAgent("scout", "Looks.", client(model_server), "m", "You look.", tools=tools, max_output_tokens=70, json_mode=True)
    result = await agent.run(task="Look.")
    assert isinstance(result.messages[-1], TextMessage)
    body = model_server.asked()[0].body
    assert body["response_format"] == {"type": "json_object"}
    assert 70 in (body.get("max_tokens"), body.get("max_completion_tokens"))
    assert [each["function"]["name"] for each in body["tools"]] == ["web_search", "search_documents"]


def test_what_is_gone_is_said(model_server: ModelServer) -> None:
    with pytest.warns(UserWarning, match="asst_1"):
        OpenAIAssistantAgent("helper", "Helps.", client(model_server), "m", "You help.", assistant_id="asst_1")
    with pytest.raises(ValueError, match="image_generation"):
        OpenAIAgent("scout", "Looks.", client(model_server), "m", "You look.", tools=["image_generation"])


@pytest.mark.parametrize("own", [OpenAIAgent, OpenAIAssistantAgent])
def test_they_take_the_arguments_of_autogen(own: type) -> None:
    wanted = [name for name, *_ in SIGNATURES[f"autogen_ext.agents.openai.{own.__name__}"]["takes"]]
    assert [name for name in inspect.signature(own).parameters if name != "options"] == wanted
