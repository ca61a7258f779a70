"""A program for another framework while it is written: its names, its tools as functions, its losses, and its text."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from studio.engine.agents.agent import Agent
from studio.engine.agents.offers import transfer
from studio.engine.teams.team import Team
from studio.engine.tools.base import Tool
from studio.engine.tools.python_tool import PythonTool
from studio.flow.document import FlowDocument
from studio.flow.findings import Finding
from studio.formats.python_text.formatting import formatted
from studio.formats.python_text.functions import Functions, Module, functions_of
from studio.formats.python_text.losses import Losses
from studio.formats.python_text.names import Names, identifier
from studio.formats.python_text.script import Script
from studio.formats.python_text.walk import distinct, inner_first

USER = "user"
"""Who gives the task, in the programs of all targets."""


@dataclass(frozen=True, slots=True)
class Written:
    """A program, what it does not say, and whether ruff finds nothing wrong with it."""

    text: str
    losses: tuple[Finding, ...]
    clean: bool


class Program:
    """What the writers of all targets share. `reserved` are names that mean something of their own in the file."""

    target = ""

    def __init__(self, document: FlowDocument, team: Team, participants: dict[str, str], reserved: Collection[str]) -> None:
        self.document = document
        self.team = team
        self.losses = Losses(document, participants, self.target)
        self.script = Script()
        self.module = Module(frozenset(reserved))
        self.definitions: list[str] = []
        self._sources: dict[str, Functions] = {}
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
            name = wanted = identifier(transfer(target), "transfer")
            number = 2
            while name in self._transfers.values():
                name, number = f"{wanted}_{number}", number + 1
            self._transfers[target] = name
        return self._transfers[target]

    # Functions ------------------------------------------------------------------------------------------------------

    def take_tools(self) -> None:
        """Writes every Python tool of the flow as functions of the file."""
        for tool in distinct(self.team, Tool):
            if isinstance(tool, PythonTool):
                self.take_function(tool.source)

    def take_function(self, source: str) -> str | None:
        """The name of the source's function in the file, written once; None when it cannot stand in a file with others.

        Without `own_code` none can: then something in them is no code that a careful person would leave.
        """
        if source in self._sources:
            return self._sources[source].function
        functions = functions_of(source) if self.own_code else None
        new = self.module.take(functions) if functions is not None else None
        if functions is None or new is None:
            return None
        self._sources[source] = functions
        self.definitions.append("\n\n".join(part.text for part in new))
        return functions.function

    # Text -----------------------------------------------------------------------------------------------------------

    def finished(self) -> Written:
        """The formatted program with all losses. Raises FormatterMissing."""
        for line in self.module.imports:
            self.script.statement(line)
        draft = self.script.text(self.document.name, self.document.description)
        text, clean = formatted(draft)
        return Written(text, self.losses.rest(self.team), clean)


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
