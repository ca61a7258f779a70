"""Writing models as the llm_config of AutoGen 0.2."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from studio.engine.models.base import Model
from studio.engine.teams.team import Team
from studio.flow.document import FlowDocument
from studio.formats.classic_python.registering import Registration
from studio.formats.python_text.endpoints import Endpoint, endpoints
from studio.formats.python_text.literals import literal
from studio.formats.python_text.program import Program
from studio.formats.python_text.walk import distinct, inner_first

_API_TYPES = {"azure": "azure", "anthropic": "anthropic", "gemini": "google"}
CACHED = 41
"""The seed under which AutoGen 0.2 keeps answers by default."""


WARMEST = 1.0
"""The highest temperature that Anthropic's models take."""


class ModelWriting(Program):
    """Writes models; each one once, as a variable. Statements are kept by what they are about, in the order of the file."""

    def __init__(self, document: FlowDocument, team: Team, participants: dict[str, str], reserved: Collection[str], package: str) -> None:
        super().__init__(document, team, participants, reserved)
        self.package = package
        self.own_classes: set[str] = set()
        self.model_statements: list[str] = []
        self.approvals: list[str] = []
        self.agent_statements: list[str] = []
        self.registrations: list[Registration] = []
        self.group_statements: list[str] = []
        self.late_statements: list[str] = []
        self._models = distinct(self.team, Model)

    def config(self, model: Model | None) -> str:
        """What an agent is given as its llm_config: a variable's name, "False" for none."""
        if model is None:
            return "False"
        key = model.model_dump_json()
        if key not in self.model_variables:
            self.first_models[key] = model
            label = self.losses.label(model)
            self.model_variables[key] = self.names.new(f"{label}_config" if label and len(self._models) > 1 else "llm_config", "config")
            self.model_statements.append(f"{self.model_variables[key]} = {self._dictionary(model)}")
        else:
            for again, first in zip(inner_first(model), inner_first(self.first_models[key]), strict=True):
                self.losses.said_as(again, first)
        return self.model_variables[key]

    def _dictionary(self, model: Model) -> str:
        found = endpoints(model, self.losses)
        owners: list[Any] = [each.owner for each in found]
        rest = {"cache_seed": str(CACHED) if any(getattr(owner, "remember", False) for owner in owners) else "None"}
        first = owners[0]
        for field, theirs in (
            ("temperature", "temperature"),
            ("max_tokens", "max_tokens"),
            ("timeout", "timeout"),
            ("retries", "max_retries"),
        ):
            value = getattr(first, field, None)
            info = type(first).model_fields.get(field)
            if field == "temperature" and value is not None and value > WARMEST and any(each.protocol == "anthropic" for each in found):
                self.losses.lose("warmest", first, value=f"{value:g}", warmest=f"{WARMEST:g}")
                value = WARMEST
            if info is not None and value is not None and value != info.default:
                rest[theirs] = literal(max(1, round(value)) if field == "timeout" else value)
        for name, value in (getattr(first, "extra", None) or {}).items():
            rest[str(name)] = literal(value)
        for owner in owners:
            self.losses.said(owner, "remember", "temperature", "max_tokens", "timeout", "retries", "extra")
            if any(getattr(owner, name, None) != getattr(first, name, None) for name in ("temperature", "max_tokens")):
                self.losses.lose("same_values", owner)
        alone = len(found) == 1 and found[0].is_plain
        asked = {"model": found[0].model} if alone else {"config_list": f"[{', '.join(map(self._entry, found))}]"}
        if any("os.environ" in source for source in asked.values()):
            self.script.module("os")
        return _as_source({**asked, **rest})

    def _entry(self, place: Endpoint) -> str:
        pairs = {"model": place.model}
        if place.protocol in _API_TYPES:
            pairs["api_type"] = literal(_API_TYPES[place.protocol])
        pairs["api_key"] = place.key
        if place.base_url:
            pairs["base_url"] = place.base_url
        if place.protocol == "azure":
            pairs["api_version"] = 'os.environ.get("OPENAI_API_VERSION", "2024-10-21")'
        if place.protocol in ("anthropic", "gemini"):
            self.losses.lose("extra_package", place.owner, package=f"autogen-agentchat[{place.protocol}]~=0.2.40")
        return _as_source(pairs)


def _as_source(pairs: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{literal(name)}: {value}' for name, value in pairs.items())}}}"
