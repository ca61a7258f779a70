"""What a program makes, before anything is drawn: the engine's components with their fields as they are written, each with its line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, cast

from pydantic import ValidationError

from studio.engine.agents.assistant import Assistant
from studio.engine.component import Component
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.errors import ConveneError
from studio.engine.models.practice import PracticeModel
from studio.engine.teams.graph import Graph, GraphEdge
from studio.engine.teams.team import Team
from studio.engine.tools.python_tool import PythonTool
from studio.engine.tools.team_tool import AgentTool, TalkingTool, TeamTool
from studio.flow.document import EdgeKind
from studio.flow.kinds import parts
from studio.flow.ports import GIVES
from studio.formats.python_text.functions import functions_of

KEPT = 512
"""Sources of tools whose meaning is remembered."""

OWN = ("plain", "nested")
"""The roles of fields that a node holds itself; all others are wires, names and members."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """What a report says of a field that only running would tell: that it stays as it was, or that it is left out."""

    stays: str
    left_out: str


@dataclass(eq=False, slots=True)
class Made:
    """A component of a program.

    `own` are the fields that a node holds, as JSON; `uses` what wires bring, by the kind of wire; `members` the participants of a
    team; `arrows` who speaks after whom: (before, after) and what the arrow says. `line` and `end_line` count from 1. `variable` is
    what the program calls it. `unsure` are the fields of which nobody knows what they hold, each with what is said of it
    where something stood there before, and where nothing did. `digest` is kept
    once it was asked for: from then on nothing of it changes.
    """

    cls: type[Component]
    line: int
    variable: str = ""
    end_line: int = 0
    name: str = ""
    own: dict[str, Any] = field(default_factory=dict)
    uses: dict[EdgeKind, list[Made]] = field(default_factory=dict)
    members: list[Made] = field(default_factory=list)
    arrows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    unsure: dict[str, Unsure] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    digest: str = ""

    @property
    def is_speaker(self) -> bool:
        return self.cls.category in ("agent", "team")

    @property
    def follows_graph(self) -> bool:
        return _is_graph(self.own)

    def within(self) -> Iterator[Made]:
        """Itself and all that it is made of, each once, outer before inner."""
        seen: set[int] = set()
        waiting = [self]
        while waiting:
            each = waiting.pop()
            if id(each) in seen:
                continue
            seen.add(id(each))
            yield each
            below = [*each.members, *(used for several in each.uses.values() for used in several)]
            waiting += reversed(below)


def called_by(made: Made) -> Made | None:
    """The team or the agent that a tool gives its calls to; None for any other component."""
    return made.members[0] if issubclass(made.cls, TalkingTool) and made.members else None


def calling(said: Mapping[str, Any]) -> dict[str, Any]:
    """How an agent is called, without what would be so anyway."""
    fields = AgentTool.model_fields
    return {name: value for name, value in said.items() if name not in fields or fields[name].default != value}


def wire_of(component: type[Component]) -> EdgeKind:
    """The wire that brings components of an abstract class."""
    return GIVES[cast(Any, component.category)]


def made_of(component: Component) -> Made:
    """A component that exists as what a program would make."""
    cls = type(component)
    made = Made(cls, 0, name=str(getattr(component, "name", "")))
    data = {name: value for name, value in component.model_dump(mode="json").items() if name != "kind"} if cls is not TeamTool else {}
    for name, part in parts(cls).items():
        value = getattr(component, name)
        several = list(value) if part.many and value is not None else [] if value is None else [value]
        if part.role in OWN and name in data:
            made.own[name] = data[name]
        elif part.role == "wired" and several:
            made.uses[wire_of(cast(Any, part.component))] = [made_of(each) for each in several]
        elif part.role == "members":
            made.members = [made_of(each) for each in several]
    if isinstance(component, Team):
        made.arrows = arrows_of(component)
    return made


def arrows_of(team: Team) -> dict[tuple[str, str], dict[str, Any]]:
    """Who speaks after whom in a team, with what each arrow says beside its default."""
    if isinstance(team.selection, Graph):
        return {(edge.source, edge.target): said(edge) for edge in team.selection.edges}
    return {(before, after): {} for before, followers in (team.transitions or {}).items() for after in followers}


def said(arrow: GraphEdge) -> dict[str, Any]:
    """What an arrow says beside where it begins and ends, without what it would say anyway."""
    return telling({name: value for name, value in arrow.model_dump(mode="json").items() if name not in ("source", "target")})


def telling(said: Mapping[str, Any]) -> dict[str, Any]:
    """What an arrow says that is not its default."""
    return {name: value for name, value in said.items() if (field := GraphEdge.model_fields.get(name)) is None or field.default != value}


def own_values(cls: type[Component], config: Mapping[str, Any]) -> dict[str, Any]:
    """Every field that a node of this class holds, defaults included, as JSON; of a config that does not fit, as it stands.

    The source of a Python tool is told by what it means, so that its layout does not count.
    """
    try:
        built = cls(**_stand_ins(cls), **config)
        dumped: dict[str, Any] = built.model_dump(mode="json")
    except (ValidationError, ConveneError, TypeError):
        return {"": "as written", **config}
    found = {name: dumped[name] for name, part in parts(cls).items() if part.role in OWN}
    if _is_graph(found):
        found["selection"] = {name: value for name, value in found["selection"].items() if name != "edges"}
    if issubclass(cls, PythonTool):
        found["source"] = meaning_of(str(found["source"]))
    return found


def mistakes(cls: type[Component], config: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with a config by the field, in pydantic's words; empty for one that fits."""
    try:
        cls(**_stand_ins(cls), **config)
    except ValidationError as error:
        return {str(each["loc"][0]) if each["loc"] else "": str(each["msg"]) for each in error.errors(include_url=False)}
    except ConveneError as error:
        return {"": error.sentence}
    except TypeError as error:
        return {"": str(error)}
    return {}


@lru_cache(maxsize=KEPT)
def meaning_of(source: str) -> str:
    """A tool's source as what it defines, whatever its layout; the source itself when it is no plain set of functions."""
    functions = functions_of(source)
    if functions is None:
        return source
    defined = sorted(part.meaning for part in functions.definitions)
    used = sorted(part.meaning for part in functions.imports if any(f"id='{part.name}'" in each for each in defined))
    return json.dumps([functions.function, used, defined])


def tree(made: Made) -> Any:
    """All that a component means, as data that is equal when it is the same; the order of arrows does not count."""
    return [
        made.name if made.is_speaker else "",
        shape(made, deep=False),
        [tree(member) for member in made.members],
        {kind: [tree(each) for each in several] for kind, several in sorted(made.uses.items()) if several},
        sorted(
            [before, after, json.dumps(telling(said) if made.follows_graph else {}, sort_keys=True, default=str)]
            for (before, after), said in made.arrows.items()
        ),
    ]


def digest(made: Made) -> str:
    """Eight characters that two components share when they mean the same, names of agents and members aside."""
    if not made.digest:
        made.digest = _digest(shape(made, deep=not made.is_speaker))
    return made.digest


def digest_of(kind: str, values: Mapping[str, Any], below: Mapping[str, list[str]]) -> str:
    """The digest from a node's own values and the digests of what is wired into it."""
    return _digest([kind, dict(values), dict(below)])


def shape(made: Made, deep: bool = True) -> Any:
    """A component as data that is equal when it means the same; with `deep`, with all that it is made of."""
    below = {kind: [digest(each) for each in several] for kind, several in made.uses.items() if several} if deep else {}
    return [made.cls.kind, own_values(made.cls, made.own), below]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8]


def _is_graph(own: Mapping[str, Any]) -> bool:
    selection = own.get("selection")
    return isinstance(selection, Mapping) and selection.get("kind") == Graph.kind


@cache
def _stand_ins(cls: type[Component]) -> dict[str, Any]:
    """Something for each field that a component cannot do without and a node does not hold."""
    some: dict[str, Component] = {"agent": Assistant(name="somebody"), "condition": MaxTurns(), "model": PracticeModel()}
    found: dict[str, Any] = {}
    for name, part in parts(cls).items():
        if part.role == "name":
            found[name] = "somebody else"
        elif part.role in ("wired", "members") and part.info.is_required() and part.component is not None:
            one = some.get(part.component.category)
            found[name] = (one,) if part.many else one
    return found
