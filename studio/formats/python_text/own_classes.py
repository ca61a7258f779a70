"""Classes of a flow that answer for agents, as what all programs take: a source with a function, beside it the object that it asks."""

from __future__ import annotations

import ast
import re
from hashlib import sha256

from studio.engine.own_class import METHOD, check_answers, class_of_source
from studio.engine.parsing import parsed

LONGEST = 40
"""Characters of an agent's name in that of its function."""


def answering(source: str, agent: str) -> str:
    """The source with a function that answers for this agent; as it is where it has one, or no class that could.

    Each agent has an object of its own, which lives as long as the program.
    """
    own = class_of_source(source)
    if own is None or any(each.level == "error" for each in check_answers(source)):
        return source
    plain = _plain(agent)
    given = f"{own.takes}: list[dict[str, str]]" if own.takes else ""
    waits, awaited = ("async ", "await ") if _is_coroutine(source, own.name) else ("", "")
    return (
        f"{source.rstrip()}\n\n\n_{plain} = {own.name}()\n\n\n"
        f'{waits}def answer_of_{plain}({given}) -> str:\n    """What an object of {own.name} says."""\n'
        f"    return {awaited}_{plain}.{METHOD}({own.takes})\n"
    )


def _plain(agent: str) -> str:
    """Letters a-z, digits and _ for a name, never the same for two names: agents that share one would share an object."""
    plain = re.sub(r"[^a-zA-Z0-9_]+", "_", agent).strip("_")[:LONGEST] or "agent"
    return plain if plain == agent else f"{plain}_{sha256(agent.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _is_coroutine(source: str, name: str) -> bool:
    for node in parsed(source).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return any(isinstance(each, ast.AsyncFunctionDef) and each.name == METHOD for each in node.body)
    return False
