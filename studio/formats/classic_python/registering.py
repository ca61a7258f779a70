"""The calls of AutoGen 0.2 that give agents their functions: those that only repeat each other as loops."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from studio.engine.parsing import parsed
from studio.formats.python_text.literals import quoted, text_literal


@dataclass(frozen=True, slots=True)
class Registration:
    """What an agent may call and calls itself, all of it as Python: `told` is what its model reads of the `function`."""

    function: str
    told: str
    agent: str
    name: str = ""

    def call(self, register: str) -> str:
        named = f", name={quoted(self.name)}" if self.name else ""
        return f"{register}({self.function}, caller={self.agent}, executor={self.agent}{named}, description={text_literal(self.told)})"


def registered(registrations: Sequence[Registration], definitions: Iterable[str], register: str, free: Callable[[str], str]) -> str:
    """The statements for these calls of `register`. `definitions` are the functions of the file; `free` makes a variable of a wish."""
    docs = _docstrings(definitions)
    runs = [tuple(run) for agent in _by_agent(registrations) for run in _runs(agent, docs)]
    statements: list[str] = []
    for functions, alike in groupby(runs, key=lambda run: _functions(run, docs)):
        same = list(alike)
        if not functions or (len(functions) == 1 and len(same) == 1):
            statements += [each.call(register) for run in same for each in run]
            continue
        callers = [run[0].agent for run in same]
        heads = []
        if len(callers) > 1:
            heads.append(f"for {(caller := free('caller'))} in ({', '.join(callers)}):")
        else:
            caller = callers[0]
        if len(functions) > 1:
            heads.append(f"for {(function := free('function'))} in ({', '.join(functions)}):")
        else:
            function = functions[0]
        call = f'{register}({function}, caller={caller}, executor={caller}, description={function}.__doc__ or "")'
        statements += [f"{'    ' * depth}{line}" for depth, line in enumerate([*heads, call])]
    return "\n".join(statements)


def _by_agent(registrations: Sequence[Registration]) -> Iterator[list[Registration]]:
    for _, group in groupby(registrations, key=lambda each: each.agent):
        yield list(group)


def _runs(registrations: Sequence[Registration], docs: Mapping[str, str]) -> Iterator[list[Registration]]:
    """The calls of an agent, those that tell what the functions say of themselves together, the others alone."""
    for is_plain, group in groupby(registrations, key=lambda each: _is_plain(each, docs)):
        found = list(group)
        yield from [found] if is_plain else [[each] for each in found]


def _functions(run: Sequence[Registration], docs: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(each.function for each in run) if _is_plain(run[0], docs) else ()


def _is_plain(each: Registration, docs: Mapping[str, str]) -> bool:
    return not each.name and docs.get(each.function) == each.told


def _docstrings(definitions: Iterable[str]) -> dict[str, str]:
    """What functions say of themselves, as it stands between their quotes."""
    nodes = [
        node for definition in definitions for node in parsed(definition).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return {node.name: ast.get_docstring(node, clean=False) or "" for node in nodes}
