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

from autogen_samples import NAMES, sample
from model_server import InTurn, ModelServer, Seen

from studio.engine.advance import Environment
from studio.engine.events import QuestionAsked
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.practice import PracticeModel
from studio.engine.models.prices import Prices
from studio.engine.script import Answer, answer_from
from studio.engine.script import run as run_team
from studio.engine.stored_events import event_to_json
from studio.engine.tools.schema import schema_of_source
from studio.flow.document import FlowDocument, Node
from studio.flow.resolve import resolve
from studio.flow.wires import Drawing
from studio.formats.autogen_json.read import from_autogen
from studio.library.templates import templates

TYPED = ("yes", "no because it is too dear", "fine", "yes")
"""What the person types, in this order, wherever a conversation asks."""

MODEL = "gpt-4o"
"""A name that every framework knows."""

FLOWS = Path(__file__).with_name("flows")
"""Flows as the studio keeps them, with a practice model that holds its answers."""

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
    """The templates, flows for what no template draws, and the files of AutoGen's that hold somebody who speaks."""
    drawn = ((path.stem, FlowDocument.model_validate_json(path.read_bytes())) for path in sorted(FLOWS.glob("*.json")))
    brought = ((name.removesuffix(".json"), from_autogen(sample(name), name)[0].document) for name in NAMES)
    samples = (_sample(name, document) for name, document in brought if any(node.kind == "assistant" for node in document.nodes))
    ours = (*((found.id, found.document) for found in templates()), *drawn)
    return (*(_template(identifier, document) for identifier, document in ours), *samples)


ARGUMENTS: Mapping[str, Mapping[str, Any]] = {"calculator": {"a": 6, "b": 7, "operator": "*"}, "get_weather": {"city": "Oslo"}}
"""What the tools of the samples are called with; others are not called."""


def _sample(identifier: str, document: FlowDocument) -> Flow:
    """A flow that came in: its assistants call a tool if they have one, hand over if they may, and say one thing and then a last one."""
    drawing = Drawing(document)
    nodes, agents = [], {}
    passed_on = False
    for node in document.nodes:
        config = dict(node.config)
        if node.kind == "openai":
            config = {"model": MODEL}
        if node.kind == "assistant":
            # Who asks is told by the system message, and in a sample all may have the same.
            config["system_message"] = f"You are {node.name}. {config.get('system_message', '')}"
            replies: list[Any] = [
                {"tool": name, "arguments": ARGUMENTS[name]} for tool in drawing.tools_of(node) if (name := tool_name(tool)) in ARGUMENTS
            ]
            if config.get("handoffs") and not passed_on:
                passed_on = True
                replies.append({"tool": f"transfer_to_{config['handoffs'][0]}", "arguments": {}})
            replies += [f"{node.name} has a first answer. REVISE", f"{node.name} has a better one. APPROVE TERMINATE"]
            agents[config["system_message"]] = tuple(replies)
        nodes.append(node.model_copy(update={"config": config}))
    names = tuple(node.name for node in document.nodes if node.kind == "assistant")
    societies = any(node.kind == "society" for node in document.nodes)
    leading = {"*": ("All of us agree.",) if societies else names * 20}
    return Flow(identifier, document.model_copy(update={"nodes": tuple(nodes)}), agents, leading)


def tool_name(node: Node) -> str:
    return schema_of_source(str(node.config.get("source", ""))).name if node.kind == "python_tool" else ""


def _template(identifier: str, document: FlowDocument) -> Flow:
    script = next(PracticeModel(**node.config).replies for node in document.nodes if node.kind == "practice")
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
