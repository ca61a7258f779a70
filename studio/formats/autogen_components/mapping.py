"""AutoGen's classes and our kinds: one table for reading and writing, with what is the same, what is given, and what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.engine.agents.planned_coder import CODER, CODER_DESCRIPTION
from studio.engine.agents.surfers import (
    FILE_SURFER,
    FILE_SURFER_DESCRIPTION,
    VIDEO_SURFER,
    VIDEO_SURFER_DESCRIPTION,
    WEB_SURFER,
    WEB_SURFER_DESCRIPTION,
)
from studio.engine.component import kinds

AGENTS = "autogen_agentchat.agents"
TEAMS = "autogen_agentchat.teams"
CONDITIONS = "autogen_agentchat.conditions"


@dataclass(frozen=True, slots=True)
class ClassMap:
    """What becomes of one AutoGen class.

    `kind` is ours. `fields` are the fields that mean the same, theirs to ours. `given` are fields of ours that make it do what AutoGen
    always does. `silent` are fields of theirs with the value that means what ours does anyway, an ellipsis for one that is read by
    itself or says nothing about what is drawn; any other value is a loss. `wired` hold components and are read by themselves. `differs`
    is the key of the sentence that says what is not quite the same.
    """

    name: str
    module: str
    type: str
    kind: str
    fields: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    silent: Mapping[str, Any] = field(default_factory=dict)
    wired: tuple[str, ...] = ()
    differs: str = ""
    version: int = 1

    @property
    def provider(self) -> str:
        return f"{self.module}.{self.name}"

    @property
    def known(self) -> bool:
        """Whether this installation has the kind."""
        return self.kind in kinds()


_OPENAI_FIELDS = {
    "model": "model",
    "temperature": "temperature",
    "max_tokens": "max_tokens",
    "timeout": "timeout",
    "max_retries": "retries",
}
_OPENAI_SILENT = {
    "include_name_in_message": True,
    "add_name_prefixes": False,
    "stream_options": {"include_usage": True},
    "n": 1,
    "component_type": ...,
}
_TEAM_SILENT: Mapping[str, Any] = {
    "emit_team_events": False,
    "model_client_streaming": False,
    "name": ...,
    "description": ...,
    "max_turns": ...,
}
_TEAM_WIRED = ("participants", "termination_condition")
_CONTEXT = {"initial_messages": None}
_ONE_ACTION: Mapping[str, Any] = {"max_tool_rounds": 1, "after_tools": "results"}

CLASSES: tuple[ClassMap, ...] = (
    # Agents -----------------------------------------------------------------------------------------------------------
    *(
        ClassMap(
            name,
            module,
            "agent",
            "assistant",
            {"system_message": "system_message", "description": "description", "max_tool_iterations": "max_tool_rounds"},
            {"max_tool_rounds": 1, "after_tools": "results"} | words,
            {"name": ..., "model_client_stream": ..., "reflect_on_tool_use": ..., "tool_call_summary_format": "{result}", "metadata": {}},
            wired=("model_client", "tools", "workbench", "handoffs", "model_context", "memory", "structured_message_factory"),
            version=2,
        )
        for name, module, words in (
            ("AssistantAgent", AGENTS, {"system_message": ""}),
            ("MagenticOneCoderAgent", "autogen_ext.agents.magentic_one", {"system_message": CODER, "description": CODER_DESCRIPTION}),
        )
    ),
    ClassMap(
        "UserProxyAgent",
        AGENTS,
        "agent",
        "human",
        {"description": "description"},
        {"input_mode": "always", "end_word": ""},
        {"name": ..., "input_func": None},
        differs="differs.human",
    ),
    ClassMap(
        "CodeExecutorAgent",
        AGENTS,
        "agent",
        "code_runner",
        {"description": "description", "sources": "sources", "system_message": "system_message", "max_retries_on_error": "repairs"},
        silent={"name": ..., "model_client_stream": ..., "supported_languages": ["python", "sh"]},
        wired=("code_executor", "model_client", "model_context"),
        differs="differs.code",
    ),
    ClassMap(
        "SocietyOfMindAgent",
        AGENTS,
        "agent",
        "society",
        {"description": "description", "instruction": "instruction", "response_prompt": "response_prompt"},
        silent={"name": ...},
        wired=("team", "model_client", "model_context"),
    ),
    ClassMap("MessageFilterAgent", AGENTS, "agent", "filter", silent={"name": ...}, wired=("wrapped_agent", "filter")),
    ClassMap(
        "MultimodalWebSurfer",
        "autogen_ext.agents.web_surfer",
        "agent",
        "assistant",
        {"description": "description"},
        {**_ONE_ACTION, "description": WEB_SURFER_DESCRIPTION, "system_message": WEB_SURFER},
        {
            "name": ...,
            "headless": True,
            "animate_actions": False,
            "to_save_screenshots": False,
            "use_ocr": False,
            "to_resize_viewport": True,
        },
        wired=("model_client", "start_page", "downloads_folder"),
        differs="differs.web_surfer",
    ),
    ClassMap(
        "FileSurfer",
        "autogen_ext.agents.file_surfer",
        "agent",
        "assistant",
        {"description": "description"},
        {**_ONE_ACTION, "description": FILE_SURFER_DESCRIPTION, "system_message": FILE_SURFER},
        {"name": ...},
        wired=("model_client", "base_path"),
        differs="differs.file_surfer",
    ),
    ClassMap(
        "VideoSurfer",
        "autogen_ext.agents.video_surfer",
        "agent",
        "assistant",
        {"description": "description", "system_message": "system_message"},
        {**_ONE_ACTION, "description": VIDEO_SURFER_DESCRIPTION, "system_message": VIDEO_SURFER},
        {"name": ...},
        wired=("model_client", "tools"),
        differs="differs.video_surfer",
    ),
    *(
        ClassMap(
            name,
            "autogen_ext.agents.openai",
            "agent",
            "assistant",
            {"description": "description", "instructions": "system_message"},
            silent={"name": ..., "store": True, "truncation": "disabled"},
            wired=("client", "model", "tools", "temperature", "top_p", "max_output_tokens", "json_mode"),
            differs=differs,
        )
        for name, differs in (("OpenAIAssistantAgent", "differs.openai_assistant"), ("OpenAIAgent", "differs.openai_agent"))
    ),
    # Teams, by how they choose ----------------------------------------------------------------------------------------
    ClassMap("RoundRobinGroupChat", TEAMS, "team", "round_robin", silent=_TEAM_SILENT, wired=_TEAM_WIRED),
    ClassMap(
        "SelectorGroupChat",
        TEAMS,
        "team",
        "model_choice",
        {"allow_repeated_speaker": "allow_repeat", "max_selector_attempts": "max_attempts"},
        silent=_TEAM_SILENT,
        wired=(*_TEAM_WIRED, "model_client", "selector_prompt", "selector_func", "candidate_func", "model_context"),
        differs="differs.selector",
    ),
    ClassMap("Swarm", TEAMS, "team", "swarm", given={"after_work": "stay"}, silent=_TEAM_SILENT, wired=_TEAM_WIRED),
    ClassMap("GraphFlow", TEAMS, "team", "graph", silent=_TEAM_SILENT, wired=(*_TEAM_WIRED, "graph")),
    ClassMap(
        "MagenticOneGroupChat",
        TEAMS,
        "team",
        "planner",
        {"max_stalls": "max_stalls", "final_answer_prompt": "answer_prompt"},
        silent=_TEAM_SILENT,
        wired=(*_TEAM_WIRED, "model_client"),
    ),
    # Stop rules -------------------------------------------------------------------------------------------------------
    ClassMap(
        "TextMentionTermination",
        CONDITIONS,
        "termination",
        "text_mention",
        {"text": "text", "sources": "sources"},
        {"include_task": True},
    ),
    ClassMap(
        "MaxMessageTermination",
        CONDITIONS,
        "termination",
        "max_messages",
        {"max_messages": "max_messages"},
        {"include_task": True},
        {"include_agent_event": False},
    ),
    ClassMap(
        "TokenUsageTermination",
        CONDITIONS,
        "termination",
        "token_limit",
        {"max_total_token": "total", "max_prompt_token": "prompt", "max_completion_token": "completion"},
        {"total": None},
        differs="differs.tokens",
    ),
    ClassMap(
        "TimeoutTermination",
        CONDITIONS,
        "termination",
        "time_limit",
        {"timeout_seconds": "seconds"},
        differs="differs.time",
    ),
    ClassMap("HandoffTermination", CONDITIONS, "termination", "hand_off", {"target": "target"}),
    ClassMap("SourceMatchTermination", CONDITIONS, "termination", "said_by", {"sources": "sources"}),
    ClassMap("TextMessageTermination", CONDITIONS, "termination", "said_by", {"source": "sources"}),
    ClassMap(
        "FunctionCallTermination",
        CONDITIONS,
        "termination",
        "tool_used",
        {"function_name": "name"},
        differs="differs.tool_used",
    ),
    ClassMap("AndTerminationCondition", "autogen_agentchat.base", "termination", "all_of", wired=("conditions",)),
    ClassMap("OrTerminationCondition", "autogen_agentchat.base", "termination", "any_of", wired=("conditions",)),
    # Models -----------------------------------------------------------------------------------------------------------
    ClassMap(
        "OpenAIChatCompletionClient",
        "autogen_ext.models.openai",
        "model",
        "openai",
        _OPENAI_FIELDS,
        silent=_OPENAI_SILENT,
        wired=("api_key", "base_url", "organization", "default_headers"),
    ),
    ClassMap(
        "AzureOpenAIChatCompletionClient",
        "autogen_ext.models.openai",
        "model",
        "openai",
        _OPENAI_FIELDS,
        silent=_OPENAI_SILENT,
        wired=(
            "api_key",
            "azure_endpoint",
            "azure_deployment",
            "api_version",
            "azure_ad_token",
            "azure_ad_token_provider",
            "default_headers",
        ),
    ),
    ClassMap(
        "AnthropicChatCompletionClient",
        "autogen_ext.models.anthropic",
        "model",
        "anthropic",
        _OPENAI_FIELDS,
        silent=_OPENAI_SILENT,
        wired=("api_key", "base_url", "default_headers"),
    ),
    ClassMap(
        "OllamaChatCompletionClient",
        "autogen_ext.models.ollama",
        "model",
        "openai",
        {"model": "model", "timeout": "timeout"},
        silent=_OPENAI_SILENT,
        wired=("host", "base_url", "api_key", "options"),
    ),
    # Where code runs --------------------------------------------------------------------------------------------------
    ClassMap(
        "DockerCommandLineCodeExecutor",
        "autogen_ext.code_executors.docker",
        "code_executor",
        "docker",
        {"timeout": "timeout", "image": "image"},
        silent={
            "auto_remove": True,
            "stop_container": True,
            "functions_module": "functions",
            "delete_tmp_files": False,
            "work_dir": ".",
            "extra_volumes": {},
            "extra_hosts": {},
        },
        differs="differs.docker",
    ),
    ClassMap(
        "LocalCommandLineCodeExecutor",
        "autogen_ext.code_executors.local",
        "code_executor",
        "local",
        {"timeout": "timeout"},
        silent={"functions_module": "functions", "cleanup_temp_files": True, "work_dir": "."},
    ),
    ClassMap(
        "JupyterCodeExecutor",
        "autogen_ext.code_executors.jupyter",
        "code_executor",
        "jupyter",
        {"timeout": "timeout"},
        silent={"kernel_name": "python3", "output_dir": "."},
    ),
    # What an agent knows ----------------------------------------------------------------------------------------------
    ClassMap("ListMemory", "autogen_core.memory", "memory", "list_memory", silent={"name": ...}, wired=("memory_contents",)),
    # Tools that are no functions --------------------------------------------------------------------------------------
    ClassMap(
        "McpWorkbench",
        "autogen_ext.tools.mcp",
        "workbench",
        "mcp",
        wired=("server_params", "tool_overrides"),
    ),
    ClassMap(
        "HttpTool",
        "autogen_ext.tools.http",
        "tool",
        "http_tool",
        {"name": "name", "description": "description", "method": "method", "json_schema": "parameters", "timeout": "timeout"},
        {"method": "POST", "timeout": 5.0},
        {"return_type": "text"},
        ("scheme", "host", "port", "path", "headers"),
    ),
    # What a model is shown of the conversation -------------------------------------------------------------------------
    ClassMap("UnboundedChatCompletionContext", "autogen_core.model_context", "chat_completion_context", "everything", silent=_CONTEXT),
    ClassMap(
        "BufferedChatCompletionContext",
        "autogen_core.model_context",
        "chat_completion_context",
        "last_messages",
        {"buffer_size": "count"},
        silent=_CONTEXT,
    ),
    ClassMap(
        "HeadAndTailChatCompletionContext",
        "autogen_core.model_context",
        "chat_completion_context",
        "head_and_tail",
        {"head_size": "head", "tail_size": "tail"},
        silent=_CONTEXT,
    ),
    ClassMap(
        "TokenLimitedChatCompletionContext",
        "autogen_core.model_context",
        "chat_completion_context",
        "token_budget",
        {"token_limit": "tokens"},
        silent={**_CONTEXT, "tool_schema": None},
    ),
)

_BY_NAME = {each.name: each for each in CLASSES}


def class_map(name: str, provider: str, type: str) -> ClassMap | None:
    """What becomes of a class; None for a class of somebody else, and when this installation lacks the kind."""
    found = _BY_NAME.get(name)
    own = "." not in provider or provider.startswith(("autogen_agentchat.", "autogen_core.", "autogen_ext."))
    return found if found is not None and own and found.known and type in ("", found.type) else None


def class_for(kind: str, type: str) -> ClassMap | None:
    """The AutoGen class that one of our kinds is written as; None when there is none."""
    return next((each for each in CLASSES if each.kind == kind and each.type == type), None)
