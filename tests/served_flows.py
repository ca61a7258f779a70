"""A flow behind its door on a real port of this process, and whoever calls it over real HTTP."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from patience import within
from starlette.types import ASGIApp

from studio.api.services import Services, open_services
from studio.flow.document import Edge, FlowDocument, Node
from studio.library.shares import Terms
from studio.serving.application import served_flow
from studio.serving.connections import GuestHTTP, PromptHTTP
from studio.serving.door import door_of_flow
from studio.settings import Settings

TOKEN = "a-token-for-tests-only"
PATIENCE = within(20)
AT_REST = within(15)
"""Seconds that a request waits for a run to come to rest: less than it may take."""


class Served:
    """`url` is where it is; `client` knows the token."""

    def __init__(self, services: Services, flow: str, port: int, token: str = TOKEN, address: str = "") -> None:
        self.services = services
        self.flow = flow
        self.url = f"http://127.0.0.1:{port}{address}"
        self.client = httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE, trust_env=False)
        self.stranger = httpx.Client(base_url=self.url, timeout=PATIENCE, trust_env=False)

    def start(self, task: str = "Hello", wait: float = AT_REST, **body: Any) -> dict[str, Any]:
        answer = self.client.post("/api/runs", params={"wait": wait}, json={"task": task, **body})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def fetch(self, run: str, wait: float = AT_REST) -> dict[str, Any]:
        return dict(self.client.get(f"/api/runs/{run}", params={"wait": wait}).json())

    def answer(self, run: str, text: str, wait: float = AT_REST, **body: Any) -> httpx.Response:
        return self.client.post(f"/api/runs/{run}/answer", params={"wait": wait}, json={"text": text, **body})

    def begun(self) -> str:
        """The id of the first run, once there is one."""
        return str(_until(lambda: [run.id for run in self.services.runs.list()])[0])

    def rest(self, run: str) -> str:
        """The status of a run that does not compute any more."""
        return str(_until(lambda: (status := self.services.runs.get(run).status) != "running" and status))

    def events(self, run: str, **headers: str) -> Iterator[dict[str, Any]]:
        """What is streamed, each with the number that came with it as `at`, if one did."""
        with self.client.stream(
            "GET", f"/api/runs/{run}/events", headers={name.replace("_", "-"): value for name, value in headers.items()}
        ) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            told: dict[str, Any] = {}
            for line in answer.iter_lines():
                field, _, value = line.partition(": ")
                if field == "id":
                    told["at"] = int(value)
                elif field == "data":
                    yield {**json.loads(value), **told}
                    told = {}


def _until(look: Callable[[], Any]) -> Any:
    """What there is to see, once there is something."""
    giving_up = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < giving_up
        time.sleep(0.01)
    return seen


@contextmanager
def on_a_port(app: ASGIApp, http: type[PromptHTTP] = GuestHTTP) -> Iterator[int]:
    """Serves an application from a thread of its own."""
    config = uvicorn.Config(
        app,
        http=http,
        log_config=None,
        access_log=False,
        lifespan="auto",
        ws="none",
        timeout_graceful_shutdown=1,
        # Longer than clients keep connections: none is taken up again while it is being closed, however slow the machine is.
        timeout_keep_alive=60,
    )
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        begun = threading.Event()
        startup = server.startup

        async def started(sockets: list[socket.socket] | None = None) -> None:
            await startup(sockets)
            begun.set()

        server.startup = started  # type: ignore[method-assign]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        assert begun.wait(PATIENCE)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


def opened(folder: Path) -> Services:
    return open_services(Settings(data_dir=folder, database=f"sqlite:///{folder / 'convene.db'}"))


@contextmanager
def served(folder: Path, document: FlowDocument, terms: Terms | None = None, hosts: tuple[str, ...] = ()) -> Iterator[Served]:
    services = opened(folder)
    flow = services.flows.create(document)
    door = door_of_flow(flow, terms or Terms(), TOKEN)
    with on_a_port(served_flow(services, door, hosts)) as port:
        yield Served(services, flow, port)


def drawing(*members: Node, model: Node, turns: int, name: str = "The team", **facts: Any) -> FlowDocument:
    """A round robin of these members."""
    team = Node(id="n_team", kind="team", name="team", config={"max_turns": turns})
    inside = tuple(member.model_copy(update={"parent": "n_team"}) for member in members)
    wire = Edge(id="e_model", kind="model", source=model.id, target="n_team")
    return FlowDocument(name=name, nodes=(team, *inside, model), edges=(wire,), **facts)


def agent(name: str, **config: Any) -> Node:
    return Node(id=f"n_{name}", kind="assistant", name=name, config={"system_message": f"You are {name}.", **config})


def practice(script: dict[str, list[Any]], words_per_second: float = 0) -> Node:
    return Node(id="n_model", kind="practice", name="model", config={"script": script, "words_per_second": words_per_second})


def pair(turns: int = 2, words_per_second: float = 0) -> FlowDocument:
    """Ann and Bob in turn."""
    model = practice({"ann": ["one of ann", "three"], "bob": ["two of bob", "four"]}, words_per_second)
    return drawing(agent("ann"), agent("bob"), model=model, turns=turns, description="They count.", sample_tasks=("Count.",))


def asking(**config: Any) -> FlowDocument:
    """Ann asks, the boss answers, Ann says the last word."""
    boss = Node(id="n_boss", kind="human", name="boss", config=config)
    return drawing(agent("ann"), boss, model=practice({"ann": ["What now?", "Fine."]}), turns=3)


def endless() -> FlowDocument:
    """Ann speaks so slowly that nobody waits for her end."""
    return drawing(agent("ann"), model=practice({"ann": ["word " * 500]}, 5), turns=1)


def coding() -> FlowDocument:
    """Ann writes code that would run on this machine."""
    runner = Node(id="n_runner", kind="code_runner", name="runner", config={"executor": {"kind": "local"}})
    return drawing(agent("ann"), runner, model=practice({"ann": ["```python\nprint(1)\n```", "Done."]}), turns=3)
