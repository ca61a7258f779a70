"""A studio without pages for tests of runs: a database, accounts and runs in one folder, drawings to run, and a reader of frames."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

from patience import within

from studio.flow.document import Edge, FlowDocument, Node
from studio.library.accounts import ModelAccounts
from studio.library.flows import Flows
from studio.runs.service import Runs
from studio.settings import read_settings
from studio.store.database import open_database
from studio.store.secrets import Secrets

AT_REST = {"done", "stopped", "failed", "waiting", "paused", "interrupted"}
PATIENCE = within(20)


class House:
    """Opened on a folder; opened again on the same one it is the next process."""

    def __init__(self, folder: Path) -> None:
        os.environ.pop("CONVENE_SECRET_KEY", None)
        self.settings = read_settings(folder, f"sqlite:///{folder / 'convene.db'}")
        self.database = open_database(self.settings.database)
        self.secrets = Secrets(folder, use_keyring=False)
        self.accounts = ModelAccounts(self.database, self.secrets)
        self.flows = Flows(self.database)
        self.runs = Runs(self.database, self.accounts, self.settings)

    async def close(self) -> None:
        await self.runs.close()
        self.database.close()

    async def read(self, run: str, until: Callable[[dict[str, Any]], bool], after: int = 0) -> list[dict[str, Any]]:
        """The frames of a run up to the first one that `until` accepts."""
        frames = []
        async with asyncio.timeout(PATIENCE), aclosing(self.runs.follow(run, after)) as following:
            async for frame in following:
                frames.append(frame)
                if until(frame):
                    return frames
        raise AssertionError("the frames ended")

    async def rest(self, run: str, after: int = 0) -> list[dict[str, Any]]:
        """The events of a run until it comes to rest."""
        return events_in(await self.read(run, lambda frame: frame["t"] == "status" and frame["status"] in AT_REST, after))

    async def asked(self, run: str) -> str:
        """The id of the question that a run comes to rest at."""
        return str([event for event in await self.rest(run) if event["type"] == "question"][-1]["id"])


def events_in(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for frame in frames if frame["t"] == "events" for event in frame["events"]]


def said_in(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["source"], event["text"]) for event in events if event["type"] == "message"]


def drawing(*members: Node, model: Node | None = None, turns: int = 4, name: str = "Flow", **team: Any) -> FlowDocument:
    """A round robin of these members, stopped after so many turns."""
    nodes = [Node(id="n_team", kind="team", name="team", config={"max_turns": turns, **team})]
    nodes += [node.model_copy(update={"parent": "n_team"}) for node in members]
    edges = []
    if model is not None:
        nodes.append(model)
        edges.append(Edge(id="e_model", kind="model", source=model.id, target="n_team"))
    return FlowDocument(name=name, nodes=tuple(nodes), edges=tuple(edges))


def assistant(name: str, **config: Any) -> Node:
    return Node(id=f"n_{name}", kind="assistant", name=name, config={"system_message": f"You are {name}.", **config})


def human(name: str = "boss", **config: Any) -> Node:
    return Node(id=f"n_{name}", kind="human", name=name, config=config)


def practice(script: dict[str, list[Any]], words_per_second: float = 0) -> Node:
    return Node(id="n_model", kind="practice", name="model", config={"script": script, "words_per_second": words_per_second})


def served(account: str = "server", model: str = "test-model", **config: Any) -> Node:
    return Node(id="n_model", kind="openai", name="model", config={"account": account, "model": model, "retries": 0, **config})


def pair(turns: int = 4, words_per_second: float = 0, mark: str = "") -> FlowDocument:
    """Ann and Bob in turn, at once or at a speaking pace."""
    script = {"ann": [f"one{mark}", f"three{mark}", f"five{mark}"], "bob": [f"two{mark}", f"four{mark}", f"six{mark}"]}
    return drawing(assistant("ann"), assistant("bob"), model=practice(script, words_per_second), turns=turns)


def asking(turns: int = 3, **config: Any) -> FlowDocument:
    """Ann says something, the boss is asked, Ann says the last word."""
    return drawing(assistant("ann"), human("boss", **config), model=practice({"ann": ["What now?", "Fine."]}), turns=turns)


def asking_while_coding(code: str) -> FlowDocument:
    """Ann writes code; while the runner runs it on this machine, the boss is asked."""
    runner = Node(id="n_runner", kind="code_runner", name="runner", config={"executor": {"kind": "local"}})
    script = practice({"ann": [f"```python\n{code}\n```"]})
    flow = drawing(assistant("ann"), human("boss"), runner, model=script, turns=9, selection={"kind": "graph"})
    arrows = [Edge(id=f"e_{name}", kind="speaks", source="n_ann", target=f"n_{name}") for name in ("boss", "runner")]
    return flow.model_copy(update={"edges": (*flow.edges, *arrows)})


def coding(code: str, turns: int = 3) -> FlowDocument:
    """Ann writes code, the runner runs it on this machine."""
    runner = Node(id="n_runner", kind="code_runner", name="runner", config={"executor": {"kind": "local"}})
    return drawing(assistant("ann"), runner, model=practice({"ann": [f"```python\n{code}\n```", "Done."]}), turns=turns)
