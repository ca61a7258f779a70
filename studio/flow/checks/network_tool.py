"""Tools that may reach the network without asking, and those that were allowed into private networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import listed
from studio.flow.document import Node
from studio.flow.edits.model import Configure, Edit, Several
from studio.flow.held import value
from studio.flow.ports import label
from studio.flow.wires import Drawing

KINDS = ("http_tool", "openapi_tool", "web_browser", "web_page", "web_search")


def problems(drawing: Drawing) -> Iterator[Problem]:
    reaching = [node for node in drawing.of("tool") if node.kind in KINDS and drawing.out_of(node, "tool")]
    if unasked := [node for node in reaching if value(node, "approval") == "never"]:
        yield problem("network_tool", "hint", unasked, field="approval", names=listed(unasked), repair=_asking(unasked))
    for node in reaching:
        if hosts := _private(node):
            field = "private_hosts" if node.kind != "web_search" else "provider.private"
            yield problem("network_tool.inside", "warning", [node], field=field, tool=label(node), hosts=", ".join(hosts))


def _private(node: Node) -> list[str]:
    """The hosts in private networks that a tool may reach."""
    found: list[str] = []
    if node.kind in ("web_search", "web_browser"):
        provider = value(node, "provider")
        if isinstance(provider, Mapping) and provider.get("private") is True:
            found.append(str(provider.get("url") or "http://localhost:8080"))
    hosts = value(node, "private_hosts") if node.kind != "web_search" else ()
    return found + ([str(host) for host in hosts][:10] if isinstance(hosts, (list, tuple)) else [])


def _asking(nodes: Sequence[Node]) -> Edit:
    edits = tuple(Configure(id=node.id, values={"approval": "always"}) for node in nodes)
    return edits[0] if len(edits) == 1 else Several(edits=edits[:1000])
