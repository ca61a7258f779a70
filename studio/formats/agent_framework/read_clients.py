"""Clients and providers of Agent Framework: whom an agent asks, and which kind of model that is."""

from __future__ import annotations

from collections.abc import Mapping

from studio.formats.foreign_script.functions import is_framework
from studio.formats.python_reading.values import Record

MADE_BY_CLIENT = ("as_agent", "create_agent")

_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("OpenAIChatCompletionClient", "OpenAIChatClient", "OpenAIResponsesClient", "FoundryChatClient"), "openai"),
    **dict.fromkeys(("OpenAIAssistantsClient", "OpenAIAssistantProvider"), "openai"),
    **dict.fromkeys(("AzureOpenAIChatClient", "AzureOpenAIResponsesClient", "AzureOpenAIAssistantsClient"), "azure"),
    **dict.fromkeys(("AzureAIAgentClient", "AzureAIClient", "AzureAIProjectAgentProvider", "AzureAIAgentsProvider"), "azure"),
    **dict.fromkeys(("AnthropicClient", "AnthropicFoundryClient", "AnthropicBedrockClient", "AnthropicVertexClient"), "anthropic"),
    "OllamaChatClient": "ollama",
    "GeminiChatClient": "google",
}
"""What AutoGen 0.2 called the kind of a client's models."""


def kind_of(client: Record) -> str | None:
    """The kind of the models that a client asks; None for one that nobody knows."""
    return _KINDS.get(client.method)


def made_by_client(record: Record) -> bool:
    """Whether a call makes an agent of a client's or a provider's, one that only a run would tell among them."""
    if record.method not in MADE_BY_CLIENT:
        return False
    client = record.of
    if client is None:
        return "." in record.callee and "instructions" in record.kwargs
    if client.definition is not None:
        return any(str(getattr(base, "name", "")).endswith("ChatClient") for base in client.definition.bases)
    return client.method in _KINDS or (is_framework(client.callee) and client.method.endswith(("Client", "Provider")))
