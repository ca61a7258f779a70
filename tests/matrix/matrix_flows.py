"""The flows of the matrix: every template at a scripted model server, and how the studio runs them."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from model_server import InTurn, ModelServer, Seen

from studio.engine.advance import Environment
from studio.engine.events import QuestionAsked, event_to_json
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.prices import Prices
from studio.engine.script import Answer, answer_from
from studio.engine.script import run as run_team
from studio.flow.document import FlowDocument
from studio.flow.resolve import resolve
from studio.library.templates import templates

TYPED = ("yes", "no because it is too dear", "fine", "yes")
"""What the person types, in this order, wherever a conversation asks."""

MODEL = "gpt-4o"
"""A name that every framework knows."""

_ASKED = {"planner": "You lead a team and plan its work", "society": "Other people have been working", "chat": "*"}
"""What a team's own request begins with in the studio, by what the team is; any other team's is about who speaks next."""


@dataclass(frozen=True)
class Flow:
    """`agents` are replies by system message, in order; `leading` those of the team's own requests, by the words that they begin with."""

    id: str
    document: FlowDocument
    agents: Mapping[str, tuple[Any, ...]]
    leading: Mapping[str, tuple[Any, ...]]

    @property
    def task(self) -> str:
        return self.document.sample_tasks[0] if self.document.sample_tasks else "Begin."


@cache
def flows() -> tuple[Flow, ...]:
    """The templates."""
    return tuple(_template(found.id, found.document) for found in templates())


def _template(identifier: str, document: FlowDocument) -> Flow:
    script: Mapping[str, list[Any]] = next(node.config["script"] for node in document.nodes if node.kind == "practice")
    nodes = tuple(
        node.model_copy(update={"kind": "openai", "config": {"model": MODEL}}) if node.kind == "practice" else node
        for node in document.nodes
    )
    messages = {node.name: str(node.config.get("system_message", "")) for node in document.nodes if node.kind == "assistant"}
    kinds = {node.name: node.config.get("selection", {}).get("kind", node.kind) for node in document.nodes}
    agents = {messages[name]: tuple(replies) for name, replies in script.items() if name in messages}
    leading = {_ASKED.get(kinds[name], "who speaks next"): tuple(replies) for name, replies in script.items() if name not in messages}
    return Flow(identifier, document.model_copy(update={"nodes": nodes}), agents, leading)


@contextmanager
def served(flow: Flow, leads: Callable[[Any], Any] = lambda reply: reply) -> Iterator[ModelServer]:
    """A server that plays the flow once: agents by their system messages, and whoever leads by the requests without one of these.

    `leads` makes of what a leader says in the studio what a framework's own leader must say to mean the same.
    """
    with ModelServer() as server:
        server.script({key: InTurn(*replies) for key, replies in flow.agents.items()})
        leading = {key: InTurn(*replies) for key, replies in flow.leading.items()}

        def lead(seen: Seen) -> Any:
            if seen.key in flow.agents:
                return None
            return leads(next(iter(leading.values())).next()) if leading else None

        server.reply = lead
        yield server


class Typist:
    """Types the prepared lines as the terminal would read them."""

    def __init__(self) -> None:
        self.lines = list(TYPED)

    async def answer(self, question: QuestionAsked) -> Answer:
        return answer_from(self.lines.pop(0), question)


async def studio_run(flow: Flow, folder: Path, base_url: str) -> list[dict[str, Any]]:
    """The events of a run in the studio's engine."""
    accounts = EnvironmentAccounts({"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": base_url})
    place = Environment(accounts, folder, allow_local_code=True, prices=Prices())
    async with asyncio.timeout(60):
        result = await run_team(resolve(flow.document), flow.task, people=Typist(), environment=place)
    return [json.loads(event_to_json(event)) for event in result.events]


def without_docker() -> Mapping[str, str]:
    """The environment in which all runs execute code in the same place, whether or not this machine has Docker."""
    return {**os.environ, "DOCKER_HOST": "unix:///nonexistent/docker.sock", "PYTHONIOENCODING": "utf-8"}
