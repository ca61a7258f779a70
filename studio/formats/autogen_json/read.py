"""Reading AutoGen's and AutoGen Studio's JSON: every shape, one flow or several, with a report. Runs, imports and fetches nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from studio.flow.findings import ForeignFileError, Imported
from studio.formats.autogen_components.envelope import Envelope, envelope
from studio.formats.autogen_components.reading import Reading
from studio.formats.autogen_components.reading_conditions import read_condition
from studio.formats.autogen_components.reading_models import read_model
from studio.formats.autogen_components.reading_teams import read_member
from studio.formats.autogen_components.reading_tools import read_tool
from studio.formats.autogen_components.source import Piece, below, decoded, parsed, pieces
from studio.formats.autogen_json.workflow import is_part, is_workflow, read_part, read_workflow
from studio.formats.autogen_json.workflow_parts import is_model
from studio.texts import text

MAX_FLOWS = 200
_GALLERY = ("teams", "agents", "models", "tools", "workbenches", "terminations")
_COLUMNS = ("component", "config", "data")
"""What AutoGen Studio's tables call the column that holds the JSON, and its answers the field that holds the rows."""

_SEEDS = ("workflows", "agents", "models", "skills")
"""What AutoGen Studio before 0.4 filled a new database with."""


def is_autogen(value: Any) -> bool:
    """Whether a piece of JSON is something that AutoGen or AutoGen Studio wrote."""
    return next(_roots(value, ""), None) is not None


def from_autogen(data: bytes | str, name: str = "") -> tuple[Imported, ...]:
    """The flows of a file: one of a team, an agent or a component, several of a gallery or a list.

    `name` is what to call a flow that has no name of its own. At most 5 MB and 40 levels deep. Raises ForeignFileError with the place
    of the mistake.
    """
    source = decoded(data)
    return from_value(parsed(source), source, name)


def from_value(value: Any, source: str, name: str = "") -> tuple[Imported, ...]:
    """The flows of JSON that was parsed already; `source` is its text. Raises ForeignFileError."""
    roots = list(islice(_roots(value, ""), MAX_FLOWS + 1))
    if len(roots) > MAX_FLOWS:
        raise ForeignFileError(text("autogen.too_many_flows", limit=MAX_FLOWS), roots[-1][1] or "/")
    if not roots:
        raise ForeignFileError(text("autogen.nothing"), "/", text("autogen.nothing.remedy"))
    found = pieces(source, {pointer for _, pointer, _ in roots})
    return tuple(_flow(root, found.get(root[1], Piece(source)), name) for root in roots)


Root = tuple[Any, str, str]
"""What becomes a flow: its JSON, its pointer, and what it is: component, workflow or shelf."""


def _roots(value: Any, pointer: str, depth: int = 0) -> Iterator[Root]:
    if isinstance(value, list) and depth < 2:
        if value and all(is_model(item) for item in value):
            yield {"rest": [(item, below(pointer, index)) for index, item in enumerate(value)]}, pointer, "shelf"
            return
        for index, item in enumerate(value):
            yield from _roots(item, below(pointer, index), depth + 1)
        return
    if not isinstance(value, Mapping):
        return
    if _is_component(value, pointer):
        yield value, pointer, "component"
    elif is_workflow(value):
        yield value, pointer, "workflow"
    elif isinstance(value.get("workflows"), list) and all(isinstance(value.get(name, []), list) for name in _SEEDS):
        yield from _seeds(value, pointer)
    elif (shelves := _shelves(value, pointer)) is not None:
        yield from _gallery(value, pointer, shelves)
    elif depth < 3:
        for column in _COLUMNS:
            if isinstance(value.get(column), Mapping | list):
                yield from _roots(value[column], below(pointer, column), depth + 1)
                return


def _is_component(value: Mapping[str, Any], pointer: str) -> bool:
    """Whether it is a component that stands alone. Other programs have a `provider` too: theirs is no class."""
    found = envelope(value, pointer)
    return found is not None and (
        found.version == 0 or bool(found.type) or (isinstance(value.get("config"), Mapping) and "." in found.provider)
    )


def _shelves(value: Mapping[str, Any], pointer: str) -> dict[str, tuple[list[Any], str]] | None:
    """The lists of a gallery with their pointers; None for anything else."""
    places: list[tuple[Any, str]] = [(value.get("components"), below(pointer, "components"))]
    items = value.get("items")
    if isinstance(items, Mapping):
        places += [(items, below(pointer, "items")), (items.get("components"), below(pointer, "items", "components"))]
    found: dict[str, tuple[list[Any], str]] = {}
    for place, at in places:
        if isinstance(place, Mapping):
            found |= {name: (place[name], below(at, name)) for name in _GALLERY if isinstance(place.get(name), list)}
    return found or None


def _gallery(value: Mapping[str, Any], pointer: str, shelves: Mapping[str, tuple[list[Any], str]]) -> Iterator[Root]:
    """Each team is a flow, and everything else lies together in one more."""
    teams, at = shelves.get("teams", ([], ""))
    for index, team in enumerate(teams):
        if envelope(team, "") is not None:
            yield team, below(at, index), "component"
    rest = [(item, below(place, index)) for name, (items, place) in shelves.items() if name != "teams" for index, item in enumerate(items)]
    if rest:
        yield {"name": value.get("name"), "rest": rest}, pointer, "shelf"


def _seeds(value: Mapping[str, Any], pointer: str) -> Iterator[Root]:
    """Each workflow is a flow, and so is each agent; models and skills lie together in one more."""
    for name in ("workflows", "agents"):
        for index, item in enumerate(value.get(name, ())):
            if isinstance(item, Mapping) and is_workflow(item):
                yield item, below(pointer, name, index), "workflow"
    rest = [
        (item, below(pointer, name, index))
        for name in ("models", "skills")
        for index, item in enumerate(value.get(name, ()))
        if is_part(item)
    ]
    if rest:
        yield {"rest": rest}, pointer, "shelf"


def _flow(root: Root, source: Piece, name: str) -> Imported:
    value, pointer, what = root
    if what == "workflow":
        return read_workflow(value, pointer, source, name)
    if what == "shelf":
        reading = Reading(source, text("autogen.form.gallery"))
        for item, at in value["rest"]:
            if is_part(item):
                read_part(reading, item, at)
            else:
                _component(reading, envelope(item, at), item, at)
        title = value["name"] if isinstance(value.get("name"), str) and value["name"] else name
        return reading.finish(text("autogen.shelf", name=title or "AutoGen"))
    found = envelope(value, pointer)
    assert found is not None
    reading = Reading(source, _form(found))
    _component(reading, found, value, pointer)
    own = found.config.get("name")
    titles = (found.label, own, name, found.name)
    title = next(each for each in titles if isinstance(each, str) and each.strip() and (each != found.name or each is titles[-1]))
    about = found.config.get("description") if found.type == "team" else ""
    return reading.finish(title, about if isinstance(about, str) else "")


def _component(reading: Reading, found: Envelope | None, value: Any, at: str) -> str:
    if found is None:
        return reading.unknown(None, value, at)
    match found.type:
        case "team" | "agent":
            return read_member(reading, found)
        case "model":
            return read_model(reading, found)
        case "termination":
            return read_condition(reading, value, at)
        case "tool" | "workbench":
            return read_tool(reading, value, at)
        case _:
            return reading.unknown(found, value, at)


def _form(found: Envelope) -> str:
    """Which AutoGen wrote it, in words."""
    if found.version == 0:
        return text("autogen.form.flat")
    agents = found.config.get("participants") if found.type == "team" else [found.raw]
    for agent in agents if isinstance(agents, list) else ():
        each = envelope(agent, "")
        if each is not None and each.name == "AssistantAgent":
            if each.version >= 2 or isinstance(each.config.get("workbench"), list):
                return text("autogen.form.v6")
            return text("autogen.form.v5" if each.config.get("workbench") is not None else "autogen.form.v4")
    return text("autogen.form.any")
