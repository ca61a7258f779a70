"""Code that runs on this machine without a sandbox, or would where Docker does not answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import listed
from studio.flow.document import Node
from studio.flow.edits.model import Configure, Edit, Several
from studio.flow.wires import Drawing
from studio.flow.words import nested_class


def problems(drawing: Drawing) -> Iterator[Problem]:
    where: dict[str, list[Node]] = {"local": [], "auto": []}
    for node in drawing.nodes:
        executor = nested_class(node, "executor")
        used = drawing.categories[node.id] != "tool" or drawing.out_of(node, "tool")
        if executor is not None and executor.kind in where and used:
            where[executor.kind].append(node)
    if local := where["local"]:
        yield problem("unsafe_code", "warning", local, field="executor.kind", names=listed(local), repair=_docker(local))
    if auto := where["auto"]:
        yield problem("unsafe_code.auto", "hint", auto, field="executor.kind", names=listed(auto), repair=_docker(auto))


def _docker(nodes: Sequence[Node]) -> Edit:
    edits = tuple(Configure(id=node.id, values={"executor.kind": "docker"}) for node in nodes)
    return edits[0] if len(edits) == 1 else Several(edits=edits[:1000])
