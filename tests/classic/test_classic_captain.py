"""CaptainAgent: an agent that has groups of experts put together while it works, and answers by what they found out."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
from model_server import Call, InTurn
from outlines import agent, outline, written

from studio.classic import UserProxyAgent
from studio.classic.agentchat.contrib.captainagent import CaptainAgent
from studio.classic.model_configs import ConfigUnusable
from studio.engine.events import TeamOutlined
from studio.engine.tools.expert_team import NAME

DESIGN, LEADS, SIGNATURES = "You design teams", "You lead a group of experts", Path(__file__).parent.parent / "data" / "signatures"


def asking(group: str, task: str, people: str = "") -> Call:
    return Call(NAME, {"group_name": group, "building_task": people, "execution_task": task})


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def settings(model_server):
    return {"config_list": [{"model": "m", "base_url": model_server.base_url, "api_key": "sk-canary-0123456789"}], "cache_seed": None}


def talk(settings, **more):
    nested = {"autobuild_build_config": {"coding": False}, "group_chat_config": {"max_round": 8}}
    captain = CaptainAgent("captain", llm_config=settings, nested_config=nested, **more)
    person = UserProxyAgent("person", human_input_mode="NEVER", code_execution_config=False, max_consecutive_auto_reply=0)
    return captain, person.initiate_chat(captain, message="How high is the tower?", max_turns=1)


def script(model_server, *captain, experts="It is 96 m high. TERMINATE"):
    model_server.script({DESIGN: written(outline(agent("surveyor"))), LEADS: InTurn(*captain), "You are surveyor": experts, "*": "96 m."})


def test_a_group_is_put_together_within_the_chat_and_its_summary_is_told(model_server, settings):
    script(model_server, asking("towers", "Measure it.", "- a surveyor"), "The tower is 96 m high. TERMINATE")
    captain, result = talk(settings)
    assert result.chat_history[-1]["content"] == "96 m."
    (made,) = [event for event in result.events if isinstance(event, TeamOutlined)]
    assert [each["name"] for each in made.outline["agents"]] == ["surveyor"]
    assert made.usage.calls == 1
    told = [each for each in captain.executor.chat_messages[captain.assistant] if each.get("role") == "tool"]
    assert "What the group towers came to" in told[0]["content"]
    asked = [each.body["messages"] for each in model_server.asked() if "You are surveyor" in str(each.body["messages"][0]["content"])]
    assert "How high is the tower?" in str(asked[0])
    assert "Measure it." in str(asked[0])


def test_a_group_of_the_same_name_is_not_put_together_again(model_server, settings):
    script(model_server, asking("towers", "Measure it."), asking("towers", "Check it."), "Checked. TERMINATE")
    captain, result = talk(settings)
    assert sum(isinstance(event, TeamOutlined) for event in result.events) == 1
    assert list(captain.executor.build_history) == ["towers"]


def test_experts_come_from_a_library_and_may_call_functions(model_server, settings):
    library = json.dumps([{"name": "surveyor", "system_message": "You are surveyor of the crown.", "description": "Measures towers."}])
    chosen = json.dumps({"agents": ["surveyor"], "missing": [], "code": False})
    called: list[str] = []

    def measure(what: str) -> str:
        """Measure something."""
        called.append(what)
        return "96 m"

    model_server.script(
        {
            "You put a team together": chosen,
            LEADS: InTurn(asking("towers", "Measure it."), "Done. TERMINATE"),
            "surveyor of the crown": InTurn(Call("measure", {"what": "the tower"}), "96 m. TERMINATE"),
            "*": "96 m.",
        }
    )
    talk(settings, agent_lib=library, tool_lib=[measure])
    assert called == ["the tower"]


def test_what_cannot_be_had_is_said_before_anything_begins(settings):
    with pytest.raises(ConfigUnusable, match="downloaded"):
        CaptainAgent("captain", llm_config=settings, tool_lib="default")
    with pytest.raises(ConfigUnusable, match="no llm_config"):
        CaptainAgent("captain", llm_config=False)


def test_what_went_wrong_with_a_group_is_told_to_the_captain(model_server, settings):
    model_server.script({DESIGN: "no team", LEADS: InTurn(asking("towers", "Measure it."), "Then not. TERMINATE"), "*": "Nothing."})
    captain, _ = talk(settings)
    told = [each for each in captain.executor.chat_messages[captain.assistant] if each.get("role") == "tool"]
    assert "no answer was a team" in told[0]["content"]


def test_code_of_experts_runs_in_docker_unless_the_script_says_otherwise(settings):
    captain = CaptainAgent("captain", llm_config=settings)
    assert captain.executor._config["autobuild_build_config"]["code_execution_config"]["use_docker"] is True
    assert CaptainAgent.DEFAULT_NESTED_CONFIG["autobuild_init_config"] == {}


def test_it_takes_the_arguments_of_ag2():
    signatures = json.loads((SIGNATURES / "ag2-0.9.json").read_text("utf-8"))
    wanted = [name for name, *_ in signatures["autogen.agentchat.contrib.captainagent.CaptainAgent"]["takes"]]
    own = list(inspect.signature(CaptainAgent.__init__).parameters)[1:]
    assert own[:-1] == wanted[: len(own) - 1]
