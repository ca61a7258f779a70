"""The database of AutoGen Studio 0.1: workflows, agents, models and skills in tables of their own, linked by their ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from studio.flow.bounds import MAX_BYTES
from studio.formats.autogen_database.chats import Said
from studio.formats.autogen_database.history import as_json
from studio.formats.autogen_database.reader import MAX_MESSAGES, MAX_SESSIONS, ReadComponent, Tables
from studio.formats.autogen_database.rows import Rows
from studio.formats.autogen_database.workflow_reader import MAX_PARTS, MAX_WORKFLOWS, Chat, Part, WorkflowReader
from studio.texts import text

_WORKFLOW = ("id", "name", "description", "type", "summary_method", "sample_tasks")
_AGENT = ("id", "type", "config", "task_instruction")
_SKILL = ("id", "name", "content", "description", "secrets", "libraries")
_MODEL = ("id", "model", "api_key", "base_url", "api_type", "api_version", "description")
_MESSAGE = ("session_id", "role", "content", "meta", "created_at")

MAX_NESTED = 6
"""How deep groups lie in groups."""

MAX_TOGETHER = 200
"""Agents of one workflow, those of its groups included."""

MAX_ALTOGETHER = 50_000_000
"""Characters of all workflows together, however often an agent or a skill is in them."""


class LinkedReader(WorkflowReader):
    MARKS: ClassVar = ("workflow", "agent", "workflowagentlink")
    TABLES: ClassVar[Tables] = {
        "workflow": _WORKFLOW,
        "agent": _AGENT,
        "skill": _SKILL,
        "model": _MODEL,
        "workflowagentlink": ("workflow_id", "agent_id", "agent_type", "sequence_id"),
        "agentlink": ("parent_id", "agent_id"),
        "agentskilllink": ("agent_id", "skill_id"),
        "agentmodellink": ("agent_id", "model_id"),
        "session": ("id", "workflow_id", "name"),
        "message": (*_MESSAGE, "id", "connection_id"),
    }
    META: ClassVar = "meta"
    FORM: ClassVar = "autogen_database.form.workflows"
    MESSAGES: ClassVar = "message"

    def __init__(self, rows: Rows, read_component: ReadComponent) -> None:
        super().__init__(rows, read_component)
        self._agents = self._by_id("agent", _AGENT)
        self._skills = self._by_id("skill", _SKILL)
        self._models = self._by_id("model", _MODEL)
        self._members = self._links("agentlink", "parent_id", "agent_id")
        self._skills_of = self._links("agentskilllink", "agent_id", "skill_id")
        self._models_of = self._links("agentmodellink", "agent_id", "model_id")
        self._used: set[tuple[str, Any]] = set()
        self._where = ""
        self._agents_left = self._room = 0
        self._room_altogether = MAX_ALTOGETHER

    def parts(self) -> Iterator[Part]:
        links: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        columns = ("workflow_id", "agent_id", "agent_type", "sequence_id")
        for workflow, agent, kind, place in self.limited("workflowagentlink", columns, MAX_PARTS):
            links[workflow].append({"agent_id": agent, "agent_type": kind, "sequence_id": place})
        for number, *cells in self.limited("workflow", _WORKFLOW, MAX_WORKFLOWS):
            value = dict(zip(_WORKFLOW[1:], cells, strict=True))
            where = self._begin(f"workflow {number}")
            agents = [{"agent": self._agent(link["agent_id"]), "link": link} for link in links.pop(number, ())]
            value |= {"type": value["type"] or "autonomous", "sample_tasks": as_json(value["sample_tasks"])}
            value |= {"agents": [each for each in agents if each["agent"]]}
            yield Part(value, text("autogen_database.workflow", id=number), where, number)
        for workflow in links:
            self._tell_broken(f"workflow {workflow}"[:80], "workflowagentlink")
        members = {each for linked in self._members.values() for each in linked}
        # Groups first: whoever is a member comes with them, but for those that are members of each other.
        for number in sorted(self._agents, key=lambda each: each in members):
            if ("agent", number) not in self._used:
                where = self._begin(f"agent {number}")
                yield Part(self._agent(number), text("autogen_database.agent", id=number), where)
        yield from self._shelf()

    def chats(self) -> Iterable[Chat]:
        said: dict[Any, list[Said]] = defaultdict(list)
        for session, *cells in self.limited("message", _MESSAGE, MAX_MESSAGES):
            said[session].append(Said(*cells))
        for session, workflow, name in self.limited("session", ("id", "workflow_id", "name"), MAX_SESSIONS):
            yield Chat(session, workflow, name, said.pop(session, []))
        for session, each in said.items():
            yield Chat(session, None, None, each)

    def _begin(self, where: str) -> str:
        self._where = where
        self._agents_left = MAX_TOGETHER
        self._room = min(MAX_BYTES, self._room_altogether)
        return where

    def _agent(self, number: Any, above: tuple[Any, ...] = ()) -> dict[str, Any] | None:
        """An agent with its skills, models and members; None for one that is not there, and beyond the bounds, which is told."""
        found = self._agents.get(number)
        if found is None or number in above:
            self._tell_broken(f"agent {number}"[:80], self._where)
            return None
        self._agents_left -= 1
        if self._agents_left < 0 or len(above) >= MAX_NESTED or not self._fits("agent", number, found):
            self._tell_large()
            return None
        skills = [each for number in self._skills_of[number] if (each := self._skill(number)) is not None]
        models = [each for number in self._models_of[number] if (each := self._model(number)) is not None]
        members = []
        for each in self._members[number]:
            if self._agents_left <= 0:
                self._tell_large()
                break
            members.append(self._agent(each, (*above, number)))
        return {
            **found,
            "config": as_json(found["config"]),
            "skills": skills,
            "models": models,
            "agents": [each for each in members if each is not None],
        }

    def _skill(self, number: Any) -> dict[str, Any] | None:
        found = self._linked("skill", number, self._skills)
        return found and {**found, "secrets": as_json(found["secrets"]), "libraries": as_json(found["libraries"])}

    def _model(self, number: Any) -> dict[str, Any] | None:
        return self._linked("model", number, self._models)

    def _linked(self, table: str, number: Any, rows: dict[Any, dict[str, Any]]) -> dict[str, Any] | None:
        found = rows.get(number)
        if found is None:
            self._tell_broken(f"{table} {number}"[:80], self._where)
        elif not self._fits(table, number, found):
            self._tell_large()
            return None
        return found

    def _fits(self, table: str, number: Any, row: dict[str, Any]) -> bool:
        """Whether there is room for one more row in the flow that is being put together."""
        size = sum(len(cell) for cell in row.values() if isinstance(cell, (str, bytes)))
        if size > self._room:
            return False
        self._room -= size
        self._room_altogether -= size
        self._used.add((table, number))
        return True

    def _tell_broken(self, what: str, where: str) -> None:
        self.say("decision", "link_broken", where, what=what)

    def _tell_large(self) -> None:
        self.say("decision", "too_much", self._where, what=self._where, agents=MAX_TOGETHER, deep=MAX_NESTED)

    def _shelf(self) -> Iterator[Part]:
        """Models and skills that no agent has."""
        where = self._begin("model, skill")
        models = [self._model(each) for each in self._models if ("model", each) not in self._used]
        skills = [self._skill(each) for each in self._skills if ("skill", each) not in self._used]
        if models or skills:
            value = {"models": list(filter(None, models)), "skills": list(filter(None, skills))}
            yield Part(value, text("autogen_database.shelf"), where)

    def _by_id(self, table: str, columns: tuple[str, ...]) -> dict[Any, dict[str, Any]]:
        return {row[0]: dict(zip(columns[1:], row[1:], strict=True)) for row in self.limited(table, columns, MAX_PARTS)}

    def _links(self, table: str, one: str, other: str) -> dict[Any, list[Any]]:
        found: dict[Any, list[Any]] = defaultdict(list)
        for owner, owned in self.limited(table, (one, other), MAX_PARTS):
            found[owner].append(owned)
        return found
