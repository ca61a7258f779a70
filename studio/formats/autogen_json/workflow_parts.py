"""The models and skills of AutoGen Studio before 0.4, by themselves or of an agent, and how the fields of its JSON are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studio.formats.autogen_components.envelope import Envelope
from studio.formats.autogen_components.first_studio import current_skill
from studio.formats.autogen_components.reading import Reading
from studio.formats.autogen_components.reading_models import OPENAI, PASSED_ON, read_model, served_by
from studio.formats.autogen_components.reading_tools import read_function
from studio.formats.autogen_components.source import below
from studio.texts import text

MAX_AGENTS = 200
MAX_MODELS = 16

_ACCOUNT = ("api_key", "base_url", "api_base", "api_type")
"""Fields of which a model's settings have one."""

_SETTINGS = ("temperature", "max_tokens", "timeout")
_MODEL = ("model", "description", "api_version", "tags", *_SETTINGS, *PASSED_ON, *_ACCOUNT)
_NO_MODEL = ("messages", "provider", "system_message", "name", "type", "component_type", "model_type")
"""Fields of what names a model beside other things: a request, an agent, a component of later versions."""

_SKILL = ("name", "title", "content", "description", "secrets", "libraries", "file_name")
_ROW = ("id", "user_id", "created_at", "updated_at", "timestamp", "version")
"""What a database put around a part when it was saved by itself."""


def is_model(value: Any) -> bool:
    """Whether it is a model of AutoGen Studio before 0.4, or of a list of configurations of AutoGen 0.2."""
    if not isinstance(value, Mapping) or any(field in value for field in _NO_MODEL):
        return False
    return isinstance(value.get("model"), str) and any(isinstance(value.get(field), str) for field in _ACCOUNT)


def is_skill(value: Any) -> bool:
    """Whether it is a skill of AutoGen Studio before 0.4: Python with a name."""
    if not isinstance(value, Mapping) or not value.keys() <= {*_SKILL, *_ROW}:
        return False
    content = value.get("content")
    return isinstance(value.get("name") or value.get("title"), str) and isinstance(content, str) and "def " in content


def draw_models(reading: Reading, agent: Mapping[str, Any], at: str, target: str) -> None:
    """The agent's model; of several, each after the first is one to fall back on."""
    listed = agent.get("models")
    settings = mapping(mapping(agent.get("config")).get("llm_config"))
    place = below(at, "models")
    if not isinstance(listed, list) or not listed:
        listed, place = settings.get("config_list"), below(at, "config", "llm_config", "config_list")
    given = (
        [(item, below(place, index)) for index, item in enumerate(listed) if isinstance(item, Mapping)] if isinstance(listed, list) else []
    )
    drawn = [draw_model(reading, item, where, settings) for item, where in given[:MAX_MODELS]]
    if len(given) > MAX_MODELS:
        reading.say("approximated", "fallbacks_lost", below(place, MAX_MODELS), tuple(drawn), count=len(given) - MAX_MODELS)
    for field in settings:
        if drawn and field not in ("config_list", *_SETTINGS, *PASSED_ON) and settings[field] not in (None, "", [], {}, False):
            where = below(at, "config", "llm_config", field)
            reading.say("approximated", "field_lost", where, tuple(drawn), name=name_of(agent), field=str(field)[:80])
    if len(set(drawn)) > 1:
        node = reading.shared("fallback", "", {"of": drawn}, what=text("autogen.what.model", name=text("kind.fallback.name")), at=place)
        reading.put(node, {})
        for each in drawn:
            reading.wire("model", each, node)
        drawn = [node]
    if drawn:
        reading.wire("model", drawn[0], target)


def draw_model(reading: Reading, model: Mapping[str, Any], at: str, settings: Mapping[str, Any] | None = None) -> str:
    kind = plain_text(model.get("api_type")).lower()
    served = served_by(kind)
    own = {"model": model.get("model"), "api_key": model.get("api_key")}
    for given in (settings or {}, model):
        own |= {field: given[field] for field in (*_SETTINGS, *PASSED_ON) if given.get(field) is not None}
    address = plain_text(model.get("base_url")) or plain_text(model.get("api_base")) or (served.address if served else "")
    azure = kind == "azure"
    own |= {"azure_endpoint": address} if azure else {"base_url": address or None}
    if model.get("api_version") and azure:
        own["api_version"] = model["api_version"]
    name = served.name if served else OPENAI
    node = read_model(reading, Envelope(name, name, "model", own, model, at, at))
    if served is None:
        reading.say("decision", "api_type", below(at, "api_type"), (node,), kind=kind[:80])
    unread = [each for each in model if each not in (*_MODEL, *_ROW)] + ([] if azure else ["api_version"])
    for field in unread:
        if model.get(field) not in (None, "", [], {}, False):
            what = plain_text(model.get("model"))[:80]
            reading.say("approximated", "field_lost", below(at, field), (node,), name=what, field=str(field)[:80])
    return node


def draw_skill(reading: Reading, skill: Mapping[str, Any], at: str) -> str | None:
    """Draws a skill as a Python tool; None for one without source, which is told."""
    content = skill.get("content")
    skill = current_skill(skill)
    name = plain_text(skill.get("name"))[:80]
    if not isinstance(content, str) or not content.strip():
        reading.say("approximated", "field_lost", at, name=text("autogen.what.tool", name=name), field="content")
        return None
    facts = {"name": skill.get("name"), "description": skill.get("description"), "imports": None}
    tool = read_function(reading, source=content, **facts, at=at, code_at=below(at, "content"), name_at=below(at, "name"))
    for field in ("secrets", "libraries"):
        if wanted := _names(skill.get(field)):
            reading.say("decision", f"skill_{field}", below(at, field), (tool,), name=name, names=", ".join(wanted)[:200])
    return tool


def _names(listed: Any) -> list[str]:
    """What a skill's secrets or libraries are called."""
    names = [each.get("secret") if isinstance(each, Mapping) else each for each in (listed if isinstance(listed, list) else ())]
    return [each for each in names if isinstance(each, str)]


def name_of(agent: Mapping[str, Any]) -> str:
    return plain_text(mapping(agent.get("config")).get("name"))[:80]


def first(reading: Reading, listed: Any, at: str) -> Sequence[Any]:
    return reading.first(listed, MAX_AGENTS, at, what=at.rpartition("/")[2]) if isinstance(listed, list) else ()


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def plain_text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
