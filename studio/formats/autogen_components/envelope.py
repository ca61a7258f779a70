"""One AutoGen component as it stands in a file, whichever AutoGen wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.formats.autogen_components.source import below

ELSEWHERE = "elsewhere"
"""What the provider of a component begins with that a script only names: another file makes it."""

_FLAT: Mapping[str, str] = {
    "team_type": "team",
    "agent_type": "agent",
    "model_type": "model",
    "termination_type": "termination",
    "tool_type": "tool",
}
"""AutoGen Studio 0.4.0 named the class of a component in one of these fields and put its own fields beside it."""

_FLAT_NAMES: Mapping[str, str] = {"PythonFunction": "FunctionTool", "CombinationTermination": "OrTerminationCondition"}
_SHORT_NAMES: Mapping[str, str] = {
    "openai_chat_completion_client": "OpenAIChatCompletionClient",
    "azure_openai_chat_completion_client": "AzureOpenAIChatCompletionClient",
}
COLUMNS = ("user_id", "id", "created_at", "updated_at", "version", "component_type")
"""What AutoGen Studio's database puts around a component."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """`name` is the class, `provider` what the file says of it; `pointer` is the component's place, `inside` that of its fields."""

    name: str
    provider: str
    type: str
    config: Mapping[str, Any]
    raw: Mapping[str, Any]
    pointer: str
    inside: str
    label: str = ""
    description: str = ""
    version: int = 1

    def at(self, *keys: str | int) -> str:
        """The pointer of one of its fields."""
        return below(self.inside, *keys)


def envelope(value: Any, pointer: str) -> Envelope | None:
    """The component that a value is; None when it is none."""
    if not isinstance(value, Mapping):
        return None
    provider = value.get("provider")
    if isinstance(provider, str) and provider:
        config = value.get("config")
        last = provider.rpartition(".")[2]
        return Envelope(
            name=_SHORT_NAMES.get(last, last),
            provider=provider,
            type=_word(value.get("component_type")),
            config=config if isinstance(config, Mapping) else {},
            raw=value,
            pointer=pointer,
            inside=below(pointer, "config"),
            label=_word(value.get("label")),
            description=_word(value.get("description")),
            version=_version(value.get("component_version")),
        )
    for field, kind in _FLAT.items():
        name = value.get(field)
        if isinstance(name, str) and name:
            own = {key: item for key, item in value.items() if key != field and key not in COLUMNS}
            flat = _FLAT_NAMES.get(name, name)
            if name == "CombinationTermination" and str(own.pop("operator", "or")).lower() == "and":
                flat = "AndTerminationCondition"
            if kind in ("model", "termination"):
                # Later versions hold it beside the fields: it says what the component is for.
                own.pop("description", None)
            if flat == "FunctionTool" and "content" in own:
                own["source_code"] = own.pop("content")
            return Envelope(flat, name, kind, own, value, pointer, pointer, description=_word(value.get("description")), version=0)
    return None


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _version(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 1
