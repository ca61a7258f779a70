"""Classes of a flow that answer for agents, as what all programs take: a source with a function, beside it the object that it asks."""

from __future__ import annotations

import ast
import re

from studio.engine.own_class import METHOD, class_of_source


def answering(source: str, agent: str) -> str:
    """The source with a function that answers for this agent; as it is where it has one, or no class either.

    Each agent has an object of its own, which lives as long as the program.
    """
    own = class_of_source(source)
    if own is None:
        return source
    plain = re.sub(r"\W+", "_", agent).strip("_").lower() or "agent"
    given = f"{own.takes}: list[dict[str, str]]" if own.takes else ""
    waits, awaited = ("async ", "await ") if _is_coroutine(source, own.name) else ("", "")
    return (
        f"{source.rstrip()}\n\n\n_{plain} = {own.name}()\n\n\n"
        f'{waits}def answer_of_{plain}({given}) -> str:\n    """What {plain} says."""\n'
        f"    return {awaited}_{plain}.{METHOD}({own.takes})\n"
    )


def _is_coroutine(source: str, name: str) -> bool:
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return any(isinstance(each, ast.AsyncFunctionDef) and each.name == METHOD for each in node.body)
    return False
