"""A team for a task, outlined by a model: AutoGen's AgentBuilder over the same outline that the studio draws teams from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from studio.classic.agent_library import choose, read_library
from studio.classic.chat_log import record
from studio.classic.config_lists import config_list_from_json, filter_config, read_file
from studio.classic.conversable import ConversableAgent
from studio.classic.loops import call
from studio.classic.model_configs import Config, ConfigUnusable
from studio.classic.ready_agents import AssistantAgent, UserProxyAgent
from studio.classic.saved_teams import Configs, read_saved, without_keys
from studio.classic.tool_replies import register_function
from studio.classic.wrapper import OpenAIWrapper
from studio.classic.wrapper_client import WrapperClient
from studio.engine.events import TeamOutlined
from studio.engine.outlines.asking import DESIGNER, Answered, Outlined, ask_for_outline
from studio.engine.outlines.outline import MOST_AGENTS, Outline, as_form
from studio.engine.outlines.reading import good_name
from studio.engine.teams.answer import speaker_in
from studio.engine.usage import NOTHING
from studio.texts import text

TERMINAL = "Computer_terminal"
NOTHING_TO_RUN = "There is no code in the last message for me to run. Go on, or, when the task is done, reply with TERMINATE alone."
IN_DOCKER: Mapping[str, Any] = {"last_n_messages": 1, "work_dir": "groupchat", "use_docker": True, "timeout": 60}
"""How code runs unless a script says otherwise."""

NO_PEOPLE = "Nobody is asked here: use no human. The stop word is TERMINATE."
CODE_IS_RUN = "Somebody else runs the code that assistants write in fenced blocks: use no code_runner yourself."
NO_CODE = "Nobody runs code here: use no code_runner."


class AgentBuilder:
    """`build(task, llm_config)` gives the agents of a team that a model made up, and how they were made; `save` and `load` keep that.

    The models are entries of a list as `config_list_from_json` reads it, or of `llm_config`. Raises FileNotFoundError, and
    ConfigUnusable (a ValueError) when no entry is such a model.
    """

    def __init__(
        self,
        config_file_or_env: str | None = "OAI_CONFIG_LIST",
        config_file_location: str | None = "",
        builder_model: str | Sequence[str] | None = (),
        agent_model: str | Sequence[str] | None = (),
        builder_model_tags: Sequence[str] | None = (),
        agent_model_tags: Sequence[str] | None = (),
        max_agents: int | None = 5,
        llm_config: Mapping[str, Any] | None = None,
    ) -> None:
        self.config_file_or_env = config_file_or_env or "OAI_CONFIG_LIST"
        self.config_file_location = config_file_location or ""
        self.llm_config = llm_config
        self.builder_model_tags, self.agent_model_tags = list(builder_model_tags or ()), list(agent_model_tags or ())
        self.agent_model = _listed(agent_model)
        self.max_agents = max_agents or 5
        self.builder_model = OpenAIWrapper(config_list=self._entries(_listed(builder_model), self.builder_model_tags))
        self.building_task: str | None = None
        self.cached_configs: Configs = {}
        self.agent_procs_assign: dict[str, tuple[ConversableAgent, str]] = {}
        self._assistants = False

    def set_builder_model(self, model: str | Sequence[str]) -> None:
        """Let another model make up the teams from now on. Raises ConfigUnusable."""
        self.builder_model = OpenAIWrapper(config_list=self._entries(_listed(model), self.builder_model_tags))

    def set_agent_model(self, model: str | Sequence[str]) -> None:
        """Let another model speak for the agents that are built from now on."""
        self.agent_model = _listed(model)

    def clear_agent(self, agent_name: str, recycle_endpoint: bool | None = True) -> None:
        """Forget an agent; the next `build` begins without any of them anyway. Raises KeyError for a name that is not there."""
        del self.agent_procs_assign[agent_name]

    def clear_all_agents(self, recycle_endpoint: bool | None = True) -> None:
        self.agent_procs_assign.clear()

    def build(
        self,
        building_task: str,
        default_llm_config: Mapping[str, Any],
        list_of_functions: Sequence[Mapping[str, Any]] | None = None,
        coding: bool | None = None,
        code_execution_config: Mapping[str, Any] | bool | None = None,
        use_oai_assistant: bool | None = False,
        user_proxy: ConversableAgent | None = None,
        max_agents: int | None = None,
    ) -> tuple[list[ConversableAgent], Configs]:
        """The agents of a team for a task, whoever runs code last, and how they were made.

        Without `coding` the model says whether code is to be run. Raises ModelError, NoOutline and what else outlining a team raises.
        """
        self._assistants = bool(use_oai_assistant)
        most = max(1, max_agents or self.max_agents)
        outline = call(self._outline(building_task, most, coding))
        configs = [self._config(agent.name, agent.system_message, agent.description) for agent in outline.assistants[:most]]
        self._remember(building_task, configs, outline.runs_code if coding is None else coding, default_llm_config, code_execution_config)
        return self._make(list_of_functions, user_proxy)

    def build_from_library(
        self,
        building_task: str,
        library_path_or_json: str,
        default_llm_config: Mapping[str, Any],
        top_k: int = 3,
        coding: bool | None = None,
        code_execution_config: Mapping[str, Any] | bool | None = None,
        use_oai_assistant: bool | None = False,
        embedding_model: str | None = "",
        user_proxy: ConversableAgent | None = None,
    ) -> tuple[list[ConversableAgent], Configs]:
        """The same with agents of a library, a list of {name, system_message, description} as JSON or in a file.

        The `top_k` likest to each line of the task, by their words, are offered to the model, which chooses; whatever none of them
        can do is outlined. Raises ConfigUnusable for what is no library.
        """
        self._assistants = bool(use_oai_assistant)
        library = read_library(library_path_or_json)
        choice = call(choose(self._client(), building_task, library, top_k, self.max_agents))
        configs = [dict(each) for each in choice.agents]
        for skill in choice.missing[: max(0, self.max_agents - len(configs))]:
            outline = call(self._outline(f"{building_task}\n\nOf this, one agent is wanted who can: {skill}", 1, False))
            agent = outline.assistants[0]
            name = good_name(agent.name, [str(each["name"]) for each in configs])
            configs.append(self._config(name, agent.system_message, agent.description))
        self._remember(building_task, configs, choice.code if coding is None else coding, default_llm_config, code_execution_config)
        return self._make(None, user_proxy)

    def save(self, filepath: str | None = None) -> str:
        """Write down how the agents were made, without any key, and give the file's path."""
        task = self.cached_configs.get("building_task") or ""
        path = filepath or f"./save_config_{hashlib.md5(task.encode(), usedforsecurity=False).hexdigest()}.json"
        Path(path).write_text(json.dumps(without_keys(self.cached_configs), indent=4, ensure_ascii=False), "utf-8")
        return path

    def load(
        self,
        filepath: str | None = None,
        config_json: str | None = None,
        use_oai_assistant: bool | None = False,
        code_execution_config: Mapping[str, Any] | bool | None = None,
        user_proxy: ConversableAgent | None = None,
    ) -> tuple[list[ConversableAgent], Configs]:
        """The agents of a file that `save` or AutoGen wrote; no model is asked.

        A file is no consent: where it lets code run on this machine, it runs in Docker unless `code_execution_config` says otherwise
        here. Raises ConfigUnusable for what is no such file, OSError for a file that cannot be read.
        """
        self._assistants = bool(use_oai_assistant)
        saved = read_saved(read_file(filepath) if filepath is not None else config_json or "")
        found = saved["code_execution_config"]
        if code_execution_config is None and isinstance(found, Mapping):
            code_execution_config = {name: value for name, value in found.items() if name != "executor"}
            code_execution_config["use_docker"] = found.get("use_docker") or True
        elif code_execution_config is None:
            code_execution_config = found is not False
        task, coding = str(saved.get("building_task") or ""), saved["coding"] is True
        self._remember(task, saved["agent_configs"], coding, saved["default_llm_config"], code_execution_config)
        return self._make(None, user_proxy)

    # What is asked ----------------------------------------------------------------------------------------------------------

    async def _outline(self, task: str, most: int, coding: bool | None) -> Outline:
        wishes = (NO_PEOPLE, *((CODE_IS_RUN,) if coding else (NO_CODE,) if coding is False else ()))
        answers: list[Answered] = []
        found: Outline | None = None
        # Where the model decides, whoever runs the code is one more.
        room = max(1, min(most, MOST_AGENTS - 1)) + (coding is None)
        try:
            async with aclosing(ask_for_outline(self._client(), task, answers, room, wishes)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Outlined):
                        found = piece.outline
        finally:
            _write_down(task, found, answers)
        assert found is not None
        return found

    def _client(self) -> WrapperClient:
        return WrapperClient(self.builder_model)

    def _entries(self, models: Sequence[str], tags: Sequence[str]) -> list[Config]:
        """The configurations of these models with one of these tags. Raises ConfigUnusable when there is none."""
        wanted = ({"model": list(models)} if models else {}) | ({"tags": list(tags)} if tags else {})
        where = "llm_config" if self.llm_config is not None else self.config_file_or_env
        if self.llm_config is not None:
            entries = filter_config(self.llm_config.get("config_list") or [dict(self.llm_config)], wanted)
        else:
            entries = config_list_from_json(self.config_file_or_env, self.config_file_location, wanted)
        if not entries:
            named = ", ".join([*models, *tags]) or text("classic.no_entry.any")
            raise ConfigUnusable(text("classic.no_entry", where=where, named=named), text("classic.no_entry.remedy"))
        return entries

    # What is made -----------------------------------------------------------------------------------------------------------

    def _config(self, name: str, system_message: str, description: str) -> dict[str, Any]:
        return {
            "name": name,
            "model": list(self.agent_model),
            "tags": list(self.agent_model_tags),
            "system_message": system_message,
            "description": description,
        }

    def _remember(
        self, task: str, configs: list[dict[str, Any]], coding: bool, llm: Mapping[str, Any], code: Mapping[str, Any] | bool | None
    ) -> None:
        self.building_task = task
        self.cached_configs = {
            "building_task": task,
            "agent_configs": configs,
            "coding": coding,
            "default_llm_config": dict(llm),
            "code_execution_config": dict(code) if isinstance(code, Mapping) else False if code is False else dict(IN_DOCKER),
        }

    def _make(
        self, functions: Sequence[Mapping[str, Any]] | None, user_proxy: ConversableAgent | None
    ) -> tuple[list[ConversableAgent], Configs]:
        configs: list[dict[str, Any]] = self.cached_configs["agent_configs"]
        members = [str(each["name"]) for each in configs]
        self.agent_procs_assign = {str(each["name"]): (self._agent(each, members), "online") for each in configs}
        agents = [agent for agent, _ in self.agent_procs_assign.values()]
        terminal: ConversableAgent | None = None
        if self.cached_configs["coding"]:
            terminal = user_proxy or UserProxyAgent(
                TERMINAL,
                is_termination_msg=_is_over,
                human_input_mode="NEVER",
                code_execution_config=self.cached_configs["code_execution_config"],
                default_auto_reply=NOTHING_TO_RUN,
            )
        for function in functions or ():
            self._give(function, agents, terminal)
        return [*agents, *([terminal] if terminal is not None else [])], dict(self.cached_configs)

    def _agent(self, config: Mapping[str, Any], members: Sequence[str]) -> ConversableAgent:
        llm = {name: value for name, value in self.cached_configs["default_llm_config"].items() if name != "config_list"}
        entries = self._entries(_listed(config.get("model")), _listed(config.get("tags")))
        others = [name for name in members if name != config["name"]]
        parts = [str(config["system_message"]), _group(str(config["name"]), others, bool(self.cached_configs["coding"]))]
        told, model = "\n\n".join(part for part in parts if part), {**llm, "config_list": entries}
        if self._assistants:
            from studio.classic.gpt_assistant import GPTAssistantAgent

            return GPTAssistantAgent(str(config["name"]), told, model, description=str(config["description"]))
        return AssistantAgent(str(config["name"]), system_message=told, llm_config=model, description=str(config["description"]))

    def _give(self, function: Mapping[str, Any], agents: Sequence[ConversableAgent], terminal: ConversableAgent | None) -> None:
        """Let the agent that the model finds fittest call a function; whoever runs code runs it, or else the agent itself."""
        by_name = {agent.name: agent for agent in agents}
        told = "\n".join(f"{agent.name}: {agent.description}" for agent in agents)
        question = f"Who of these should call the function {function['name']} ({function['description']})?\n{told}\nAnswer with one name."
        answer = call(self.builder_model.a_create(messages=[{"role": "user", "content": question}], choices=tuple(by_name)))
        name, _ = speaker_in(str(answer.choices[0].message.content or ""), tuple(by_name))
        caller = by_name[name] if name is not None else agents[0]
        called: Callable[..., Any] = function["function"]
        # One of OpenAI's assistants runs what it calls itself.
        executor = caller if self._assistants else terminal or caller
        register_function(called, caller=caller, executor=executor, name=str(function["name"]), description=str(function["description"]))


def _write_down(task: str, found: Outline | None, answers: Sequence[Answered]) -> None:
    """What was made up, and what it has cost, in the log of the chat that goes on, if one does."""
    record(
        TeamOutlined(
            source=DESIGNER,
            key=task[:80],
            call="",
            team=found.name if found is not None else task[:80],
            outline=json.loads(json.dumps(as_form(found))) if found is not None else None,
            model=next((answer.model for answer in reversed(answers) if answer.model), None),
            usage=sum((answer.usage for answer in answers), NOTHING),
        )
    )


def _group(name: str, others: Sequence[str], terminal: bool) -> str:
    """What an agent is told about the group that it is in."""
    told = f"You are {name}, in a group with {', '.join(others)}." if others else f"You are {name}."
    told += " A manager decides who speaks. Answer what was said last as far as it is yours, and leave the rest to the others."
    if terminal:
        told += f" {TERMINAL} runs the Python and shell code that you put into fenced blocks, and tells what came out."
    return told + " When the task is done, checked, and the others agree, reply with TERMINATE alone."


def _is_over(message: Mapping[str, Any]) -> bool:
    return str(message.get("content") or "").rstrip().rstrip(".").endswith("TERMINATE")


def _listed(value: str | Iterable[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else [str(each) for each in value or ()]
