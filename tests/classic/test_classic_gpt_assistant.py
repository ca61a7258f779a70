"""GPTAssistantAgent: what OpenAI's assistants did, over the chat of a model and tools of this machine."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
from model_server import Call

from studio.classic import UserProxyAgent
from studio.classic.agentchat.contrib.gpt_assistant_agent import GPTAssistantAgent
from studio.classic.model_configs import ConfigUnusable
from studio.engine.events import ToolFinished, ToolsCalled

SIGNATURES = Path(__file__).parent.parent / "data" / "signatures"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def settings(model_server):
    return {"config_list": [{"model": "m", "base_url": model_server.base_url, "api_key": "sk-canary-0123456789"}], "cache_seed": None}


def ask(assistant, message="Go"):
    person = UserProxyAgent("person", human_input_mode="NEVER", code_execution_config=False, max_consecutive_auto_reply=0)
    return person.initiate_chat(assistant, message=message, max_turns=1)


WEATHER = {
    "name": "weather",
    "description": "The weather of a town.",
    "parameters": {"type": "object", "properties": {"town": {"type": "string"}}},
}


def test_functions_that_are_registered_are_called_within_its_turn(model_server, settings):
    model_server.script(
        {"*": lambda seen: "It rains." if any(m["role"] == "tool" for m in seen.body["messages"]) else Call("weather", {"town": "Ulm"})}
    )
    assistant = GPTAssistantAgent(
        "helper", "You tell the weather.", settings, {"tools": [{"type": "function", "function": WEATHER}]}, overwrite_instructions=True
    )
    assistant.register_function({"weather": lambda town: f"rain in {town}"})
    result = ask(assistant)
    assert [each["content"] for each in result.chat_history] == ["Go", "It rains."]
    assert model_server.asked()[0].body["messages"][0]["content"] == "You tell the weather."
    assert [event.output for event in result.events if isinstance(event, ToolFinished)] == ["rain in Ulm"]
    (called,) = [event for event in result.events if isinstance(event, ToolsCalled)]
    assert called.usage.calls == 1
    assert len(model_server.asked()) == 2


async def test_it_answers_in_async_chats_as_well(model_server, settings):
    model_server.script(
        {"*": lambda seen: "It rains." if any(m["role"] == "tool" for m in seen.body["messages"]) else Call("weather", {"town": "Ulm"})}
    )
    assistant = GPTAssistantAgent("helper", "You tell the weather.", settings, {"tools": [{"type": "function", "function": WEATHER}]})

    async def weather(town: str) -> str:
        return f"rain in {town}"

    assistant.register_function({"weather": weather})
    person = UserProxyAgent("person", human_input_mode="NEVER", code_execution_config=False, max_consecutive_auto_reply=0)
    result = await person.a_initiate_chat(assistant, message="Go", max_turns=1)
    assert result.chat_history[-1]["content"] == "It rains."


def test_files_of_the_folder_are_searched_where_ids_of_files_stood(model_server, settings, tmp_path):
    (tmp_path / "hours.md").write_text("# Hours\n\nThe library opens at nine.")
    found: list[str] = []

    def say(seen):
        results = [m["content"] for m in seen.body["messages"] if m["role"] == "tool"]
        found.extend(results)
        return "At nine." if results else Call("search_documents", {"query": "when does the library open"})

    model_server.script({"*": say})
    assistant = GPTAssistantAgent("helper", "You know the hours.", settings, {"tools": [{"type": "retrieval"}], "file_ids": ["hours.md"]})
    assert ask(assistant).chat_history[-1]["content"] == "At nine."
    assert "opens at nine" in found[0]


def test_what_openai_kept_is_said_to_be_gone(settings):
    with pytest.warns(UserWarning, match="asst_1 is gone"):
        assistant = GPTAssistantAgent("helper", llm_config={**settings, "assistant_id": "asst_1", "check_every_ms": 100})
    assert assistant.assistant_id == "asst_1"
    assert "check_every_ms" not in assistant.llm_config
    with pytest.warns(UserWarning, match="(file-1|secret.md) no longer"):
        GPTAssistantAgent("helper", "x", settings, {"tools": [{"type": "file_search"}], "file_ids": ["file-1", "../secret.md"]})


def test_code_is_offered_and_nothing_is_started_by_it(settings):
    assistant = GPTAssistantAgent("helper", "You compute.", settings, {"tools": [{"type": "code_interpreter"}]})
    assert [each["function"]["name"] for each in assistant.llm_config["tools"]] == ["code_interpreter"]
    assert assistant.workshop.sessions == {}


def test_what_cannot_be_had_is_said_at_once(settings):
    with pytest.raises(ConfigUnusable, match="no llm_config"):
        GPTAssistantAgent("helper", llm_config=False)
    with pytest.raises(ConfigUnusable, match="no tool of the type"):
        GPTAssistantAgent("helper", "x", settings, {"tools": [{"type": "telepathy"}]})


@pytest.mark.parametrize("package", ["autogen-0.2", "ag2-0.9"])
def test_it_takes_the_arguments_of_autogen(package):
    signatures = json.loads((SIGNATURES / f"{package}.json").read_text("utf-8"))
    wanted = [name for name, *_ in signatures["autogen.agentchat.contrib.gpt_assistant_agent.GPTAssistantAgent"]["takes"]]
    own = list(inspect.signature(GPTAssistantAgent.__init__).parameters)[1:-1]
    assert own == wanted[: len(own)]
