"""The conditions of a graph's arrows as functions of what was said."""

from __future__ import annotations

from studio.engine.teams.graph import Graph, GraphEdge
from studio.formats.python_text.literals import quoted
from studio.formats.python_text.program import Program

_ALWAYS = "lambda text: True"


def arrow_test(program: Program, edge: GraphEdge, graph: Graph) -> str:
    """A function of a text that says whether the arrow is taken; one that cannot be written never is, and is told of."""
    match edge.how:
        case _ if not edge.conditional:
            return _ALWAYS
        case "otherwise":
            others = [each for each in graph.edges if each.source == edge.source and each.conditional and each.how != "otherwise"]
            tests = [arrow_test(program, each, graph).removeprefix("lambda text: ") for each in others]
            return f"lambda text: not ({' or '.join(tests)})" if tests else _ALWAYS
        case "contains":
            return f"lambda text: {quoted(edge.condition)} in text"
        case "equals":
            return f"lambda text: text.strip().casefold() == {quoted(edge.condition.strip().casefold())}"
        case "regex":
            return f"lambda text: {program.script.module('re')}.search({quoted(edge.condition)}, text) is not None"
    program.losses.lose("arrow_condition", graph, level="decision", source=edge.source, to=edge.target)
    return "lambda text: False"
