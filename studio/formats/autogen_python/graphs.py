"""A drawn graph as AgentChat's builder accepts it: conditions as functions, cycles with a way out, a node that nothing follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.formats.autogen_components.graphs import Arrows, made_acceptable
from studio.formats.autogen_python.calls import Source
from studio.formats.python_text.literals import quoted
from studio.formats.python_text.script import Script

ALWAYS = Source("lambda message: True")


def scripted_graph(script: Script, graph: dict[str, Any], arrows: Arrows) -> list[tuple[str, str]]:
    """Puts our conditions into the graph; gives the arrows whose conditions no function of a message can tell."""
    lost = []
    for source, node in graph["nodes"].items():
        others = [_test(script, arrows.get((source, edge["target"]), {})) for edge in node["edges"]]
        for edge in node["edges"]:
            arrow = arrows.get((source, edge["target"]), {})
            how = arrow.get("how", "contains")
            if how == "otherwise":
                said = " or ".join(test for test in others if test)
                edge["condition"] = Source(f"lambda message: not ({said})") if said else None
            elif how == "expression" and arrow.get("condition"):
                lost.append((source, edge["target"]))
            elif how != "contains" and arrow.get("condition"):
                edge["condition"] = Source(f"lambda message: {_test(script, arrow)}")
    made_acceptable(graph, arrows, ALWAYS)
    return lost


def _test(script: Script, arrow: Mapping[str, Any]) -> str:
    """The Python of a condition; "" for none."""
    condition, how = str(arrow.get("condition") or ""), arrow.get("how", "contains")
    if not condition or how in ("otherwise", "expression"):
        return ""
    match how:
        case "equals":
            return f"message.to_model_text().strip().casefold() == {quoted(condition.strip().casefold())}"
        case "regex":
            return f"{script.module('re')}.search({quoted(condition)}, message.to_model_text()) is not None"
        case _:
            return f"{quoted(condition)} in message.to_model_text()"
