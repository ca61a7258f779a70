"""A drawn graph as AgentChat's builder accepts it: conditions as functions, cycles with a way out, a node that nothing follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.formats.autogen_python.calls import Source
from studio.formats.python_text.literals import quoted
from studio.formats.python_text.script import Script

ALWAYS = Source("lambda message: True")


def scripted_graph(script: Script, graph: dict[str, Any], arrows: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[tuple[str, str]]:
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
        conditions = [edge["condition"] for edge in node["edges"]]
        if any(each is not None for each in conditions):
            _always(node)
    _let_circles_begin(graph, arrows)
    if _circles(graph):
        for node in graph["nodes"].values():
            _always(node)
    return lost


def _let_circles_begin(graph: Mapping[str, Any], arrows: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
    """An arrow that comes back waits for no other one: it is a group of its own."""
    after = {name: {edge["target"] for edge in node["edges"]} for name, node in graph["nodes"].items()}
    for source, node in graph["nodes"].items():
        for edge in node["edges"]:
            alone = not any(edge["target"] in then for name, then in after.items() if name != source)
            if not alone and not arrows.get((source, edge["target"]), {}).get("group") and source in _reached(after, edge["target"]):
                edge["activation_group"] = f"{source} again"


def _reached(after: Mapping[str, set[str]], start: str) -> set[str]:
    """Everybody to whom arrows lead from `start`, itself included."""
    seen, ends = {start}, [start]
    while ends:
        for name in after[ends.pop()] - seen:
            seen.add(name)
            ends.append(name)
    return seen


def _always(node: Mapping[str, Any]) -> None:
    """AgentChat wants all arrows of a node to have conditions, or none."""
    for edge in node["edges"]:
        if edge["condition"] is None:
            edge["condition"] = ALWAYS


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


def _circles(graph: Mapping[str, Any]) -> bool:
    """Whether arrows without conditions lead round in a circle."""
    after = {name: {edge["target"] for edge in node["edges"] if edge["condition"] is None} for name, node in graph["nodes"].items()}
    while ends := [name for name, then in after.items() if not then]:
        for name in ends:
            del after[name]
        after = {name: then & after.keys() for name, then in after.items()}
    return bool(after)
