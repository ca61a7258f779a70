"""AutoGen's ready team Magentic-One in a script, as the team and the agents that it consists of."""

from __future__ import annotations

from typing import Any

from studio.formats.autogen_components.source import below
from studio.formats.autogen_python.read_fields import Fields, excerpt
from studio.formats.autogen_python.signatures import SIGNATURES
from studio.formats.foreign_script.reading import ScriptPiece
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Record

MAGENTIC_ONE = "MagenticOne"
CODER = "MagenticOneCoderAgent"
SAID_OF_A_CODER = ("name", "model_client")
"""What a coder is made of; AutoGen takes an assistant's other arguments and does not use them."""

_CALLEES = {
    "MagenticOneGroupChat": "autogen_agentchat.teams",
    "FileSurfer": "autogen_ext.agents.file_surfer",
    "MultimodalWebSurfer": "autogen_ext.agents.web_surfer",
    CODER: "autogen_ext.agents.magentic_one",
    "CodeExecutorAgent": "autogen_agentchat.agents",
    "UserProxyAgent": "autogen_agentchat.agents",
    "create_default_code_executor": "autogen_ext.code_executors",
}


class Bundles(Fields):
    """Takes what is made of several components apart. `made` keeps the calls that stand for the parts as long as they are known by."""

    def __init__(self, script: Script, piece: ScriptPiece) -> None:
        super().__init__(script, piece)
        self.made: list[Record] = []

    def unbundled(self, record: Record, pointer: str) -> Record:
        """The call of the team that a call of MagenticOne stands for. What it does not use is told."""
        given = self.arguments(record, MAGENTIC_ONE)
        spots = {parameter: spot for parameter, (_, spot) in given.items()}

        def part(name: str, **arguments: str) -> Record:
            """One of its parts, with the bundle's arguments that are its own, by its names for them."""
            called = Record(f"{_CALLEES[name]}.{name}", [], {}, record.spot)
            for ours, theirs in arguments.items():
                if theirs in given:
                    called.kwargs[ours], called.spots[ours] = given[theirs]
            self.made.append(called)
            return called

        def agent(class_name: str, name: str, **arguments: str) -> Record:
            called = part(class_name, **arguments)
            called.kwargs["name"] = name
            return called

        terminal = agent("CodeExecutorAgent", "ComputerTerminal", code_executor="code_executor", approval_func="approval_func")
        if terminal.kwargs.get("code_executor") is None:
            terminal.kwargs["code_executor"] = part("create_default_code_executor")
        agents = [
            agent("FileSurfer", "FileSurfer", model_client="client"),
            agent("MultimodalWebSurfer", "WebSurfer", model_client="client"),
            agent(CODER, "Coder", model_client="client"),
            terminal,
        ]
        if self._asks_a_person(given, pointer):
            agents.append(agent("UserProxyAgent", "User", input_func="input_func"))
        elif given.get("input_func", (None, None))[0] is not None:
            self.unused("input_func", MAGENTIC_ONE, pointer, spots["input_func"])
        for name in (each for each in given if each not in SIGNATURES[MAGENTIC_ONE]):
            self.unused(name, MAGENTIC_ONE, pointer, spots[name])
        team = part("MagenticOneGroupChat", model_client="client")
        team.kwargs["participants"] = agents
        team.rest, team.definition = record.rest, record.definition
        return team

    def _asks_a_person(self, given: dict[str, tuple[Any, Any]], pointer: str) -> bool:
        if "hil_mode" not in given:
            return False
        value, spot = given["hil_mode"]
        found = self.plain(value, "hil_mode", below(pointer, "config", "hil_mode"), spot)
        return isinstance(found, int) and bool(found)

    def unused(self, field: str, what: str, pointer: str, spot: Any) -> None:
        """Tells an argument that AutoGen itself does not use."""
        self.remark("approximated", "left_out", pointer, spot, field=field, what=what, source=excerpt(self.script.source.text, spot))
