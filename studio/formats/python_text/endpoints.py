"""Where a model answers, as a program says it: its name, its key from the environment, and its address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from studio.engine.models.accounts import variable_prefix
from studio.engine.models.anthropic_model import AnthropicModel
from studio.engine.models.base import Model
from studio.engine.models.best_of import BestOf
from studio.engine.models.fallback import FallbackModel
from studio.engine.models.gemini_model import GeminiModel
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.practice import PracticeModel
from studio.engine.models.presets import preset_named
from studio.formats.python_text.literals import quoted
from studio.formats.python_text.losses import Losses

DEFAULT = "gpt-4o-mini"
"""The model that is written where neither the flow nor its account names one."""

OWN_KEY = 'os.environ["OPENAI_API_KEY"]'
"""The key that a client of OpenAI's looks for by itself."""

Protocol = Literal["openai", "azure", "anthropic", "gemini"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """All as source: `key` and `base_url` are empty for the framework's own default. `owner` is the model that has the fields."""

    protocol: Protocol
    model: str
    key: str
    base_url: str
    owner: Model

    @property
    def is_plain(self) -> bool:
        """Whether it is OpenAI's own server with the key that every client of theirs looks for by itself."""
        return self.protocol == "openai" and not self.base_url and self.key == OWN_KEY


def endpoints(model: Model, losses: Losses) -> list[Endpoint]:
    """The places that a model may ask, in their order; what is lost on the way is told."""
    return list(_endpoints(model, losses))


def _endpoints(model: Model, losses: Losses) -> Iterator[Endpoint]:
    match model:
        case FallbackModel():
            losses.said(model)
            for each in model.models:
                yield from _endpoints(each, losses)
        case BestOf():
            losses.lose("best_of", model, *type(model).model_fields)
            for each in model.models:
                losses.said(each, *type(each).model_fields)
            yield from _endpoints(model.models[0], losses)
        case PracticeModel():
            losses.lose("practice", model, "recording", "script", "words_per_second")
            yield Endpoint("openai", quoted(DEFAULT), OWN_KEY, "", model)
        case AnthropicModel():
            yield _native(model, "anthropic", "ANTHROPIC_API_KEY", "claude-sonnet-4-5", losses)
        case GeminiModel():
            yield _native(model, "gemini", "GEMINI_API_KEY", "gemini-2.5-flash", losses)
        case OpenAIModel():
            yield _openai(model, losses)
        case _:
            losses.lose("model", model, *type(model).model_fields, level="decision")
            yield Endpoint("openai", f'os.environ.get("OPENAI_MODEL", "{DEFAULT}")', OWN_KEY, "", model)


def _native(model: Any, protocol: Protocol, variable: str, usual: str, losses: Losses) -> Endpoint:
    losses.said(model, "model", "account")
    prefix = variable_prefix(model.account)
    key = f"{prefix}_API_KEY" if model.account != type(model).model_fields["account"].default else variable
    return Endpoint(protocol, quoted(model.model or usual), f"os.environ[{quoted(key)}]", "", model)


def _openai(model: OpenAIModel, losses: Losses) -> Endpoint:
    losses.said(model, "model", "account")
    preset, prefix = preset_named(model.account), variable_prefix(model.account)
    usual = (preset.model if preset is not None else "") or DEFAULT
    name = quoted(model.model) if model.model else f"os.environ.get({quoted(prefix + '_MODEL')}, {quoted(usual)})"
    if preset is not None and preset.id == "azure":
        return Endpoint("azure", name, 'os.environ["AZURE_OPENAI_API_KEY"]', 'os.environ["AZURE_OPENAI_ENDPOINT"]', model)
    if preset is not None and preset.id == "openai":
        return Endpoint("openai", name, f'os.environ["{prefix}_API_KEY"]', "", model)
    if preset is not None:
        key = (
            f'os.environ.get("{prefix}_API_KEY", "none")' if preset.local else f'os.environ["{(preset.keys or (prefix + "_API_KEY",))[0]}"]'
        )
        address = f"os.environ.get({quoted(prefix + '_BASE_URL')}, {quoted(preset.base_url)})" if preset.local else quoted(preset.base_url)
        return Endpoint("openai", name, key, address, model)
    return Endpoint("openai", name, f'os.environ.get("{prefix}_API_KEY", "none")', f'os.environ["{prefix}_BASE_URL"]', model)
