"""Models of classic scripts: `llm_config` in all its forms, as a model or as a list of models to fall back on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.formats.autogen_components.envelope import Envelope
from studio.formats.autogen_components.reading_models import OPENAI, read_model, served_by
from studio.formats.autogen_components.source import below
from studio.formats.classic_python.read_calls import arguments, spot_in
from studio.formats.foreign_script.reading import ScriptReading, at
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Class, Record, Setting, Symbol, plain
from studio.texts import text

_SETTINGS = ("temperature", "max_tokens", "timeout", "top_p", "seed", "frequency_penalty", "presence_penalty", "stop", "reasoning_effort")
_FROM = ("from_json", "where")
_ADDRESSES = ("base_url", "api_base", "client_host")
_GPT_4 = ("config_list_openai_aoai", "config_list_gpt4_gpt35")
_TOKENS = ("azure_ad_token", "azure_ad_token_provider")
_READ = frozenset((*_SETTINGS, "max_retries", "config_list", "model", "api_key", "api_type", "api_version", "base_url", "api_base"))
_READ |= {"client_host", "response_format", *_TOKENS}
"""What a configuration says that is read."""

MAX_MODELS = 16


@dataclass(frozen=True, slots=True)
class _Models:
    """The models of a configuration. `unknown` is where it says what only the machine knows, `where` in which file or variable that is.

    `written` are the entries as the script has them.
    """

    entries: list[dict[str, Any]]
    unknown: Spot | None = None
    where: str = ""
    written: tuple[Any, ...] = ()


def settings_of(record: Record) -> Any:
    """The llm_config of an agent: its own, or that of the `with` statement around it; None where it has none."""
    given = arguments(record)
    if "llm_config" in given:
        return given.looked("llm_config")
    for around in reversed(record.within):
        if isinstance(around, Record) and "LLMConfig" in around.callee.split("."):
            return around
    return None


def answer_shape(settings: Any) -> Class | None:
    """The class of the script that says what shape the answers of a model have."""
    shape = _mapping(settings).get("response_format")
    return shape if isinstance(shape, Class) else None


def draw_model(reading: ScriptReading, value: Any, spot: Spot) -> str | None:
    """Draws the model that an llm_config means and gives its node's id; None where it means none."""
    if isinstance(value, Record) and value.method in ("LLMConfig", *_FROM):
        spot = value.spot
    if value in (None, False):
        return None
    config = _mapping(value)
    found = _models(config, spot_in(value, "config_list", spot)) if config else _Models([{}], spot)
    shared = {name: plain(config[name]) for name in (*_SETTINGS, "max_retries") if config.get(name) is not None}
    written = [*found.written, *[None] * len(found.entries)]
    drawn = [
        _draw(reading, {**shared, **each}, spot, (value, said)) for each, said in zip(found.entries[:MAX_MODELS], written, strict=False)
    ]
    if len(found.entries) > MAX_MODELS:
        reading.say("approximated", "fallbacks_lost", at(spot), tuple(drawn), count=len(found.entries) - MAX_MODELS)
    if found.unknown is not None and found.where:
        reading.tell("decision", "config_list", found.unknown, tuple(drawn), remedy=True, where=found.where[:80])
    elif found.unknown is not None:
        reading.tell("decision", "model_unknown", found.unknown, tuple(drawn), remedy=True)
    _tell_lost(reading, config, value, spot, tuple(drawn))
    for each, model in zip(found.written[:MAX_MODELS], drawn, strict=False):
        _tell_lost(reading, _mapping(each) or _entry(each), each, spot, (model,))
    if len(drawn) == 1:
        return drawn[0]
    node = reading.shared("fallback", "", {"of": drawn}, what=text("autogen.what.model", name=text("kind.fallback.name")), at=at(spot))
    reading.put(node, {})
    for each in drawn:
        reading.wire("model", each, node)
    return node


def _tell_lost(reading: ScriptReading, said: Mapping[str, Any], written: Any, spot: Spot, nodes: tuple[str, ...]) -> None:
    """What a configuration or an entry of its list says and no model here takes."""
    for name, value in said.items():
        nothing = value in (None, False, "") or (isinstance(value, list | tuple | dict) and not value)
        read = name in _READ and (name != "response_format" or isinstance(value, Class))
        if nothing or read:
            continue
        where = spot_in(written, name, spot)
        if name in ("cache_seed", "cache"):
            reading.tell("approximated", "cache", where, nodes)
        elif name != "functions" or not _offered(reading.script, value):
            reading.tell("approximated", "model_field", where, nodes, field=name)


def _offered(script: Script, schemas: Any) -> bool:
    """Whether every function that a configuration describes is one of the script's, given to somebody by its name."""
    mapped = {
        name
        for record in script.records
        for each in (record.look("function_map"), arguments(record).looked("function_map"))
        if isinstance(each, Mapping)
        for name, function in each.items()
        if isinstance(function, Symbol)
    }
    listed = schemas if isinstance(schemas, list | tuple) else [schemas]
    return all(isinstance(each, Mapping) and each.get("name") in mapped for each in listed)


def _mapping(value: Any) -> dict[str, Any]:
    """What a configuration says, by name: a dictionary, or an LLMConfig with its entries."""
    if isinstance(value, Mapping):
        return {str(name): each for name, each in value.items() if isinstance(name, str)}
    if not isinstance(value, Record):
        return {}
    if value.method in _FROM:
        return {"config_list": value}
    if value.method != "LLMConfig":
        return {}
    value.take(*range(len(value.args)), *value.kwargs)
    found: dict[str, Any] = dict(value.kwargs)
    entries = [_mapping(each) or _entry(each) for each in value.args]
    if entries:
        found["config_list"] = entries
    return found


def _entry(value: Any) -> dict[str, Any]:
    """A typed entry of AG2: OpenAILLMConfigEntry(model=…)."""
    if isinstance(value, Record) and value.method.endswith("ConfigEntry"):
        value.take(*value.kwargs)
        kind = value.method.removesuffix("LLMConfigEntry").lower()
        return {"api_type": kind, **value.kwargs}
    return {}


def _models(config: dict[str, Any], spot: Spot) -> _Models:
    listed = config.get("config_list")
    if listed is None:
        return _Models([config])
    if isinstance(listed, Record):
        return _elsewhere(listed)
    if isinstance(listed, Mapping):
        listed = [listed]
    if isinstance(listed, list | tuple):
        found = [(entry, each) for each in listed if (entry := _mapping(each) or _entry(each))]
        if found:
            return _Models([entry for entry, _ in found], written=tuple(each for _, each in found))
    return _Models([{}], spot)


def _elsewhere(record: Record) -> _Models:
    """A list of models that lies in a file or an environment variable: what it is filtered by says which ones are meant."""
    given = arguments(record)
    inner = given.get("config_list")
    wanted = given.get("filter_dict")
    if record.method == "where" and record.of is not None:
        # `LLMConfig.from_json(path="…").where(model="gpt-5")`, `LLMConfig(config_list=[…]).where(tags=["fast"])`
        wanted, inner = dict(given), _mapping(record.of).get("config_list")
        given = arguments(record.of)
        record.take(*record.kwargs)
        record = record.of
    names: list[str] = []
    record.take(*range(len(record.args)), *record.kwargs)
    if isinstance(wanted, Mapping):
        models = plain(wanted.get("model"))
        # Any of these may be there: the first is the one that is wanted most.
        names = [each for each in (models if isinstance(models, list) else [models]) if isinstance(each, str)][:1]
    if isinstance(inner, Mapping):
        inner = [inner]
    if isinstance(inner, list):
        entries = [entry for each in inner if (entry := _mapping(each) or _entry(each))]
        asked = plain(wanted.get("model")) if isinstance(wanted, Mapping) else None
        chosen = [entry for entry in entries if asked is None or plain(entry.get("model")) in asked]
        return _Models(chosen or [{"model": name} for name in names] or [{}])
    if isinstance(listed := given.get("model_list"), list | tuple):
        names = [str(each) for each in listed if isinstance(each, str)]
    if isinstance(keys := given.get("model_api_key_map"), Mapping):
        names = [str(each) for each in keys if isinstance(each, str)]
    if record.method in _GPT_4 and not names:
        names = ["gpt-4"]
    source = given.get("env_or_file") or given.get("path") or given.get("env") or given.get("dotenv_file_path")
    where = source if isinstance(source, str) else record.method
    return _Models([{"model": name} for name in names] or [{}], record.spot, str(where))


def _draw(reading: ScriptReading, entry: Mapping[str, Any], spot: Spot, written: tuple[Any, ...]) -> str:
    """Draws one model. `written` are the configuration and its entry as the script has them: what they say stands there."""
    where = at(spot)
    for field in entry:
        for said in written:
            reading.piece.places[below(where, field)] = spot_in(said, field, reading.piece.places.get(below(where, field), spot))
    kind = str(plain(entry.get("api_type")) or "").lower()
    own: dict[str, Any] = {name: plain(entry[name]) for name in _SETTINGS if entry.get(name) is not None}
    own["model"] = _said(reading, entry, "model", spot) or ""
    if kind == "azure" and isinstance(version := plain(entry.get("api_version")), str):
        own["api_version"] = version
    elif entry.get("api_version"):
        reading.tell("approximated", "model_field", spot, field="api_version")
    if isinstance(retries := plain(entry.get("max_retries")), int):
        own["max_retries"] = retries
    # Tokens are never taken over, whatever gives them.
    own |= {name: {"source": name} for name in _TOKENS if entry.get(name) is not None}
    key = entry.get("api_key")
    if isinstance(key, str):
        own["api_key"] = str(key)
    address = _said(reading, entry, next((each for each in _ADDRESSES if entry.get(each)), _ADDRESSES[0]), spot)
    if isinstance(address, str) and address:
        own["azure_endpoint" if kind == "azure" else "base_url"] = address
    served = served_by(kind)
    if served is None:
        reading.tell("decision", "api_type", spot, kind=kind)
    elif served.address:
        own.setdefault("base_url", served.address)
    name = served.name if served is not None else OPENAI
    return read_model(reading, Envelope(name, name, "model", own, {}, where, where))


def _said(reading: ScriptReading, entry: Mapping[str, Any], field: str, spot: Spot) -> Any:
    """A field of an entry; of a variable's value, what is taken where the variable is not set."""
    value = entry.get(field)
    if not isinstance(value, Setting):
        return plain(value)
    if field == "model" or value.default is not None:
        reading.tell("approximated", "setting_default", spot, field=field, name=value.name, value=str(plain(value.default) or "—")[:80])
    return plain(value.default)
