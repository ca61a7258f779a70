"""Pieces of foreign programs that a flow keeps and nothing runs: programs for others hold their source as comments."""

from __future__ import annotations

from collections.abc import Sequence

from studio.flow.document import FlowDocument, Node
from studio.flow.edits.apply import apply_edit
from studio.flow.edits.model import Remove
from studio.flow.findings import Finding
from studio.flow.names import REFERENCES
from studio.texts import text

OF_SCRIPTS = "python:"
KEPT = (OF_SCRIPTS, "autogen:")
"""How the kinds of nodes begin that hold the source of something foreign."""

MAX_COMMENTED = 60_000
"""Characters of one piece."""


def without_kept(document: FlowDocument, kinds: tuple[str, ...] = KEPT) -> tuple[FlowDocument, tuple[Node, ...]]:
    """The flow without what it only keeps, and what that was. Mentions of it in other nodes' fields go too.

    `kinds` are how the kinds of those nodes begin that the target can do nothing with.
    """
    kept = tuple(node for node in document.nodes if node.kind.startswith(kinds) and isinstance(node.config.get("original"), str))
    if not kept:
        return document, ()
    left = apply_edit(document, Remove(nodes=tuple(node.id for node in kept))).document
    gone = {node.name for node in kept} - {node.name for node in left.nodes}
    return left.model_copy(update={"nodes": tuple(_forgetting(node, gone) for node in left.nodes)}), kept


def with_kept(program: str, losses: Sequence[Finding], kept: Sequence[Node]) -> tuple[str, tuple[Finding, ...]]:
    """A program with the sources of these nodes as comments at its end, and what it loses with that."""
    if not kept:
        return program, tuple(losses)
    lost = []
    for node in kept:
        said = text("code_target.kept", name=node.name or node.kind)
        lost.append(Finding("decision", "lost_kept", said, "", (node.id,), subject=node.id))
    return "\n\n".join((program.rstrip("\n") + "\n", *(_commented(node) for node in kept))), (*lost, *losses)


def _commented(node: Node) -> str:
    source = str(node.config["original"])[:MAX_COMMENTED]
    lines = [text("code_target.kept.comment", name=node.name or node.kind), *source.rstrip().split("\n")]
    return "\n".join(f"# {line}".rstrip() for line in lines) + "\n"


def _forgetting(node: Node, gone: set[str]) -> Node:
    changed = {}
    for field in REFERENCES.get(node.kind, ()):
        value = node.config.get(field)
        if isinstance(value, list | tuple) and gone.intersection(each for each in value if isinstance(each, str)):
            changed[field] = [each for each in value if each not in gone]
    return node.model_copy(update={"config": {**node.config, **changed}}) if changed else node
