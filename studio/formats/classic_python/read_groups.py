"""Who speaks next in a group chat of a classic script: by a model, in turn, by a function, and after whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from studio.formats.classic_python.read_calls import SIGNATURES, Given, spot_of
from studio.formats.classic_python.read_choices import written_for
from studio.formats.classic_python.read_handoffs import target_of
from studio.formats.classic_python.read_roles import is_agent, name_of
from studio.formats.foreign_script.asking import named_agents, speaker_selection
from studio.formats.foreign_script.bound import code_of
from studio.formats.foreign_script.reading import ScriptReading
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Function, Record, plain

_METHODS = {"auto": "model_choice", "round_robin": "round_robin", "random": "random_choice", "manual": "manual"}
_TEMPLATES = ("select_speaker_message_template", "select_speaker_prompt_template", "role_for_select_speaker_messages")
_OWN_TEMPLATE = re.compile(
    r"Several agents work on a task together\. You say who speaks next\. The agents are:\n\n\{roles\}\n\n"
    r"Read the conversation, then choose one of \{agentlist\}\.(.*) Answer with the name only\.",
    re.DOTALL,
)
"""What our own export asks the model that chooses, around the instruction."""

_READ = frozenset((*SIGNATURES["GroupChat"], *_TEMPLATES, "select_speaker_auto_verbose")) - {"messages"}
"""Fields of a group chat that are read, or that change nothing of what is said."""

_ENDS = {
    "TerminateTarget": "end",
    "StayTarget": "stay",
    "RevertToUserTarget": "back",
    "AskUserTarget": "back",
    "GroupManagerTarget": "model",
    "TERMINATE": "end",
    "STAY": "stay",
    "REVERT_TO_USER": "back",
    "SWARM_MANAGER": "model",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """How the next speaker is chosen; `in_turn` where the order of the members is that of their turns.

    `turns` and `hands_back_to` end it where the function that chooses did: after so many turns, or when somebody is handed over to.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    in_turn: bool = False
    turns: int | None = None
    hands_back_to: str = ""

    def config(self) -> dict[str, Any]:
        """As the team's field holds it, without what says nothing."""
        return {name: value for name, value in self.fields.items() if value not in ("", {}, None)}


def is_group(value: Any) -> bool:
    """Whether a value is the manager of a group chat."""
    return isinstance(value, Record) and value.of is None and value.method == "GroupChatManager"


def order_from(listed: list[Record], sender: Record | None) -> list[Record]:
    """Members in the order in which they speak: after whoever began comes the next one."""
    for index, each in enumerate(listed):
        if each is sender:
            return [*listed[index + 1 :], *listed[: index + 1]]
    return listed


def first_after(listed: list[Record], sender: Record | None, transitions: Mapping[int, list[Record]]) -> list[Record]:
    """Members with one first who may speak after whoever says the task; without that one where nobody may be followed by it."""
    after = [each for each in transitions.get(id(sender), []) if each is not sender and any(each is member for member in listed)]
    if not after:
        return listed
    again = any(each is sender for targets in transitions.values() for each in targets)
    rest = [each for each in listed if each is not after[0] and (again or each is not sender)]
    return [after[0], *rest]


def selection_of(reading: ScriptReading, group: Record, said: Mapping[str, Any], sender: Record | None, team: str) -> Chosen:
    """How a group chat chooses who speaks; `sender` is who begins it, `team` the node that is drawn for it."""
    method = said.get("speaker_selection_method", "auto")
    for name, value in said.items():
        if name not in _READ and value not in (None, False, "", [], {}):
            reading.tell("approximated", "group_field", group.spot_of(name), (team,), field=name)
    names = {id(each): name_of(each) for each in _records(said.get("agents"))}
    if isinstance(method, Function) and (own := written_for(method, names)) is not None:
        chosen = _by_kind(reading, group, said, str(own.fields["kind"]), team)
        return replace(chosen, fields={**chosen.fields, **own.fields}, turns=own.turns, hands_back_to=own.hands_back_to)
    if (function := code_of(method)) is not None:
        return _by_function(reading, function, name_of(sender) if sender is not None else "", team, method)
    kind = _METHODS.get(str(plain(method)).lower())
    if kind is None:
        reading.tell("decision", "selection_unknown", spot_of(group, "speaker_selection_method"), (team,), remedy=True)
        kind = "model_choice"
    return _by_kind(reading, group, said, kind, team)


def _by_kind(reading: ScriptReading, group: Record, said: Mapping[str, Any], kind: str, team: str) -> Chosen:
    """What a group chat says of a way to choose, beside its name."""
    if kind not in ("random_choice", "model_choice"):
        if kind == "round_robin":
            # Whose turn it is has not just spoken.
            said.get("allow_repeat_speaker")
        return Chosen({"kind": kind}, in_turn=kind == "round_robin")
    repeats = plain(said.get("allow_repeat_speaker"))
    if isinstance(said.get("allow_repeat_speaker"), list | tuple):
        reading.tell("approximated", "repeats", spot_of(group, "allow_repeat_speaker"), (team,))
        repeats = True
    if kind == "random_choice":
        return Chosen({"kind": kind, "allow_repeat": repeats is not False})
    fields: dict[str, Any] = {"kind": kind, "allow_repeat": repeats is not False}
    tries = plain(dict(said).get("max_retries_for_selecting_speaker"))
    if isinstance(tries, int) and not isinstance(tries, bool) and 0 <= tries < 10:
        group.take("max_retries_for_selecting_speaker", 6)
        fields["max_attempts"] = tries + 1
    words = [str(template) for name in _TEMPLATES[:2] if isinstance(template := said.get(name), str)]
    if len(words) == 1 and (own_words := _OWN_TEMPLATE.fullmatch(words[0])) is not None:
        fields["instruction"] = (own_words[1] or "").replace("{{", "{").replace("}}", "}").strip()
    elif words:
        fields["instruction"] = "\n\n".join(words).replace("{roles}", "…").replace("{agentlist}", "…")
        reading.tell("approximated", "templates", group.spot_of(_TEMPLATES[0]), (team,))
    return Chosen(fields)


def _by_function(reading: ScriptReading, function: Function, begins: str, team: str, given: Any) -> Chosen:
    alone = speaker_selection(reading.script, function, named_agents(function), begins, given)
    reading.tell("decision", "choice_runs", function.spot, (team,), remedy=True, name=function.name or "lambda")
    if any(f'"{each}"' in function.source or f"'{each}'" in function.source for each in ("auto", "random", "round_robin", "manual")):
        reading.tell("decision", "choice_by_method", function.spot, (team,), remedy=True, name=function.name)
    if alone.missing:
        missing = ", ".join(alone.missing)[:200]
        reading.tell("decision", "names_missing", function.spot, (team,), remedy=True, name=function.name or "lambda", missing=missing)
    return Chosen({"kind": "function_choice", "source": alone.source})


def transitions_of(reading: ScriptReading, said: Mapping[str, Any]) -> dict[int, list[Record]] | None:
    """Who may speak after whom, or who may not (`excludes` says which), by the agents' records; None where nothing is said."""
    given = said.get("allowed_or_disallowed_speaker_transitions")
    listed = _records(said.get("agents"))
    if not isinstance(given, Mapping):
        if given is not None:
            spot = getattr(given, "spot", None)
            reading.tell("decision", "transitions_unknown", spot if isinstance(spot, Spot) else "", remedy=True)
        return None
    by_name = {name_of(each): each for each in listed}

    def agent(value: Any) -> Record | None:
        return by_name.get(value) if isinstance(value, str) else value if isinstance(value, Record) else None

    named = [*given, *(each for targets in given.values() for each in _list(targets))]
    if any(agent(each) is None for each in named):
        spot = said.record.spot_of("allowed_or_disallowed_speaker_transitions", 8) if isinstance(said, Given) else ""
        reading.tell("decision", "transitions_unknown", spot, remedy=True)
    return {
        id(source): [target for each in _list(targets) if (target := agent(each)) is not None]
        for key, targets in given.items()
        if (source := agent(key)) is not None
    }


def excludes(said: Mapping[str, Any]) -> bool:
    """Whether the transitions of a group are those that are not allowed."""
    kind = plain(said.get("speaker_transitions_type"))
    return isinstance(kind, str) and kind.lower() == "disallowed"


def is_end(value: Any) -> bool:
    """Whether a value says what happens after work, in a way that is known here."""
    if isinstance(value, Record) and value.method == "AfterWork":
        value = next(iter((*value.args, *value.kwargs.values())), None)
    name = value.method if isinstance(value, Record) else getattr(value, "name", str(value))
    return value is None or name in _ENDS or bool(target_of(value))


def end_of(value: Any) -> str:
    """What happens after work when nobody hands over."""
    if value is None:
        return "end"
    if isinstance(value, Record):
        value.take(*range(len(value.args)), *value.kwargs)
    if isinstance(value, Record) and value.method in ("AfterWork",):
        value = next(iter((*value.args, *value.kwargs.values())), None)
    name = value.method if isinstance(value, Record) else getattr(value, "name", str(value))
    if target_of(value):
        return "first"
    return _ENDS.get(name, "end")


def _records(value: Any) -> list[Record]:
    return [each for each in _list(value) if is_agent(each) or is_group(each)]


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set) else []
