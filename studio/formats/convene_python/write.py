"""Writing a flow as Python: models, tools, agents, the team, and a way to start it, as a person would write them."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import studio.engine
from studio.engine.agents.agent import Agent
from studio.engine.component import Component
from studio.engine.memory.base import Memory
from studio.engine.models.base import Model
from studio.engine.parsing import parsed
from studio.engine.teams.team import Team
from studio.engine.tools.base import Tool
from studio.engine.tools.function import FunctionTool
from studio.engine.tools.python_tool import PythonTool
from studio.engine.tools.team_tool import TalkingTool
from studio.flow.document import FlowDocument, Node
from studio.flow.resolve import resolve_with_ids
from studio.formats.convene_python.base import Base
from studio.formats.convene_python.calls import Calls, Code
from studio.formats.convene_python.kept import as_call, kept_in, without
from studio.formats.python_text.formatting import formatted
from studio.formats.python_text.functions import Functions, Module, first_line, functions_of, name_bound_by
from studio.formats.python_text.literals import literal
from studio.formats.python_text.names import Names
from studio.formats.python_text.places import Lines, Places
from studio.formats.python_text.script import Script
from studio.formats.python_text.walk import distinct

KEPT = 64
"""Documents whose source is remembered: the code pane asks again with every edit, and with every undo."""


@dataclass(frozen=True, slots=True)
class PythonSource:
    """A program, and the first and last line (from 1) of every place where a node shows, by the node's id."""

    text: str
    lines: Lines


def to_python(document: FlowDocument) -> PythonSource:
    """The flow as a program that needs nothing but `studio.engine`. Raises FlowError for a flow that cannot be run as it stands."""
    return _written(_Content(document))


class _Content:
    """A document that equals every document with the same content."""

    def __init__(self, document: FlowDocument) -> None:
        self.document = document
        self._digest = hashlib.sha256(document.model_dump_json().encode("utf-8", "surrogatepass")).digest()

    def __hash__(self) -> int:
        return hash(self._digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Content) and other._digest == self._digest


@lru_cache(maxsize=KEPT)
def _written(content: _Content) -> PythonSource:
    kept = kept_in(content.document)
    document = without(content.document, kept)
    team, participants = resolve_with_ids(document)
    places = Places(document, participants, Base(document).used)
    as_text: set[str] = set()
    while True:
        draft = _Draft(document, team, places, as_text, kept)
        text, clean = formatted(draft.text)
        broken = draft.functions.keys() if not clean else draft.changed_functions(text)
        if not broken:
            return PythonSource(text, places.with_combinations(draft.lines(text)))
        as_text |= set(broken)


@dataclass(frozen=True, slots=True)
class _Statement:
    """A top statement that binds `name`, the components that it shows as a whole, and the component behind each call in it."""

    name: str
    shows: Component
    calls: tuple[Component | None, ...] = ()


class _Draft:
    """The unformatted file. Tools whose source is in `as_text` stay text, because as functions of the file they would not be the same."""

    def __init__(self, document: FlowDocument, team: Team, places: Places, as_text: Collection[str], kept: Sequence[Node]) -> None:
        self._places = places
        self._calls = Calls()
        self._module = Module(reserved=frozenset(studio.engine.__all__))
        self._statements: list[_Statement] = []
        self.functions: dict[str, Functions] = {}
        tools = [tool for tool in distinct(team, Tool) if not isinstance(tool, TalkingTool)]
        definitions = [self._functions(tool, as_text) for tool in tools]
        names = Names({*studio.engine.__all__, *self._module.names})
        name_of_team = names.new("team", "team")
        named_agents = [(agent, names.new(agent.name, "agent")) for agent in distinct(team, Agent)]
        self._kept = {node.id: names.new(node.name or "kept", "kept") for node in kept}
        more = f", kept=[{', '.join(self._kept.values())}]" if kept else ""
        start = f"{self._calls.use('console')}({name_of_team}{more})"
        sections = [
            [self._assignment(model, names.new(self._label(model) or "model", "model")) for model in distinct(team, Model)],
            [
                part if part is not None else self._assignment(tool, names.new(self._label(tool) or "tool", "tool"))
                for tool, part in zip(tools, definitions, strict=True)
            ],
            [self._assignment(memory, names.new(self._label(memory) or "memory", "memory")) for memory in self._named(team)],
            [self._assignment(agent, name) for agent, name in named_agents],
            [f"{self._kept[node.id]} = {as_call(node, self._calls.use)}" for node in kept],
            [self._assignment(team, name_of_team)],
            [f'if __name__ == "__main__":\n    {start}'],
        ]
        script = Script(self._calls.imports, self._module.imports, sections)
        self.text = script.text(document.name, document.description)

    def _label(self, component: Component) -> str:
        return next((node.name for node in self._places.nodes(component) if node.name), "")

    def _named(self, team: Team) -> Iterator[Memory]:
        """The memories that are more than a line, or that several agents share."""
        agents = distinct(team, Agent)
        for memory in distinct(team, Memory):
            users = sum(memory in getattr(agent, "memory", ()) for agent in agents)
            if users > 1 or any(document.text for document in getattr(memory, "documents", ())):
                yield memory

    def _assignment(self, component: Component, name: str) -> str:
        code = self._calls.call(component)
        self._calls.name(component, Code(name))
        self._statements.append(_Statement(name, component, code.calls))
        return f"{name} = {code.text}"

    def _functions(self, tool: Tool, as_text: Collection[str]) -> str | None:
        """A Python tool's definitions as a part of the file; None for tools that remain constructor calls."""
        if not isinstance(tool, PythonTool) or tool.source in as_text or not _runs_anywhere(tool):
            return None
        functions = functions_of(tool.source)
        new = self._module.take(functions) if functions is not None else None
        if functions is None or new is None:
            return None
        self.functions[tool.source] = functions
        self._statements += [_Statement(part.name, tool) for part in functions.definitions]
        self._calls.name(tool, self._as_function(tool, functions.function))
        return "\n\n".join(part.text for part in new)

    def _as_function(self, tool: PythonTool, function: str) -> Code:
        """What an agent is given for a tool that is a function of the file: the function itself where nothing else is to be said."""
        plain = FunctionTool.model_fields
        differing = {
            name: getattr(tool, name)
            for name in ("approval", "approval_pattern", "timeout", "strict")
            if getattr(tool, name) != plain[name].default
        }
        if not differing:
            return Code(function)
        arguments = "".join(f", {name}={literal(value)}" for name, value in differing.items())
        return Code(f"{self._calls.use('FunctionTool')}.of({function}{arguments})", (None,))

    def changed_functions(self, text: str) -> set[str]:
        """Sources with a definition that the formatter left different, such as a docstring that ended in blanks."""
        names = {part.name for functions in self.functions.values() for part in functions.definitions}
        kept = {ast.dump(statement) for statement in parsed(text).body if name_bound_by(statement) in names} if names else set()
        return {source for source, functions in self.functions.items() if any(part.meaning not in kept for part in functions.definitions)}

    def lines(self, text: str) -> Lines:
        """The places of all nodes in the formatted text."""
        bound = {name_bound_by(statement): statement for statement in parsed(text).body}
        lines: Lines = {node: [(first_line(bound[name]), bound[name].end_lineno or 0)] for node, name in self._kept.items()}
        seen: dict[str, int] = {}
        for statement in self._statements:
            found = bound[statement.name]
            for node in self._places.nodes(statement.shows):
                lines.setdefault(node.id, []).append((first_line(found), found.end_lineno or found.lineno))
            calls = [each for each in _in_order(found) if isinstance(each, ast.Call)] if statement.calls else []
            for component, call in zip(statement.calls[1:], calls[1:], strict=True):
                nodes = self._places.nodes(component) if component is not None else []
                if nodes:
                    ids = "".join(node.id for node in nodes)
                    node = nodes[min(seen.get(ids, 0), len(nodes) - 1)]
                    seen[ids] = seen.get(ids, 0) + 1
                    lines.setdefault(node.id, []).append((call.lineno, call.end_lineno or call.lineno))
        return {node: _merged(found) for node, found in lines.items()}


def _runs_anywhere(tool: PythonTool) -> bool:
    """Whether nobody chose where the tool runs: a function of the file runs where the file does."""
    return bool(tool.executor == PythonTool.model_fields["executor"].default)


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it, outer before inner, in the order of the text."""
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _in_order(child)


def _merged(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places in order; what touches or overlaps is one."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(places):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged
