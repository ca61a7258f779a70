"""Tools whose Python is no usable function, or could be better: read with `ast`, never run."""

from __future__ import annotations

from collections.abc import Iterator

from studio.engine.tools.schema import check_source
from studio.flow.checks.problem import Problem, problem
from studio.flow.held import value
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for tool in drawing.of("tool"):
        source = value(tool, "source")
        if not isinstance(source, str):
            continue
        mistakes = check_source(source)
        for mistake in mistakes:
            if mistake.level == "error":
                yield problem("tool_source", "error", [tool], field="source", tool=label(tool), line=mistake.line, sentence=mistake.text)
        if mistakes and all(mistake.level == "hint" for mistake in mistakes):
            sentences = " ".join(mistake.text for mistake in mistakes)
            yield problem("tool_source.better", "hint", [tool], field="source", tool=label(tool), sentence=sentences)
