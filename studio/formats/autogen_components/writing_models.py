"""Writing models as AutoGen components."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from studio.engine.models.practice import PracticeModel
from studio.engine.models.presets import preset_named
from studio.flow.document import Node
from studio.formats.autogen_components.envelopes import component, envelope_of
from studio.formats.autogen_components.mapping import CLASSES
from studio.formats.autogen_components.writing import Writing
from studio.texts import text

_PASSED_ON = ("frequency_penalty", "logit_bias", "presence_penalty", "response_format", "seed", "stop", "top_p", "user", "reasoning_effort")
KNOWN_MODELS = re.compile(
    r"gpt-3\.5-turbo|gpt-4|gpt-4-turbo|gpt-4o(?:-2024-(?:05-13|08-06|11-20))?|gpt-4o-mini(?:-2024-07-18)?"
    r"|gpt-4\.1(?:-mini|-nano)?(?:-2025-04-14)?|gpt-5(?:-mini|-nano)?(?:-2025-08-07)?"
    r"|o1(?:-2024-12-17)?|o3(?:-2025-04-16)?|o3-mini(?:-2025-01-31)?|o4-mini(?:-2025-04-16)?"
)
"""Names that AutoGen knows by itself; all others need a `model_info`."""

ANY_MODEL = {
    "vision": False,
    "function_calling": True,
    "json_output": True,
    "family": "unknown",
    "structured_output": True,
    "multiple_system_messages": True,
}


class ModelWriting(Writing):
    """Writes models too."""

    def model(self, node: Node, agent: str = "") -> Any:
        """A model's envelope for one agent; None when there is nothing like it."""
        if self.drawing.categories[node.id] == "unknown":
            return self.kept(node)
        if node.kind == "practice":
            return self._practice(node, agent)
        table = next((each for each in CLASSES if each.type == "model" and each.kind == node.kind), None)
        if table is None:
            self.lose("model", node, "decision")
            return None
        config = {theirs: self.value(node, ours) for theirs, ours in table.fields.items() if node.config.get(ours) is not None}
        account = str(self.value(node, "account"))
        preset = preset_named(account)
        if not config.get("model"):
            config["model"] = preset.model if preset is not None and preset.model else "gpt-4o-mini"
            self.lose("no_model_name", node, model=config["model"])
        extra = self.value(node, "extra")
        config |= {name: value for name, value in extra.items() if name in _PASSED_ON}
        if lost := [name for name in extra if name not in _PASSED_ON]:
            self.lose("extra", node, fields=", ".join(lost))
        self.leftovers(node, (*table.fields.values(), "account", "extra"))
        if preset is not None and preset.id == "azure":
            return self._azure(node, config)
        if node.kind == "openai" and account != "openai":
            if preset is not None and preset.base_url:
                config["base_url"] = preset.base_url
                self.lose("key", node, account=account)
            else:
                self.lose("address", node, "decision", account=account)
        if node.kind == "openai" and not KNOWN_MODELS.fullmatch(str(config["model"])):
            config["model_info"] = ANY_MODEL
        if node.kind == "anthropic" and not str(config["model"]).startswith("claude"):
            config["model_info"] = ANY_MODEL
        return component(table, config, self.version)

    def _azure(self, node: Node, config: dict[str, Any]) -> dict[str, Any]:
        table = next(each for each in CLASSES if each.name == "AzureOpenAIChatCompletionClient")
        self.lose("azure", node, "decision")
        address = {
            "azure_endpoint": "https://YOUR-RESOURCE.openai.azure.com",
            "azure_deployment": config["model"],
            "api_version": "2024-10-21",
        }
        return component(table, {**config, **address, "model_info": ANY_MODEL}, self.version)

    def _practice(self, node: Node, agent: str) -> dict[str, Any]:
        script = self.value(node, "script") or PracticeModel.stand_in("script", node.config)
        replies = script.get(agent) if isinstance(script, Mapping) else None
        spoken = [reply for reply in replies or () if isinstance(reply, str)]
        self.lose("practice", node)
        config = {"chat_completions": spoken or [text("autogen.practice_reply")], "model_info": ANY_MODEL}
        return envelope_of("autogen_ext.models.replay.ReplayChatCompletionClient", "chat_completion_client", config)
