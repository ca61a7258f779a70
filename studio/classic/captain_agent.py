"""An agent that has teams of experts made up while it works on its task: AG2's CaptainAgent over our builder of teams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from studio.classic.agent_builder import IN_DOCKER, AgentBuilder
from studio.classic.conversable import ConversableAgent
from studio.classic.group_chat import GroupChat
from studio.classic.group_manager import GroupChatManager
from studio.classic.llm_config import LLMConfig
from studio.classic.messages import Message
from studio.classic.model_configs import ConfigUnusable
from studio.classic.ready_agents import UserProxyAgent
from studio.classic.saved_teams import Configs, without_keys
from studio.classic.tool_replies import register_function
from studio.engine.tools.expert_team import NAME, REVIEW
from studio.texts import text

MOST_GROUPS = 20
"""Teams that one captain has made up."""

CAPTAIN = f"""You lead a group of experts who are called when you need them. When you get a task, first see what it demands and when it is \
done, then say in a few lines how you will go about it. What you can do yourself, do yourself: by thinking, by writing, by code in a \
fenced block whose first word names the language.

For anything else call the tool {NAME}, once in an answer. It puts a group together, lets its members talk about the task that you give, \
and tells you what came of it.
- group_name: a short name. With the name of a group that was there before, the same people work again; they have forgotten what they did.
- building_task: whom you need, a line each: what they can and what their part is. Three people at most; one of them checks the result.
- execution_task: all that they must know, since they know nothing else: the task, how to go about it, what the answer looks like, \
when it is done, and whatever earlier groups found out, code included. Hand on word for word what you were given.

Read what comes back with care. Where it contradicts itself or what you know, or says that it needs a second look, give the same group \
the result, and have it checked step by step from its end. When the task is done and checked, answer it whole, with what proves it, \
and end with TERMINATE."""

SUMMARY = """Sum up what this captain and the groups of experts did: the task, how it was gone about, and what came of it. \
Where they came to a conclusion, give it exactly as it is."""

TASK = """You work on a part of a larger task. Take from the larger one what you need to know, and do your part as it is described.

# The larger task
{general}

# Your part
{part}"""

NOTHING_TO_DO = "I only put groups of experts together and run code. If the task is done, reply with TERMINATE alone."
GO_ON = "Go on, or, when the task is done and checked, reply with TERMINATE alone."
DESCRIPTION = "Solves tasks alone, or with a group of experts that it puts together for them."

DEFAULTS: Mapping[str, Any] = {
    "autobuild_init_config": {},
    "autobuild_build_config": {
        "default_llm_config": {"temperature": 1, "top_p": 0.95, "max_tokens": 2048},
        "code_execution_config": {**IN_DOCKER, "timeout": 300},
        "coding": True,
    },
    "group_chat_config": {"max_round": 10},
    "group_chat_llm_config": None,
    "max_turns": 5,
}


class CaptainAgent(ConversableAgent):
    """Answers people (UserProxyAgents) by what it and its groups have found out.

    `agent_lib` is a library of experts, JSON or a file with it; `tool_lib` functions that all experts may call. Groups speak with the
    captain's own model unless `nested_config` says otherwise. Raises ConfigUnusable without a model and for a library to download.
    """

    DEFAULT_NESTED_CONFIG: ClassVar[Mapping[str, Any]] = DEFAULTS
    AUTOBUILD_SYSTEM_MESSAGE: ClassVar[str] = CAPTAIN
    DEFAULT_DESCRIPTION: ClassVar[str] = DESCRIPTION
    DEFAULT_SUMMARY_PROMPT = SUMMARY

    def __init__(
        self,
        name: str,
        system_message: str | None = None,
        llm_config: Mapping[str, Any] | bool | None = None,
        is_termination_msg: Callable[[dict[str, Any]], bool] | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: str = "NEVER",
        code_execution_config: Mapping[str, Any] | bool | None = False,
        nested_config: Mapping[str, Any] | None = None,
        agent_lib: str | None = None,
        tool_lib: str | Sequence[Callable[..., Any]] | None = None,
        agent_config_save_path: str | None = None,
        description: str | None = DESCRIPTION,
        **options: Any,
    ) -> None:
        super().__init__(
            name,
            is_termination_msg=is_termination_msg,
            max_consecutive_auto_reply=max_consecutive_auto_reply,
            human_input_mode=human_input_mode,
            code_execution_config=code_execution_config,
            llm_config=llm_config,
            description=description,
            **options,
        )
        if not isinstance(self.llm_config, Mapping):
            raise ConfigUnusable(text("classic.captain.no_model", agent=name), text("classic.give_one"))
        config = _over(DEFAULTS, nested_config or {})
        if config["autobuild_init_config"].get("llm_config") is None and not config["autobuild_init_config"].get("config_file_or_env"):
            config["autobuild_init_config"]["llm_config"] = self.llm_config
        if config["group_chat_llm_config"] is None:
            config["group_chat_llm_config"] = self.llm_config
        if agent_lib:
            config["autobuild_build_config"]["library_path_or_json"] = agent_lib
        self.assistant = ConversableAgent("CaptainAgent", system_message or CAPTAIN, llm_config=self.llm_config)
        self.executor = CaptainUserProxyAgent(
            "Expert_summoner",
            config,
            agent_config_save_path,
            is_termination_msg=lambda message: "terminate" in str(message.get("content") or "").lower(),
            code_execution_config=code_execution_config,
            functions_of_experts=_functions(tool_lib),
        )
        register_function(
            self.executor.seek_experts_help,
            caller=self.assistant,
            executor=self.executor,
            name=NAME,
            description="Have a group of experts put together, let them talk about a task, and read what came of it.",
        )
        talk = {"sender": self.executor, "recipient": self.assistant, "max_turns": config["max_turns"]}
        talk |= {"summary_method": "reflection_with_llm", "summary_args": {"summary_prompt": SUMMARY}}
        self.register_nested_chats([talk], trigger=UserProxyAgent, position=0)


class CaptainUserProxyAgent(ConversableAgent):
    """Puts groups together, lets them talk, and runs the captain's code; asks nobody. `build_history` are its groups by name."""

    def __init__(
        self,
        name: str,
        nested_config: Mapping[str, Any],
        agent_config_save_path: str | None = None,
        is_termination_msg: Callable[[dict[str, Any]], bool] | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: str = "NEVER",
        code_execution_config: Mapping[str, Any] | bool | None = None,
        default_auto_reply: Any = NOTHING_TO_DO,
        llm_config: Mapping[str, Any] | bool | None = False,
        system_message: str | Sequence[str] | None = "",
        description: str | None = None,
        *,
        functions_of_experts: Sequence[Callable[..., Any]] = (),
    ) -> None:
        super().__init__(
            name,
            system_message,
            is_termination_msg,
            max_consecutive_auto_reply,
            human_input_mode,
            None,
            False if code_execution_config is None else code_execution_config,
            llm_config,
            default_auto_reply,
            description or "Puts groups of experts together and runs code.",
        )
        self._config = _over(DEFAULTS, nested_config)
        self._save_to = agent_config_save_path
        self._functions = tuple(functions_of_experts)
        self.build_history: dict[str, Configs] = {}

    def seek_experts_help(self, group_name: str, execution_task: str, building_task: str = "") -> str:
        """What a group of experts has found out about a task; a group that was there before is not made up again.

        Raises ConfigUnusable for one group too many, and what making one up or its talk raises.
        """
        agents, configs = self._group(group_name, building_task or execution_task)
        if len(agents) == 1:
            agents.append(UserProxyAgent("asker", human_input_mode="NEVER", code_execution_config=False, default_auto_reply=GO_ON))
        experts = agents[:-1] if configs["coding"] or agents[-1].name == "asker" else agents
        for function in self._functions:
            for expert in experts:
                told = (function.__doc__ or "").strip() or function.__name__
                register_function(function, caller=expert, executor=agents[-1], name=function.__name__, description=told)
        chat = GroupChat(agents, [], allow_repeat_speaker=list(experts), **self._config["group_chat_config"])
        manager = GroupChatManager(chat, llm_config=self._config["group_chat_llm_config"])
        message = TASK.format(general=self._general_task(), part=execution_task)
        result = agents[0].initiate_chat(
            manager, message=message, summary_method="reflection_with_llm", summary_args={"summary_prompt": REVIEW}
        )
        return f"# What the group {group_name} came to\n{result.summary}"

    async def a_execute_function(self, func_call: Mapping[str, Any]) -> tuple[bool, Message]:
        """Beside the loop of an async chat, which others use meanwhile."""
        return await asyncio.to_thread(self.execute_function, func_call)

    def _group(self, name: str, task: str) -> tuple[list[ConversableAgent], Configs]:
        builder = AgentBuilder(**self._config["autobuild_init_config"])
        build = dict(self._config["autobuild_build_config"])
        if name in self.build_history:
            saved = json.dumps(without_keys(self.build_history[name]))
            return builder.load(config_json=saved, code_execution_config=build.get("code_execution_config"))
        if len(self.build_history) >= MOST_GROUPS:
            known = ", ".join(self.build_history)
            raise ConfigUnusable(
                text("classic.captain.most_groups", count=MOST_GROUPS), text("classic.captain.most_groups.remedy", known=known)
            )
        agents, configs = (builder.build_from_library if build.get("library_path_or_json") else builder.build)(task, **build)
        self.build_history[name] = configs
        if self._save_to is not None:
            builder.save(str(Path(self._save_to) / f"build_history_{len(self.build_history)}.json"))
        return agents, configs

    def _general_task(self) -> str:
        """What the captain was given first."""
        said = next((messages for messages in self._heard.values() if messages), [])
        return str(said[0].get("content") or "") if said else ""


def _over(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults with what is given instead, at any depth; neither is changed."""
    merged = {name: _over(value, {}) if isinstance(value, dict) else value for name, value in defaults.items()}
    for name, value in given.items():
        own = merged.get(name)
        merged[name] = (
            _over(own, value) if isinstance(own, dict) and isinstance(value, Mapping) and not isinstance(value, LLMConfig) else value
        )
    return merged


def _functions(tool_lib: str | Sequence[Callable[..., Any]] | None) -> Sequence[Callable[..., Any]]:
    """Raises ConfigUnusable."""
    if tool_lib is None or tool_lib == "":
        return ()
    if isinstance(tool_lib, str) or not all(callable(each) for each in tool_lib):
        remedy = text("classic.captain.no_tool_library.remedy")
        raise ConfigUnusable(text("classic.captain.no_tool_library"), remedy)
    return tuple(tool_lib)
