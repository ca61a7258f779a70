"""How AutoGen's classes are called: which parameter stands in which place, and which ones hold other components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studio.formats.python_reading.values import Record

_BEFORE = ("termination_condition", "max_turns")
"""What teams took by place in releases before those that want it by name."""

SIGNATURES: Mapping[str, tuple[str, ...]] = {
    "AssistantAgent": ("name", "model_client"),
    "UserProxyAgent": ("name",),
    "CodeExecutorAgent": ("name", "code_executor"),
    "SocietyOfMindAgent": ("name", "team", "model_client"),
    "MultimodalWebSurfer": (
        *("name", "model_client", "downloads_folder", "description", "debug_dir", "headless", "start_page", "animate_actions"),
        *("to_save_screenshots", "use_ocr", "browser_channel", "browser_data_dir", "to_resize_viewport", "playwright", "context"),
    ),
    "FileSurfer": ("name", "model_client", "description", "base_path"),
    "VideoSurfer": ("name", "model_client"),
    "MagenticOneCoderAgent": ("name", "model_client"),
    "OpenAIAssistantAgent": ("name", "description", "client", "model", "instructions", "tools"),
    "OpenAIAgent": ("name", "description", "client", "model", "instructions", "tools"),
    "MessageFilterAgent": ("name", "wrapped_agent", "filter"),
    "RoundRobinGroupChat": ("participants", *_BEFORE),
    "SelectorGroupChat": ("participants", "model_client"),
    "Swarm": ("participants", *_BEFORE),
    "GraphFlow": ("participants", "graph", *_BEFORE),
    "MagenticOneGroupChat": ("participants", "model_client"),
    "MagenticOne": ("client", "hil_mode", "input_func", "code_executor", "approval_func"),
    "TextMentionTermination": ("text", "sources"),
    "MaxMessageTermination": ("max_messages", "include_agent_event"),
    "TokenUsageTermination": ("max_total_token", "max_prompt_token", "max_completion_token"),
    "HandoffTermination": ("target",),
    "TimeoutTermination": ("timeout_seconds",),
    "SourceMatchTermination": ("sources",),
    "TextMessageTermination": ("source",),
    "FunctionCallTermination": ("function_name",),
    "FunctionalTermination": ("func",),
    "AndTerminationCondition": ("conditions",),
    "OrTerminationCondition": ("conditions",),
    "FunctionTool": ("func", "description", "name", "global_imports", "strict"),
    "AgentTool": ("agent", "return_value_as_last_message"),
    "TeamTool": ("team", "name", "description", "return_value_as_last_message"),
    "HttpTool": ("name", "host", "port", "json_schema"),
    "McpWorkbench": ("server_params", "tool_overrides"),
    "StaticWorkbench": ("tools",),
    "StaticStreamWorkbench": ("tools",),
    "mcp_server_tools": ("server_params",),
    "DockerCommandLineCodeExecutor": ("image", "container_name"),
    "LocalCommandLineCodeExecutor": ("timeout", "work_dir", "functions"),
    "JupyterCodeExecutor": ("kernel_name", "timeout", "output_dir"),
    "BufferedChatCompletionContext": ("buffer_size", "initial_messages"),
    "UnboundedChatCompletionContext": ("initial_messages",),
    "HeadAndTailChatCompletionContext": ("head_size", "tail_size", "initial_messages"),
    "TokenLimitedChatCompletionContext": ("model_client",),
    "ListMemory": ("name", "memory_contents"),
    "MemoryContent": ("content", "mime_type"),
    "ChatCompletionCache": ("client", "store"),
    "ReplayChatCompletionClient": ("chat_completions",),
    "Handoff": ("target",),
    "PerSourceFilter": ("source", "position", "count"),
    "MessageFilterConfig": ("per_source",),
    "DiGraphNode": ("name", "edges", "activation"),
    "DiGraphEdge": ("target", "condition"),
}
"""The parameters that may be given by place."""

METHODS: Mapping[str, tuple[str, ...]] = {
    "run": ("task",),
    "run_stream": ("task",),
    "on_messages": ("messages", "cancellation_token"),
    "on_messages_stream": ("messages", "cancellation_token"),
    "on_reset": ("cancellation_token",),
    "Console": ("stream",),
    "load_state": ("state",),
    "add_node": ("node", "activation"),
    "add_edge": ("source", "target", "condition"),
    "add_conditional_edges": ("source", "condition_to_target"),
    "set_entry_point": ("name",),
    "load_component": ("model", "expected"),
}
"""The parameters of methods and functions that may be given by place."""

BY_ITSELF = frozenset(
    "Console RichConsole close start stop reset on_reset cancel dump_component save_state model_dump model_dump_json CancellationToken "
    "get_participants total_usage actual_usage remaining_tokens to_text to_model_text get_messages ModelInfo UserInputManager "
    "AzureTokenProvider DiskCacheStore RedisStore build delete_assistant delete_uploaded_files delete_vector_store".split()
)
"""Calls whose work is done here without being drawn: what is said and what it costs is shown, and every run begins anew."""

USUAL: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "TextMessage": {"source": ("user", "User")},
    "MultiModalMessage": {"source": ("user",)},
    "UserMessage": {"source": ("user",)},
    "MemoryContent": {"mime_type": ("TEXT", "text/plain")},
    "run": {"output_task_messages": (True,)},
    "run_stream": {"output_task_messages": (True,)},
    "Console": {"output_stats": (False, True), "no_inline_images": (False,)},
}
"""Arguments that say what is so anyway, by what is called."""


def parameters(record: Record) -> Sequence[str]:
    """The names of a call's arguments by place."""
    return METHODS.get(record.method) or SIGNATURES.get(record.method, ())


TYPES: Mapping[str, str] = {
    "model_client": "model",
    "code_executor": "code_executor",
    "termination_condition": "termination",
    "model_context": "chat_completion_context",
    "team": "team",
    "agent": "agent",
    "wrapped_agent": "agent",
}
"""Fields that hold one component, and what it is."""

LISTS: Mapping[str, str] = {
    "participants": "agent",
    "tools": "tool",
    "memory": "memory",
    "workbench": "workbench",
    "conditions": "termination",
}
"""Fields that hold several components."""

ROOTS: Mapping[str, str] = {
    "AssistantAgent": "agent",
    "UserProxyAgent": "agent",
    "CodeExecutorAgent": "agent",
    "SocietyOfMindAgent": "agent",
    "MessageFilterAgent": "agent",
    "RoundRobinGroupChat": "team",
    "SelectorGroupChat": "team",
    "Swarm": "team",
    "GraphFlow": "team",
    "MagenticOneGroupChat": "team",
    "MagenticOne": "team",
    "OpenAIAssistantAgent": "agent",
    "OpenAIAgent": "agent",
    "AzureAIAgent": "agent",
    "MultimodalWebSurfer": "agent",
    "FileSurfer": "agent",
    "VideoSurfer": "agent",
    "MagenticOneCoderAgent": "agent",
}
"""Classes that take part in a conversation."""

SILENT = frozenset(
    "run run_stream load_state on_messages on_messages_stream on_reset close reset start stop pause resume dump_component save_state set "
    "get_participants build add_node add_edge add_conditional_edges set_entry_point add clear query model_dump model_dump_json to_text "
    "to_model_text cancel create create_stream from_uri from_file from_pil load_component link_future total_usage actual_usage "
    "count_tokens remaining_tokens get_messages result inner_messages chat_message messages".split()
)
"""Methods that change nothing of what is drawn, or that are read together with what they are called on."""

BESIDE = frozenset(
    "Console UserInputManager TextMessage MultiModalMessage StopMessage HandoffMessage StructuredMessage UserMessage SystemMessage "
    "AssistantMessage CancellationToken ModelInfo ModelFamily Image TaskResult RequestUsage ModelCapabilities FunctionExecutionResult "
    "MemoryContent MemoryMimeType Handoff DiGraphBuilder DiGraph DiGraphNode DiGraphEdge PerSourceFilter MessageFilterConfig "
    "StdioServerParams SseServerParams StreamableHttpServerParams DiskCacheStore CacheStore RedisStore AzureTokenProvider "
    "ChatCompletionCache FunctionTool mcp_server_tools create_default_code_executor".split()
)
"""Classes that are no component of a flow: what they say is read where they are used, or shows nothing but the conversation."""
