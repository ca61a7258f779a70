"""Every kind of model, each made so that one server answers for it: what a new kind joins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from claude_server import ClaudeServer
from gemini_server import GeminiServer
from model_server import ModelServer

from studio.engine.models.anthropic_model import AnthropicModel
from studio.engine.models.base import Model, ModelClient
from studio.engine.models.best_of import BestOf
from studio.engine.models.fallback import FallbackModel
from studio.engine.models.gemini_model import GeminiModel
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.practice import PracticeModel

Make = Callable[..., ModelClient]


@dataclass(frozen=True)
class Kind:
    """A kind of model. `of` takes the replies, the pause between words and fields of the model; `proxy` has requests sent by the SDK."""

    name: str
    of: Callable[[Sequence[Any], float, Mapping[str, Any]], Model]
    server: type[ModelServer] = ModelServer
    proxy: bool = False


def served(**own: Any) -> Callable[[Sequence[Any], float, Mapping[str, Any]], OpenAIModel]:
    return lambda replies, pace, fields: OpenAIModel(**{"model": "m", "account": "lab", **own, **fields})


def practice(replies: Sequence[Any], pace: float, fields: Mapping[str, Any]) -> Model:
    return PracticeModel(script={"ann": tuple(replies), "bob": tuple(replies)}, words_per_second=1 / pace if pace else 0)


def claude(replies: Sequence[Any], pace: float, fields: Mapping[str, Any]) -> Model:
    return AnthropicModel(**{"model": "m", "account": "lab", **fields})


def gemini(replies: Sequence[Any], pace: float, fields: Mapping[str, Any]) -> Model:
    return GeminiModel(**{"model": "m", "account": "lab", **fields})


def fallback(replies: Sequence[Any], pace: float, fields: Mapping[str, Any]) -> Model:
    return FallbackModel(models=(served()(replies, pace, fields), served(model="n")(replies, pace, fields)))


def best_of(replies: Sequence[Any], pace: float, fields: Mapping[str, Any]) -> Model:
    return BestOf(models=(served()(replies, pace, fields),), tries=2)


KINDS = (
    Kind("practice", practice),
    Kind("openai straight", served()),
    Kind("openai by its SDK", served(), proxy=True),
    Kind("openai that keeps answers", served(remember=True)),
    Kind("anthropic", claude, ClaudeServer),
    Kind("gemini", gemini, GeminiServer),
    Kind("gemini that keeps answers", lambda replies, pace, fields: gemini(replies, pace, {**fields, "remember": True}), GeminiServer),
    Kind("fallback", fallback),
    Kind("best of", best_of),
)
