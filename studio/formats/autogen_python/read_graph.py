"""The arrows of a directed graph, from a builder's calls or from a graph that is written out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from studio.formats.autogen_components.source import below
from studio.formats.foreign_script.rules import Never, Words, opposite_of, rule_of
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Function, Record, plain

if TYPE_CHECKING:
    from studio.formats.autogen_python.records import Components


def read_graph(components: Components, record: Record, given: dict[str, tuple[Any, Spot]], config: dict[str, Any], pointer: str) -> None:
    """Puts the graph of a GraphFlow into its JSON, and its members where they come from the builder."""
    graph = given.get("graph", (None, record.spot))[0]
    at = below(pointer, "config", "graph")
    members = given.get("participants", (None, record.spot))[0]
    builder = graph.of if isinstance(graph, Record) and graph.method == "build" else None
    if builder is not None:
        components.taken.update((id(graph), id(builder)))
        nodes, start, agents = _built(components, builder, at)
        if not isinstance(members, list | tuple) or not members:
            place = below(pointer, "config", "participants")
            config["participants"] = [components.component(each, below(place, index), "agent") for index, each in enumerate(agents)]
    elif isinstance(graph, Record) and graph.method == "DiGraph":
        components.taken.add(id(graph))
        nodes, start = _written_out(components, graph, at), plain(graph.get("default_start_node"))
    else:
        components.remark("decision", "graph_unknown", at, given.get("graph", (None, record.spot))[1], remedy=True)
        return
    config["graph"] = {"nodes": nodes, "default_start_node": start}


def _built(components: Components, builder: Record, at: str) -> tuple[dict[str, Any], Any, list[Record]]:
    nodes: dict[str, Any] = {}
    agents: list[Record] = []
    start: Any = None

    def known(value: Any, activation: Any = None) -> str:
        if isinstance(value, Record) and not any(value is each for each in agents):
            agents.append(value)
        name = name_of(value)
        node = nodes.setdefault(name, {"name": name, "edges": [], "activation": "all"})
        if activation in ("any", "all"):
            node["activation"] = activation
        return name

    for call in builder.chained():
        if call.method == "add_node":
            known(call.get("node", 0), call.get("activation", 1))
        elif call.method == "add_edge":
            source, target = known(call.get("source", 0)), known(call.get("target", 1))
            place = below(at, "nodes", source, "edges", len(nodes[source]["edges"]))
            components.piece.places[place] = call.spot
            edge = {"target": target, **_condition(components, call.get("condition", 2), place, call.spot_of("condition", 2))}
            edge |= {name: plain(call.get(name)) for name in ("activation_group", "activation_condition") if name in call.kwargs}
            nodes[source]["edges"].append(edge)
        elif call.method == "add_conditional_edges":
            source = known(call.get("source", 0))
            ways = call.get("condition_to_target", 1)
            for words, target in ways.items() if isinstance(ways, dict) else ():
                place = below(at, "nodes", source, "edges", len(nodes[source]["edges"]))
                components.piece.places[place] = call.spot
                nodes[source]["edges"].append({"target": known(target), **_condition(components, words, place, call.spot)})
        elif call.method == "set_entry_point":
            start = known(call.get("name", 0))
    return nodes, start, agents


def _written_out(components: Components, graph: Record, at: str) -> dict[str, Any]:
    nodes: dict[str, Any] = {}
    listed = graph.get("nodes", 0)
    for name, node in listed.items() if isinstance(listed, dict) else ():
        if not isinstance(node, Record):
            continue
        edges: list[dict[str, Any]] = []
        arrows = node.get("edges", 1)
        for edge in arrows if isinstance(arrows, list | tuple) else ():
            if isinstance(edge, Record):
                place = below(at, "nodes", str(name), "edges", len(edges))
                components.piece.places[place] = edge.spot
                components.taken.add(id(edge))
                one = {"target": name_of(edge.get("target", 0)), **_condition(components, edge.get("condition", 1), place, edge.spot)}
                one |= {each: plain(edge.get(each)) for each in ("activation_group", "activation_condition") if each in edge.kwargs}
                edges.append(one)
        components.taken.add(id(node))
        node.take("name")
        nodes[str(name)] = {"name": str(name), "edges": edges, "activation": plain(node.get("activation", 2)) or "all"}
    return nodes


def _condition(components: Components, value: Any, at: str, spot: Spot) -> dict[str, Any]:
    """When an arrow is taken. A function that looks for words becomes these words."""
    if value is None:
        return {}
    if isinstance(value, str):
        return {"condition": str(value)}
    if isinstance(value, Function):
        rule = rule_of(value)
        if isinstance(rule, Words):
            return _looking_for(rule)
        if isinstance(rule, Never):
            return {"condition": "1 == 0", "how": "expression"}
        if (other := opposite_of(value)) is not None and other.how == "contains" and not other.folded:
            return {"condition": " and ".join(f"{json.dumps(each)} not in last" for each in other.texts), "how": "expression"}
    source = " ".join(components.script.source.text[spot.start : spot.end].split())[:200]
    if isinstance(value, Function):
        source = " ".join(value.source.split())[:400]
    components.remark("decision", "arrow_function", at, spot, remedy=True, source=source)
    return {}


def _looking_for(rule: Words) -> dict[str, Any]:
    if rule.how == "contains" and len(rule.texts) == 1 and not rule.folded:
        return {"condition": rule.texts[0]}
    if rule.how == "contains" and not rule.folded:
        return {"condition": " or ".join(f"{json.dumps(each)} in last" for each in rule.texts), "how": "expression"}
    where = "lower(last)" if rule.folded else "last"
    words = [json.dumps(each.lower() if rule.folded else each) for each in rule.texts]
    operator = "in" if rule.how != "equals" else "=="
    return {"condition": " or ".join(f"{each} {operator} {where}" for each in words), "how": "expression"}


def name_of(value: Any) -> str:
    """What an agent of a graph is called."""
    if isinstance(value, Record):
        given = value.get("name", 0)
        return str(given) if isinstance(given, str) else value.name
    return str(value) if isinstance(value, str) else ""
