"""What AutoGen 0.2's AgentBuilder saved, as AutoGen Studio 0.1 has it: agents for a task, and who runs their code, in a group."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.flow.findings import Finding
from studio.formats.autogen_components.reading import Reading
from studio.formats.autogen_components.source import Piece
from studio.texts import text

MEMBERS = "agent_configs"
"""The field that holds the agents."""

_TERMINAL = "Computer_terminal"
_FIELDS = ("name", "system_message", "description")
_OF_AGENT = re.compile(rf"(.*/{MEMBERS}/)(\d+)((?:/.*)?)")


def is_built_team(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get(MEMBERS), list) and ("building_task" in value or "default_llm_config" in value)


class BuiltReading(Reading):
    """Reads a saved team with the places that things have in its file, not in the group that is made of it."""

    def __init__(self, source: Piece, saved: Mapping[str, Any]) -> None:
        super().__init__(source, text("autogen.form.built"))
        self._members = len(saved[MEMBERS])

    def node(self, kind: str, name: str = "", config: Any = None, parent: str | None = None, *, what: str = "", at: str = "") -> str:
        return super().node(kind, name, config, parent, what=what, at=self._saved(at))

    def say(self, level: Any, code: str, at: str, nodes: Any = (), *, remedy: bool = False, subject: str = "", **facts: Any) -> None:
        super().say(level, code, self._saved(at), nodes, remedy=remedy, subject=subject, **facts)

    def _pointed(self) -> dict[tuple[str, ...], Finding]:
        """How code is run is said of the whole team, and is about who runs it."""
        runner = next((node.id for node in self.nodes if node.kind == "human"), None)
        for key, finding in self.findings.kept.items():
            if runner is not None and not finding.nodes and "/code_execution_config" in finding.place.pointer:
                self.findings.kept[key] = replace(finding, nodes=(runner,))
        return super()._pointed()

    def _saved(self, at: str) -> str:
        found = _OF_AGENT.fullmatch(at)
        if found is None:
            return at
        before, number, after = found.groups()
        above = before.removesuffix(f"/{MEMBERS}/")
        if int(number) >= self._members:
            running = re.fullmatch(r"/config(/code_execution_config.*)", after)
            return f"{above}{running[1]}" if running is not None else f"{above}/coding"
        if after.startswith("/config/llm_config/config_list"):
            return f"{before}{number}/model"
        if (setting := re.fullmatch(r"/config/llm_config(/.*)?", after)) is not None:
            return f"{above}/default_llm_config{setting[1] or ''}"
        return f"{before}{number}{after.removeprefix('/config')}"


def current_group(value: Mapping[str, Any]) -> dict[str, Any]:
    """The group of a saved team. Whoever runs code speaks last, as `AgentBuilder.load` has it."""
    settings = value.get("default_llm_config")
    settings = {name: each for name, each in settings.items() if name != "config_list"} if isinstance(settings, Mapping) else {}
    members = [_agent(each if isinstance(each, Mapping) else {}, settings) for each in value[MEMBERS]]
    if value.get("coding") is True:
        running = value.get("code_execution_config")
        own = {"name": _TERMINAL, "human_input_mode": "NEVER", "code_execution_config": running if isinstance(running, Mapping) else {}}
        members.append({"type": "userproxy", "config": own})
    return {"type": "groupchat", MEMBERS: value[MEMBERS], "config": {"speaker_selection_method": "auto"}, "agents": members}


def _agent(value: Mapping[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """The models of an agent were looked up by their names in a list of configurations: their addresses are not here."""
    named = value.get("model")
    models = [{"model": each} for each in (named if isinstance(named, list) else [named]) if isinstance(each, str) and each]
    own = {name: value[name] for name in _FIELDS if isinstance(value.get(name), str)}
    return {"type": "assistant", "config": own | {"llm_config": settings | {"config_list": models}}, "model_path": value.get("model_path")}
