"""Who is who in a classic script: agents, people, their names and when they are asked, and what ends a conversation for them."""

from __future__ import annotations

from typing import Any

from studio.formats.classic_python.read_calls import AGENTS, OTHER_AGENTS, arguments
from studio.formats.classic_python.read_models import settings_of
from studio.formats.foreign_script.functions import is_framework
from studio.formats.foreign_script.reading import BETA
from studio.formats.foreign_script.rules import Never, Words, rule_of
from studio.formats.python_reading.values import Function, Record, Symbol, plain

MODES = {"ALWAYS": "always", "TERMINATE": "terminate", "NEVER": "never"}
_NEVER_ASK = ("AssistantAgent", "SwarmAgent", "GPTAssistantAgent", "CaptainAgent")
_USUAL_MODE = {"UserProxyAgent": "ALWAYS", **dict.fromkeys(_NEVER_ASK, "NEVER")}


def is_agent(value: Any) -> bool:
    """Whether a value is an agent, of AutoGen's or of the script's own class."""
    if not isinstance(value, Record) or value.of is not None:
        return False
    if value.definition is not None:
        return any(not isinstance(base, Symbol) or "Agent" in getattr(base, "name", "") for base in value.definition.bases)
    other = value.method.endswith("Agent") and value.method[:1].isupper() and not value.callee.startswith(BETA)
    return (other or value.method in AGENTS | OTHER_AGENTS) and is_framework(value.callee)


def name_of(record: Record) -> str:
    """What an agent is called in its script."""
    given = arguments(record).looked("name") or record.look("name", 0)
    return str(given) if isinstance(given, str) else record.name


def mode_of(record: Record) -> str:
    """When a person is asked to speak for an agent: ALWAYS, TERMINATE or NEVER."""
    given = plain(arguments(record).looked("human_input_mode"))
    return given if given in MODES else _USUAL_MODE.get(record.method, "TERMINATE")


def is_person(record: Record) -> bool:
    """Whether an agent is a person, or somebody who answers by rule, rather than a model."""
    settings = settings_of(record)
    speaks = settings not in (None, False)
    if mode_of(record) == "ALWAYS" and "llm_config" not in arguments(record):
        # A model of the `with` around it speaks for whoever is asked only where that one says nothing.
        return True
    if record.method == "UserProxyAgent":
        return not speaks or mode_of(record) == "ALWAYS"
    return not speaks and record.method not in _NEVER_ASK


def rule_for(record: Record) -> Words | Never | Function | None:
    """What ends the conversation for an agent: words, a function, never, or None for the usual word alone."""
    given = arguments(record).get("is_termination_msg")
    if isinstance(given, Function):
        return rule_of(given, by_name=True) or given
    return None
