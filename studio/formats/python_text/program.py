"""A program for another framework while it is written: its names, its tools as functions, its losses, and its text."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from studio.engine.agents.agent import Agent
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.offers import transfer
from studio.engine.agents.python_agent import PythonAgent
from studio.engine.component import Component
from studio.engine.conditions.function import FunctionRule
from studio.engine.errors import FlowError
from studio.engine.models.base import Model
from studio.engine.parsing import parsed
from studio.engine.teams.function_choice import FunctionChoice
from studio.engine.teams.team import Team
from studio.engine.tools.python_tool import PythonTool
from studio.engine.tools.schema import schema_of_source
from studio.flow.document import FlowDocument
from studio.flow.findings import Finding
from studio.formats.python_text.formatting import formatted
from studio.formats.python_text.functions import Module, first_line, functions_of, name_bound_by, with_hints
from studio.formats.python_text.literals import literal
from studio.formats.python_text.losses import Losses
from studio.formats.python_text.names import Names
from studio.formats.python_text.own_classes import answering
from studio.formats.python_text.places import Lines, Places
from studio.formats.python_text.script import Script
from studio.formats.python_text.walk import inner_first

LONGEST = 60
"""Characters of the name of a function that hands over; servers take 64."""

USER = "user"
"""Who gives the task, in the programs of all targets."""


@dataclass(frozen=True, slots=True)
class Written:
    """A program, what it does not say, whether ruff finds nothing wrong with it, and which lines show which node."""

    text: str
    losses: tuple[Finding, ...]
    clean: bool
    lines: Lines = field(default_factory=dict)


class Program:
    """What the writers of all targets share. `reserved` are names that mean something of their own in the file."""

    target = ""
    team_variables: tuple[str, ...] = ()
    """What the team itself is in the file."""

    def __init__(self, document: FlowDocument, team: Team, participants: dict[str, str], reserved: Collection[str]) -> None:
        self.document = document
        self.team = team
        self.losses = Losses(document, team, participants, self.target)
        self.script = Script()
        self.module = Module(frozenset(reserved))
        self.definitions: list[str] = []
        self.variables: dict[str, str] = {}
        self.model_variables: dict[str, str] = {}
        self.first_models: dict[str, Model] = {}
        """Of the models that are equal the one that was written."""
        self._places = Places(document, participants)
        self._functions: dict[str, str] = {}
        self._names: Names | None = None
        self._transfers: dict[str, str] = {}
        self._reserved = frozenset(reserved)
        self.agents = _plain_names(team)
        self.own_code = True

    # Names ----------------------------------------------------------------------------------------------------------

    @property
    def names(self) -> Names:
        """The variables of the file. The functions of tools keep their names, so these are taken before the first one is given."""
        if self._names is None:
            self._names = Names({*self._reserved, *self.module.names})
        return self._names

    def called(self, agent: Agent | str) -> str:
        """The name under which an agent speaks in the program."""
        name = agent if isinstance(agent, str) else agent.name
        return self.agents.get(name, name)

    def rename(self, agent: Agent) -> str:
        """The same, telling of a change."""
        name = self.called(agent)
        self.losses.said(agent, "name")
        if name != agent.name:
            self.losses.lose("renamed", agent, to=name)
        return name

    def transfer(self, target: str) -> str:
        """The name of the function that hands over to somebody; two who are called almost alike have one each."""
        if target not in self._transfers:
            # a model's server takes no other letters in the name of a function
            name = wanted = re.sub(r"[^a-z0-9_]+", "_", transfer(target)).strip("_")[:LONGEST]
            number = 2
            while name in self._transfers.values():
                name, number = f"{wanted}_{number}", number + 1
            self._transfers[target] = name
        return self._transfers[target]

    # Functions ------------------------------------------------------------------------------------------------------

    def take_functions(self) -> None:
        """Writes all Python of the flow as functions of the file where it can stand there, before names are given to anything else."""
        for component in inner_first(self.team):
            if isinstance(component, PythonAgent):
                self._plainly(answering(component.source, component.name))
            elif isinstance(component, PythonTool | FunctionChoice | FunctionRule):
                self._plainly(component.source)

    def take_function(self, source: str) -> str | None:
        """The name of a source's function in the file; None where no file for another framework could hold it.

        Without `own_code` none can: then something in them is no code that a careful person would leave.
        """
        if source not in self._functions and self.own_code and not _needs_studio(source):
            self._wrapped(source)
        return self._functions.get(source)

    def ask(self, source: str, *arguments: str) -> str | None:
        """The call of a function of the flow, which is given as many arguments as it takes; it begins with await for a coroutine."""
        name = self.take_function(source)
        if name is None:
            return None
        given = arguments[: len(schema_of_source(source).parameters.get("properties", {}))]
        return f"{'await ' if is_coroutine(source) else ''}{name}({', '.join(given)})"

    def _plainly(self, source: str) -> None:
        functions = (
            functions_of(with_hints(source)) if self.own_code and source not in self._functions and not _needs_studio(source) else None
        )
        new = self.module.take(functions) if functions is not None else None
        if functions is not None and new is not None:
            self._functions[source] = functions.function
            self.definitions.append("\n\n".join(part.text for part in new))

    def _wrapped(self, source: str) -> None:
        """A function that makes the one of the source, with everything around it inside."""
        try:
            name, tree = schema_of_source(source).name, parsed(with_hints(source))
        except (FlowError, SyntaxError, ValueError, RecursionError, MemoryError):
            return
        if any(isinstance(node, ast.Global) for node in ast.walk(tree)) or any(map(_only_at_the_top, tree.body)):
            return
        variable = self.names.new(name, "function")
        maker = self.names.new(f"make_{variable}", "function")
        body = "\n".join(f"    {line}" if line else "" for line in ast.unparse(tree).split("\n"))
        typed = f"{self.script.use('Callable', 'collections.abc')}[..., {self.script.use('Any', 'typing')}]"
        self.definitions += [f"def {maker}() -> {typed}:\n{body}\n    return {name}", f"{variable} = {maker}()"]
        self._functions[source] = variable

    # Text -----------------------------------------------------------------------------------------------------------

    def finished(self) -> Written:
        """The formatted program with all losses. Raises FormatterMissing."""
        for line in self.module.imports:
            self.script.statement(line)
        draft = self.script.text(self.document.name, self.document.description, brief=True)
        text, clean = formatted(draft)
        return Written(text, self.losses.rest(self.team), clean, self._lines(text))

    def _lines(self, text: str) -> Lines:
        """The lines of the statements that make what a node stands for."""
        bound = {name_bound_by(statement): statement for statement in parsed(text).body}
        found: dict[str, set[tuple[int, int]]] = {}
        for component in inner_first(self.team):
            for name in self._made_as(component):
                if (statement := bound.get(name)) is not None:
                    span = (first_line(statement), statement.end_lineno or statement.lineno)
                    for node in self._places.nodes(component):
                        found.setdefault(node.id, set()).add(span)
        return {node: sorted(spans) for node, spans in found.items()}

    def _made_as(self, component: Component) -> tuple[str, ...]:
        """The names in the file that stand for a component."""
        match component:
            case _ if component is self.team:
                return self.team_variables
            case Agent():
                return (self.variables.get(component.name, ""),)
            case Model():
                return (self.model_variables.get(component.model_dump_json(), ""),)
            case PythonTool():
                return (self._functions.get(component.source, ""),)
        return ()


def answer_format(agent: Assistant) -> str:
    """The shape in which an assistant answers, as OpenAI's protocol wants it."""
    shape = {"name": "answer", "schema": agent.output}
    return literal({"type": "json_schema", "json_schema": shape})


def is_coroutine(source: str) -> bool:
    """Whether the function of a source is a coroutine."""
    name = schema_of_source(source).name
    return any(isinstance(node, ast.AsyncFunctionDef) and node.name == name for node in parsed(source).body)


def _needs_studio(source: str) -> bool:
    """Whether a source uses what only our own engine has, such as context variables."""
    try:
        tree = parsed(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    found = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    found += [each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names]
    return any(name.partition(".")[0] == "studio" for name in found)


def _only_at_the_top(node: ast.stmt) -> bool:
    """Whether it is an import that no function may hold."""
    return isinstance(node, ast.ImportFrom) and (node.module == "__future__" or any(each.name == "*" for each in node.names))


def _plain_names(team: Team) -> dict[str, str]:
    """Every participant's name without blanks, each of its own: frameworks hand names to models' servers, which take no blanks."""
    found: dict[str, str] = {}
    for agent in inner_first(team):
        if not isinstance(agent, Agent) or agent.name in found:
            continue
        plain = re.sub(r"[^\w-]+", "_", agent.name).strip("_") or "agent"
        number, wanted = 2, plain
        while wanted in found.values() or wanted == USER:
            wanted, number = f"{plain}_{number}", number + 1
        found[agent.name] = wanted
    return found
