"""Tools whose form is filled in rightly as far as it goes, but that offer nothing a model could call."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from studio.engine.errors import ConveneError
from studio.engine.tools.base import Tool
from studio.engine.tools.python_tool import PythonTool
from studio.engine.tools.schema import check_source
from studio.flow.checks.problem import Problem, problem
from studio.flow.document import Node
from studio.flow.edits.model import Configure
from studio.flow.held import value
from studio.flow.kinds import drawn_class, parts
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for node in drawing.of("tool"):
        found = drawn_class(node.kind)
        if found is None or not issubclass(found, Tool) or (found is PythonTool and not _held_to_its_schema(node)):
            continue
        try:
            found(**{name: held for name, held in node.config.items() if name in parts(found)}).schemas({})
        except ValidationError:
            continue  # a field is wrong, which another rule says
        except ConveneError as mistake:
            sentence = mistake.sentence.partition(": ")[2] or mistake.sentence
            loosened = Configure(id=node.id, values={"strict": None}) if found is PythonTool else None
            where = "strict" if loosened is not None else None
            told = f"{sentence} {mistake.remedy}".strip()
            yield problem("tool_unusable", "error", [node], field=where, repair=loosened, tool=label(node), sentence=told)


def _held_to_its_schema(node: Node) -> bool:
    """Whether a Python tool is strict; a rule of its own says where its source is wrong."""
    source = value(node, "source")
    return bool(value(node, "strict")) and isinstance(source, str) and all(each.level == "hint" for each in check_source(source))
