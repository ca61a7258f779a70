"""Fields that their component does not take, names included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pydantic import TypeAdapter, ValidationError

from studio.engine.agents.agent import Name
from studio.flow.catalogue.titles import field_title
from studio.flow.catalogue.validation import validate_config
from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import agent_names
from studio.flow.document import Node
from studio.flow.edits.model import Configure, Rename
from studio.flow.kinds import drawn_class, nested_classes, parts
from studio.flow.names import MAX_NAME, unique_name
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for node in drawing.nodes:
        for path, sentence in validate_config(node.kind, node.config).items():
            repair = Configure(id=node.id, values={path: None}) if path else None
            facts = {"node": label(node), "title": _title(node, path), "sentence": sentence}
            yield problem("bad_field", "error", [node], field=path or None, repair=repair, **facts)
    for agent in drawing.of("agent"):
        name = agent.name.strip()
        if name and not fits_as_name(name):
            yield problem("bad_name", "error", [agent], field="name", name=name, repair=_renamed(drawing, agent))


def fits_as_name(name: str) -> bool:
    """Whether the engine takes it for an agent's name."""
    try:
        _name().validate_python(name)
    except ValidationError:
        return False
    return True


@cache
def _name() -> TypeAdapter[str]:
    return TypeAdapter(Name)


def _renamed(drawing: Drawing, agent: Node) -> Rename | None:
    """The name with everything that cannot be in one left out."""
    kept = " ".join(re.sub(r"[^\w \-]", " ", agent.name).split())[:MAX_NAME].strip(" -")
    if not kept or not fits_as_name(kept):
        return None
    return Rename(id=agent.id, name=unique_name(kept, [name for name in agent_names(drawing) if name != agent.name]))


def _title(node: Node, path: str) -> str:
    """`Where code runs, time limit` for executor.timeout."""
    found = drawn_class(node.kind)
    field, _, inner = path.partition(".")
    part = parts(found).get(field) if found is not None else None
    if found is None or part is None:
        return path or node.kind
    title = field_title(found, part)
    held = node.config.get(field)
    kind = held.get("kind") if isinstance(held, dict) else None
    nested = nested_classes(part.component).get(kind) if part.component is not None and isinstance(kind, str) else None
    if not inner or nested is None or inner not in parts(nested):
        return title
    return f"{title}: {field_title(nested, parts(nested)[inner])}"
