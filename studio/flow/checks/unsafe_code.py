"""Code that runs on this machine without a sandbox, or would where Docker does not answer, and code that may reach the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import listed
from studio.flow.document import Node
from studio.flow.edits.model import Configure, Edit, Several
from studio.flow.held import nested_class
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    where: dict[str, list[Node]] = {"local": [], "auto": [], "kernel": [], "network": [], "dockerfile": []}
    for node in drawing.nodes:
        executor = nested_class(node, "executor")
        if executor is not None and (drawing.categories[node.id] != "tool" or drawing.out_of(node, "tool")):
            held = node.config.get("executor")
            for trait in _traits(executor.kind, held if isinstance(held, Mapping) else {}):
                where[trait].append(node)
    if local := where["local"]:
        yield problem("unsafe_code", "warning", local, field="executor.kind", names=listed(local), repair=_set(local, "kind", "docker"))
    if kernel := where["kernel"]:
        yield problem(
            "unsafe_code", "warning", kernel, field="executor.place", names=listed(kernel), repair=_set(kernel, "place", "docker")
        )
    if auto := where["auto"]:
        yield problem("unsafe_code.auto", "hint", auto, field="executor.kind", names=listed(auto), repair=_set(auto, "kind", "docker"))
    if open_ := where["network"]:
        repair = _set(open_, "network", False)
        yield problem("unsafe_code.network", "warning", open_, field="executor.network", names=listed(open_), repair=repair)
    if built := where["dockerfile"]:
        yield problem("unsafe_code.dockerfile", "hint", built, field="executor.dockerfile", names=listed(built))


def _traits(kind: str, held: Mapping[str, Any]) -> Iterator[str]:
    """What there is to say of an executor: where it runs code, and what of it may reach the network."""
    in_docker = kind == "docker" or (kind == "jupyter" and held.get("place") != "local")
    if kind in ("local", "auto"):
        yield kind
    if kind == "jupyter" and not in_docker:
        yield "kernel"
    if in_docker and held.get("network") is True:
        yield "network"
    if kind == "docker" and str(held.get("dockerfile") or "").strip():
        yield "dockerfile"


def _set(nodes: Sequence[Node], name: str, value: object) -> Edit:
    edits = tuple(Configure(id=node.id, values={f"executor.{name}": value}) for node in nodes)
    return edits[0] if len(edits) == 1 else Several(edits=edits[:1000])
