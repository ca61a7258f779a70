"""How AutoGen 0.2's and AG2's classes and functions are called: which parameter stands in which place."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Entries, Record, plain

_REPLIES = ("is_termination_msg", "max_consecutive_auto_reply", "human_input_mode", "function_map", "code_execution_config")
"""Parameters of several agents, in this order: until when, how often and how they answer."""

SIGNATURES: Mapping[str, tuple[str, ...]] = {
    "ConversableAgent": ("name", "system_message", *_REPLIES, "llm_config", "default_auto_reply", "description"),
    "AssistantAgent": (
        "name",
        "system_message",
        "llm_config",
        "is_termination_msg",
        "max_consecutive_auto_reply",
        "human_input_mode",
        "description",
    ),
    "UserProxyAgent": ("name", *_REPLIES, "default_auto_reply", "llm_config", "system_message", "description"),
    "MultimodalConversableAgent": ("name", "system_message"),
    "WebSurferAgent": (
        *("name", "system_message", "description", *_REPLIES, "llm_config"),
        *("summarizer_llm_config", "default_auto_reply", "browser_config"),
    ),
    "WikipediaAgent": ("system_message", "format_instructions", "language", "top_k"),
    "GPTAssistantAgent": ("name", "instructions", "llm_config", "assistant_config", "overwrite_instructions", "overwrite_tools"),
    "CaptainAgent": (
        "name",
        "system_message",
        "llm_config",
        "is_termination_msg",
        "max_consecutive_auto_reply",
        "human_input_mode",
        "code_execution_config",
        "nested_config",
        "agent_lib",
        "tool_lib",
        "agent_config_save_path",
        "description",
    ),
    "GroupChat": (
        "agents",
        "messages",
        "max_round",
        "admin_name",
        "func_call_filter",
        "speaker_selection_method",
        "max_retries_for_selecting_speaker",
        "allow_repeat_speaker",
        "allowed_or_disallowed_speaker_transitions",
        "speaker_transitions_type",
    ),
    "GroupChatManager": ("groupchat", "name"),
    "SocietyOfMindAgent": ("name", "chat_manager"),
    "initiate_chat": ("recipient", "clear_history", "silent", "cache", "max_turns", "summary_method", "summary_args", "message"),
    "initiate_chats": ("chat_queue",),
    "register_nested_chats": ("chat_queue", "trigger"),
    "register_function": ("f",),
    "register_for_llm": (),
    "config_list_from_json": ("env_or_file", "file_location", "filter_dict"),
    "config_list_from_models": ("key_file_path", "openai_api_key_file", "aoai_api_key_file", "aoai_api_base_file", "exclude", "model_list"),
    "config_list_from_dotenv": ("dotenv_file_path", "model_api_key_map", "filter_dict"),
    "filter_config": ("config_list", "filter_dict", "exclude"),
    "initiate_group_chat": ("pattern", "messages", "max_rounds"),
    "initiate_swarm_chat": ("initial_agent", "messages", "agents", "user_agent", "max_rounds", "context_variables", "after_work"),
    "register_hand_off": ("agent", "hand_to"),
    "OnCondition": ("target", "condition"),
    "OnContextCondition": ("target", "condition"),
    "AfterWork": ("agent",),
    "AgentTarget": ("agent",),
    "AgentNameTarget": ("agent_name",),
    "ContextExpression": ("expression",),
    "ExpressionContextCondition": ("expression",),
    "ExpressionAvailableCondition": ("expression",),
    "StringContextCondition": ("variable_name",),
    "StringAvailableCondition": ("context_variable",),
    "RandomAgentTarget": ("agents",),
    "StringLLMCondition": ("prompt",),
    "ContextStrLLMCondition": ("context_str",),
    "DefaultPattern": ("initial_agent", "agents", "user_agent", "group_manager_args", "context_variables"),
    "RegexGuardrail": ("name", "condition", "target", "activation_message"),
    "LLMGuardrail": ("name", "condition", "target", "llm_config", "activation_message"),
    "MessageHistoryLimiter": ("max_messages",),
    "MessageTokenLimiter": ("max_tokens_per_message", "max_tokens"),
    "TransformMessages": ("transforms",),
    "LocalCommandLineCodeExecutor": ("timeout",),
    "DockerCommandLineCodeExecutor": ("image", "container_name", "timeout", "work_dir"),
}

AGENTS = frozenset(
    (
        "ConversableAgent",
        "AssistantAgent",
        "UserProxyAgent",
        "MultimodalConversableAgent",
        "SwarmAgent",
        "GPTAssistantAgent",
        "SocietyOfMindAgent",
        "CaptainAgent",
        "WebSurferAgent",
        "WikipediaAgent",
    )
)
"""Classes whose objects take part, and that have a counterpart, or nearly one."""

OTHER_AGENTS = frozenset(
    "RetrieveUserProxyAgent RetrieveAssistantAgent TeachableAgent CompressibleAgent ReasoningAgent DocAgent "
    "LLaVAAgent MathUserProxyAgent TextAnalyzerAgent AgentBuilder DeepResearchAgent QdrantRetrieveUserProxyAgent TimeAgent "
    "SlackAgent DiscordAgent TelegramAgent RealtimeAgent ImageGeneration".split()
)
"""Classes whose objects take part and that are kept as they stand."""

SILENT = frozenset(
    "initiate_chat a_initiate_chat initiate_chats a_initiate_chats send a_send receive reset last_message print_usage_summary "
    "register_function register_for_execution register_for_llm register_for_llm() register_for_execution() register_nested_chats "
    "generate_reply a_generate_reply stop clear_history chat_messages update_system_message get_human_input run a_run process "
    "stop_reply_at_receive reset_consecutive_auto_reply_counter chat_messages_for_summary get_actual_usage get_total_usage "
    "register_hand_off register_handoff register_handoffs add_llm_condition add_llm_conditions set_after_work add_after_work "
    "add_after_works add_context_condition add_context_conditions add add_many register_input_guardrail register_input_guardrails "
    "register_output_guardrail register_output_guardrails add_to_agent __enter__ __exit__ resume update_tool_signature".split()
)
"""Methods that are read where they matter, or that change nothing of what is drawn."""

BESIDE = frozenset(
    "GroupChat GroupChatManager LLMConfig from_json where config_list_from_json config_list_from_models config_list_from_dotenv "
    "get_config_list filter_config config_list_openai_aoai config_list_gpt4_gpt35 register_function initiate_chats a_initiate_chats "
    "initiate_group_chat a_initiate_group_chat run_group_chat a_run_group_chat initiate_swarm_chat a_initiate_swarm_chat "
    "run_swarm register_hand_off OnCondition OnContextCondition AfterWork AfterWorkOption AgentTarget AgentNameTarget TerminateTarget "
    "RevertToUserTarget StayTarget AskUserTarget NestedChatTarget GroupManagerTarget RandomAgentTarget StringLLMCondition "
    "ContextStrLLMCondition StringContextCondition ExpressionContextCondition StringAvailableCondition ExpressionAvailableCondition "
    "ContextExpression ContextStr ContextVariables "
    "DefaultPattern AutoPattern RoundRobinPattern RandomPattern ManualPattern MessageHistoryLimiter MessageTokenLimiter "
    "TransformMessages Cache disk redis LocalCommandLineCodeExecutor DockerCommandLineCodeExecutor JupyterCodeExecutor "
    "DockerJupyterServer LocalJupyterServer create gather_usage_summary ReplyResult UpdateSystemMessage start stop ChatResult "
    "tool Tool RegexGuardrail LLMGuardrail".split()
)
"""Classes and functions that are read where they are used."""


PATTERNS: Mapping[str, str] = {
    "DefaultPattern": "swarm",
    "AutoPattern": "model_choice",
    "RoundRobinPattern": "round_robin",
    "RandomPattern": "random_choice",
    "ManualPattern": "manual",
}

BY_ITSELF = frozenset(
    "print_usage_summary gather_usage_summary get_actual_usage get_total_usage chat_messages last_message chat_messages_for_summary "
    "reset clear_history stop process disk redis Cache __enter__ __exit__ get_assistant_instructions delete_assistant "
    "clear_agent clear_all_agents to_dict "
    "pretty_print_thread".split()
)
"""Calls whose work is done here without being drawn: what they cost is shown, and every run begins anew."""

_CHAT: Mapping[str, tuple[Any, ...]] = {"clear_history": (True,), "silent": (False, None), "summary_method": ("last_msg",)}
_PATTERN: Mapping[str, tuple[Any, ...]] = {"exclude_transit_message": (True,), "summary_method": ("last_msg",)}
_SWARM: Mapping[str, tuple[Any, ...]] = {"max_rounds": (20,), "exclude_transit_message": (True,)}
_EXECUTOR: Mapping[str, tuple[Any, ...]] = {
    "auto_remove": (True,),
    "stop_container": (True,),
    "timeout": (60,),
    "image": ("python:3-slim",),
    "kernel_name": ("python3",),
}
_AGENT: Mapping[str, tuple[Any, ...]] = {"human_input_mode": ("TERMINATE",), "system_message": ("You are a helpful AI Assistant.",)}

USUAL: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "ConversableAgent": _AGENT,
    "SwarmAgent": _AGENT,
    "AssistantAgent": {"human_input_mode": ("NEVER",), "code_execution_config": (False,)},
    "UserProxyAgent": {"human_input_mode": ("ALWAYS",), "llm_config": (False,), "code_execution_config": ({},)},
    "GPTAssistantAgent": {**dict.fromkeys(("overwrite_instructions", "overwrite_tools"), (False,)), "verbose": (True, False)},
    "GroupChat": {
        "max_round": (10,),
        "admin_name": ("Admin",),
        "func_call_filter": (True,),
        "speaker_selection_method": ("auto",),
        "max_retries_for_selecting_speaker": (2,),
        "allow_repeat_speaker": (True, None),
        "role_for_select_speaker_messages": ("system",),
    },
    "GroupChatManager": {
        "name": ("chat_manager",),
        "human_input_mode": ("NEVER",),
        "max_consecutive_auto_reply": (sys.maxsize,),
        "system_message": ("Group chat manager.",),
    },
    **dict.fromkeys(("initiate_chat", "a_initiate_chat"), _CHAT),
    **dict.fromkeys(("initiate_swarm_chat", "a_initiate_swarm_chat", "run_swarm", "a_run_swarm"), _SWARM),
    **dict.fromkeys(("initiate_group_chat", "a_initiate_group_chat", "run_group_chat", "a_run_group_chat"), _SWARM),
    **{f"{name}Executor": _EXECUTOR for name in ("DockerCommandLineCode", "LocalCommandLineCode", "JupyterCode", "PodCommandLineCode")},
    **dict.fromkeys(("Pattern", *PATTERNS), _PATTERN),
    "TransformMessages": {"verbose": (True, False)},
    "MessageTokenLimiter": {"exclude_filter": (True,)},
}
"""Arguments that say what is so anyway, by what is called."""


class Given(dict[str, Any]):
    """The arguments of a call by the names of its parameters. Whoever asks for one takes it; `looked` only looks."""

    def __init__(self, record: Record, name: str) -> None:
        super().__init__(zip(SIGNATURES.get(name or record.method, ()), record.args, strict=False))
        self.update(record.kwargs)
        self.record = record

    def __getitem__(self, name: str) -> Any:
        self.record.take(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """An argument, which is taken with that."""
        self.record.take(name)
        return super().get(name, default)

    def looked(self, name: str) -> Any:
        """An argument that is not taken with that."""
        return super().get(name)

    def number(self, name: str) -> int | None:
        """A whole number, which is taken with that; anything else is not."""
        value = plain(super().get(name))
        if isinstance(value, int) and not isinstance(value, bool):
            self.record.take(name)
            return value
        return None


def arguments(record: Record, name: str = "") -> Given:
    """The arguments of a call by the names of its parameters."""
    return Given(record, name)


def spot_in(written: Any, name: str, around: Spot) -> Spot:
    """Where an entry of a dictionary stands, or an argument of a call; `around` where that is not known."""
    if isinstance(written, Entries):
        return written.spots.get(name, around)
    if isinstance(written, Record):
        return written.spots.get(name, around)
    return around


def parameters(record: Record) -> Sequence[str]:
    """The names of a call's arguments by place."""
    return SIGNATURES.get(record.method.removeprefix("a_"), ())


def spot_of(record: Record, parameter: str) -> Spot:
    """Where an argument stands."""
    names = SIGNATURES.get(record.method, ())
    return record.spot_of(parameter, names.index(parameter) if parameter in names else None)
