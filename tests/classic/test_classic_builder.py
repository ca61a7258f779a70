"""AgentBuilder: a team that a model makes up for a task, or chooses from a library, and what a file of it may do."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
from model_server import Fault, InTurn
from outlines import agent, outline, written

from studio.classic import AgentBuilder, AssistantAgent, ConversableAgent, GroupChat, GroupChatManager
from studio.classic.agent_builder import NO_CODE, TERMINAL
from studio.classic.model_configs import ConfigUnusable
from studio.engine.errors import ModelError
from studio.engine.outlines.asking import NoOutline

DESIGN = "You design teams"
SIGNATURES = Path(__file__).parent.parent / "data" / "signatures"


@pytest.fixture
def builder(model_server, monkeypatch):
    """A builder whose list of models is in the environment, and whose model makes up a writer, a critic and who runs code."""
    entries = [
        {"model": "clever", "base_url": model_server.base_url, "api_key": "sk-canary-0123456789", "tags": ["builder"]},
        {"model": "quick", "base_url": model_server.base_url, "api_key": "sk-canary-0123456789", "tags": ["agent"]},
    ]
    monkeypatch.setenv("OAI_CONFIG_LIST", json.dumps(entries))
    model_server.script({DESIGN: written(outline(agent("writer"), agent("critic"), agent("runner", "code_runner"), ends="critic"))})
    return AgentBuilder(builder_model="clever", agent_model="quick")


LLM = {"temperature": 0, "cache_seed": None}


@pytest.fixture(autouse=True)
def no_answer_is_remembered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_task_becomes_agents_with_their_messages_and_who_runs_code_last(builder, model_server):
    agents, configs = builder.build("Write short texts.", LLM)
    assert [each.name for each in agents] == ["writer", "critic", TERMINAL]
    assert all(isinstance(each, AssistantAgent) for each in agents[:2])
    assert agents[0].system_message.startswith("You are writer. Do your part.")
    assert f"{TERMINAL} runs the Python and shell code" in agents[0].system_message
    assert agents[0].description == "writer at work"
    assert configs["coding"] is True
    assert configs["building_task"] == "Write short texts."
    assert configs["agent_configs"][0] | {"system_message": ""} == {
        "name": "writer",
        "model": ["quick"],
        "tags": [],
        "system_message": "",
        "description": "writer at work",
    }
    assert [each.body["model"] for each in model_server.asked()] == ["clever"]
    assert builder.builder_model.total_usage_summary["clever"]["completion_tokens"] > 0


def test_the_agents_talk_in_a_group_as_scripts_have_it(builder, model_server):
    agents, _ = builder.build("Write short texts.", LLM, coding=False)
    assert NO_CODE in model_server.asked()[0].system
    model_server.script({"You are writer": "A haiku.", "You are critic": "Good. TERMINATE", "You are in a role play": "critic"})
    group = GroupChat(agents=agents, messages=[], max_round=4, speaker_selection_method="round_robin")
    manager = GroupChatManager(groupchat=group, llm_config=False, is_termination_msg=lambda said: "TERMINATE" in (said["content"] or ""))
    agents[0].initiate_chat(manager, message="Write a haiku.", silent=True)
    assert [(said["name"], said["content"]) for said in group.messages] == [("writer", "Write a haiku."), ("critic", "Good. TERMINATE")]
    assert {each.body["model"] for each in model_server.asked()[1:]} == {"quick"}


@pytest.mark.parametrize("coding", [True, False])
def test_a_script_says_whether_code_is_run_and_by_whom(builder, coding):
    own = ConversableAgent("own", llm_config=False)
    agents, configs = builder.build("Write.", LLM, coding=coding, user_proxy=own)
    assert (own in agents) is coding
    assert configs["coding"] is coding


def test_code_runs_in_docker_unless_the_script_says_otherwise(builder):
    assert builder.build("Write.", LLM)[1]["code_execution_config"]["use_docker"] is True
    local = {"work_dir": "here", "use_docker": False}
    agents, configs = builder.build("Write.", LLM, code_execution_config=local)
    assert configs["code_execution_config"] == local
    assert agents[-1].use_docker is False


def test_no_more_agents_are_made_than_wanted_and_a_second_team_holds_none_of_the_first(builder, model_server):
    builder.build("Write.", LLM)
    model_server.script({DESIGN: written(outline(*(agent(f"a{number}") for number in range(20))))})
    agents, _ = builder.build("Another one.", LLM, max_agents=2)
    assert [each.name for each in agents] == ["a0", "a1"]
    builder.clear_agent("a0")
    assert list(builder.agent_procs_assign) == ["a1"]
    builder.clear_all_agents(recycle_endpoint=False)
    assert builder.agent_procs_assign == {}


def test_functions_go_to_whom_the_model_finds_fittest(builder, model_server):
    def count(text: str) -> int:
        """Counts letters."""
        return len(text)

    model_server.script({"*": "I would say the **critic**."})
    functions = [{"name": "count", "description": "Counts letters.", "function": count}]
    agents, _ = builder.build("Write.", LLM, list_of_functions=functions)
    by_name = {each.name: each for each in agents}
    assert [tool["function"]["name"] for tool in by_name["critic"].llm_config["tools"]] == ["count"]
    assert by_name[TERMINAL].can_execute_function("count")


def test_what_is_saved_holds_no_key_and_is_loaded_without_asking_anybody(builder, model_server):
    builder.build("Write.", {**LLM, "config_list": [{"model": "quick", "api_key": "sk-canary-0123456789"}]})
    path = builder.save()
    assert path.startswith("./save_config_")
    assert "sk-canary" not in Path(path).read_text()
    model_server.requests.clear()
    agents, configs = AgentBuilder(agent_model="quick").load(path)
    assert [each.name for each in agents] == ["writer", "critic", TERMINAL]
    assert configs["building_task"] == "Write."
    assert model_server.asked() == []
    assert AgentBuilder().load(config_json=Path(path).read_text())[1] == configs


def test_a_file_of_autogens_is_loaded_and_is_no_consent_to_run_code_here(builder):
    saved = {
        "building_task": "x",
        "agent_configs": [{"name": "ann", "model": ["quick"], "tags": [], "system_message": "You are ann.", "description": "a"}],
        "coding": True,
        "default_llm_config": {"temperature": 0},
        "code_execution_config": {"last_n_messages": 1, "work_dir": "groupchat", "use_docker": False, "timeout": 10},
    }
    agents, configs = builder.load(config_json=json.dumps(saved))
    assert configs["code_execution_config"]["use_docker"] is True
    assert agents[-1].use_docker is True
    mine = {"use_docker": False, "work_dir": "here"}
    assert builder.load(config_json=json.dumps(saved), code_execution_config=mine)[0][-1].use_docker is False
    for broken in ("", "[]", "{}", json.dumps({**saved, "agent_configs": [{"name": "ann"}]}), "[" * 100_000):
        with pytest.raises(ConfigUnusable):
            builder.load(config_json=broken)
    evil = {**saved["agent_configs"][0], "model_path": "os/system"}
    with pytest.raises(ConfigUnusable, match="loading it would run it"):
        builder.load(config_json=json.dumps({**saved, "agent_configs": [evil]}))


def test_agents_are_chosen_from_a_library_and_who_is_missing_is_made_up(builder, model_server, tmp_path):
    library = [
        {"name": f"{what}_expert", "system_message": f"You know {what}.", "description": f"Knows everything about {what}."}
        for what in ("geology", "poetry", "law", "cooking", "chess")
    ]
    (tmp_path / "library.json").write_text(json.dumps(library))
    answer = {"agents": ["poetry_expert", "nobody"], "missing": ["draw a picture"], "code": False}
    model_server.script({"You put a team together": InTurn("Poetry!", f"```json\n{json.dumps(answer)}\n```")})
    model_server.script({DESIGN: written(outline(agent("painter")))})
    agents, configs = builder.build_from_library("A task about poetry", str(tmp_path / "library.json"), LLM, top_k=2)
    assert [each.name for each in agents] == ["poetry_expert", "painter"]
    assert agents[0].system_message.startswith("You know poetry.")
    assert configs["coding"] is False
    asked = str(model_server.asked("You put a team together")[0].messages[-1])
    assert "poetry_expert" in asked
    assert asked.count("Knows everything") == 2
    assert "draw a picture" in str(model_server.asked(DESIGN)[-1].messages[-1])
    for broken in ("[]", "[3]", '[{"name": "x"}]'):
        with pytest.raises(ConfigUnusable):
            builder.build_from_library("x", broken, LLM)


async def test_it_works_within_a_running_loop(builder):
    assert len(builder.build("Write.", LLM)[0]) == 3


def test_what_goes_wrong_is_said(builder, model_server):
    with pytest.raises(ConfigUnusable, match="no entry for gpt-9"):
        AgentBuilder(builder_model="gpt-9")
    with pytest.raises(ConfigUnusable, match="no entry for gpt-9"):
        builder.set_builder_model("gpt-9")
    model_server.script({DESIGN: "No."})
    with pytest.raises(NoOutline):
        builder.build("Write something else.", LLM)
    model_server.script({DESIGN: Fault("status", 401, "Incorrect API key")})
    with pytest.raises(ModelError):
        builder.build("Write nothing.", LLM)


def test_an_llm_config_takes_the_place_of_the_file(model_server, config):
    model_server.script({DESIGN: written(outline())})
    agents, _ = AgentBuilder(llm_config=config, config_file_or_env="nowhere").build("Write.", LLM)
    assert [each.name for each in agents] == ["writer", "critic"]


@pytest.mark.parametrize(
    ("package", "name"),
    [
        ("autogen-0.2", "autogen.agentchat.contrib.agent_builder.AgentBuilder"),
        ("ag2-0.9", "autogen.agentchat.contrib.captainagent.AgentBuilder"),
    ],
)
def test_it_takes_what_the_real_one_takes(package, name):
    real = json.loads((SIGNATURES / f"{package}.json").read_text())[name]
    assert {each[0] for each in real["takes"]} <= set(inspect.signature(AgentBuilder).parameters)
    for method, arguments in real["methods"].items():
        ours = list(inspect.signature(getattr(AgentBuilder, method)).parameters)[1:]
        assert {each[0] for each in arguments} <= set(ours), method


def test_with_openais_assistants_the_agents_run_what_they_call_themselves(builder, model_server):
    model_server.script({DESIGN: written(outline(agent("writer"))), "You are writer": lambda seen: _counted(seen), "*": "writer"})
    function = {"name": "count", "description": "Count letters.", "function": lambda text: str(len(text))}
    agents, _ = builder.build("Write.", LLM, list_of_functions=[function], coding=False, use_oai_assistant=True)
    assert [type(each).__name__ for each in agents] == ["GPTAssistantAgent"]
    person = ConversableAgent("person", llm_config=False, human_input_mode="NEVER")
    assert person.initiate_chat(agents[0], message="Go", max_turns=1).chat_history[-1]["content"] == "4 letters"


def _counted(seen):
    results = [message["content"] for message in seen.body["messages"] if message["role"] == "tool"]
    return f"{results[0]} letters" if results else {"tool": "count", "arguments": {"text": "rain"}}
