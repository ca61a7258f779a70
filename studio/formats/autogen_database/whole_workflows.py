"""The database of AutoGen Studio 0.0: every workflow and session holds its agents, models and skills itself."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from studio.formats.autogen_components.first_studio import SIDES, current_agent, current_workflow
from studio.formats.autogen_database.chats import Said
from studio.formats.autogen_database.history import as_json
from studio.formats.autogen_database.reader import MAX_MESSAGES, MAX_SESSIONS, Tables
from studio.formats.autogen_database.workflow_reader import MAX_PARTS, MAX_WORKFLOWS, Chat, Part, WorkflowReader
from studio.texts import text

_WORKFLOW = ("id", "name", "description", "sender", "receiver", "summary_method")
_AGENT = ("id", "type", "config", "skills")
_MODEL = ("model", "api_key", "base_url", "api_type", "api_version", "description")
_MESSAGE = ("session_id", "role", "content", "metadata", "timestamp")
_OWN = ("timestamp",)


class WholeReader(WorkflowReader):
    MARKS: ClassVar = ("workflows", "agents", "sessions", "messages")
    TABLES: ClassVar[Tables] = {
        "workflows": (*_WORKFLOW, "type", *_OWN),
        "agents": (*_AGENT, *_OWN),
        "skills": ("title", "content", "file_name", *_OWN),
        "models": (*_MODEL, *_OWN),
        "sessions": ("id", "name", "flow_config", *_OWN),
        "messages": (*_MESSAGE, "root_msg_id", "msg_id"),
        "gallery": ("id", "session", "messages", "tags", *_OWN),
        "version": (),
    }
    META: ClassVar = "metadata"
    FORM: ClassVar = "autogen_database.form.first"
    MESSAGES: ClassVar = "messages"

    def parts(self) -> Iterator[Part]:
        held = _Held()
        known: set[Any] = set()
        for number, *cells in self.limited("workflows", _WORKFLOW, MAX_WORKFLOWS):
            value = _workflow(dict(zip(_WORKFLOW[1:], cells, strict=True)))
            known.add(number)
            held.add(value)
            yield Part(value, text("autogen_database.workflow", id=number), f"workflow {number}", number)
        for session, flow in self.limited("sessions", ("id", "flow_config"), MAX_SESSIONS):
            config = as_json(flow)
            if isinstance(config, Mapping) and (number := _id(config)) is not None and number not in known:
                # The workflow was deleted since, and is held by its sessions alone.
                value = _workflow(config)
                known.add(number)
                held.add(value)
                yield Part(value, text("autogen_database.workflow", id=number), f"session {session}", number)
        for number, kind, config, skills in self.limited("agents", _AGENT, MAX_PARTS):
            agent = current_agent({"type": kind, "config": as_json(config), "skills": as_json(skills)})
            if _same(agent) not in held.agents:
                held.add(agent)
                yield Part(agent, text("autogen_database.agent", id=number), f"agent {number}")
        models = [dict(zip(_MODEL, cells, strict=True)) for cells in self.limited("models", _MODEL, MAX_PARTS)]
        skills = [{"name": title, "content": source} for title, source in self.limited("skills", ("title", "content"), MAX_PARTS)]
        shelf = {
            "models": [each for each in models if _served(each) not in held.models],
            "skills": [each for each in skills if each["content"] not in held.skills],
        }
        if any(shelf.values()):
            yield Part(shelf, text("autogen_database.shelf"), "models, skills")

    def chats(self) -> Iterable[Chat]:
        said: dict[Any, list[Said]] = defaultdict(list)
        for session, *cells in self.limited("messages", _MESSAGE, MAX_MESSAGES):
            said[session].append(Said(*cells))
        for number, name, flow in self.limited("sessions", ("id", "name", "flow_config"), MAX_SESSIONS):
            yield Chat(number, _id(as_json(flow)), name, said.pop(number, []))
        for number, each in said.items():
            yield Chat(number, None, None, each)
        for number, session, messages in self.limited("gallery", ("id", "session", "messages"), MAX_SESSIONS):
            # What was published is a copy of a session and its messages.
            held = as_json(session)
            own = held if isinstance(held, Mapping) else {}
            published = as_json(messages)
            rows = [each for each in published if isinstance(each, Mapping)] if isinstance(published, list) else []
            copied = [Said(str(each.get("role")), each.get("content"), each.get("metadata"), each.get("timestamp")) for each in rows]
            yield Chat(f"gallery {number}", _id(own.get("flow_config")), own.get("name"), copied)


class _Held:
    """What workflows hold: their agents, and what their models and skills are known by."""

    def __init__(self) -> None:
        self.agents: set[str] = set()
        self.models: set[tuple[Any, ...]] = set()
        self.skills: set[Any] = set()

    def add(self, value: Mapping[str, Any]) -> None:
        """Takes in a workflow or an agent, with its members."""
        self.agents.add(_same(value))
        for each in value.get("agents", ()):
            self.add(each.get("agent", each))
        for skill in value.get("skills", ()):
            self.skills.add(_known(skill["content"]))
        settings = value.get("config", {}).get("llm_config")
        listed = settings.get("config_list") if isinstance(settings, Mapping) else None
        self.models.update(_served(each) for each in (listed if isinstance(listed, list) else ()) if isinstance(each, Mapping))


def _workflow(value: Mapping[str, Any]) -> dict[str, Any]:
    return current_workflow(value, {side: as_json(value.get(side)) for side in SIDES})


def _same(agent: Mapping[str, Any]) -> str:
    return json.dumps([agent.get("type"), agent.get("config"), agent.get("skills")], sort_keys=True, default=str)


def _served(model: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(_known(model.get(name) or None) for name in ("model", "base_url", "api_type"))


def _known(value: Any) -> Any:
    """A value that can be looked up."""
    return value if isinstance(value, str | int | None) else json.dumps(value, sort_keys=True, default=str)


def _id(workflow: Any) -> Any:
    number = workflow.get("id") if isinstance(workflow, Mapping) else None
    return number if isinstance(number, str | int) else None
