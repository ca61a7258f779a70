"""What an execution of a run holds open: clients of models, sandboxes of executors, connections of tools."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from studio.engine.code.base import CodeSession, Executor, Sandbox
from studio.engine.decide import Due
from studio.engine.events import OutputDelta, QuestionAsked, TransientEvent
from studio.engine.models.base import Accounts, Model, ModelClient
from studio.engine.state import RunState
from studio.engine.steps.writer import Writer
from studio.engine.subjects import CONSENT, LOCAL_CODE, SIGN_IN
from studio.engine.tools.base import Tool, ToolPlace
from studio.engine.tools.resources import Resources
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.models.prices import Prices
    from studio.engine.telemetry import Spans
    from studio.engine.tools.mcp_sign_in import SignIns

log = logging.getLogger("studio.engine")

Own = tuple[Literal["class", "function"], str]
"""What of a flow's own is to run, and its name; empty where its source cannot be read."""

MOST_SIGN_INS = 5
"""How often in a row a person is asked to sign in at a server that lets nobody in all the same."""

CLOSING = 5.0
"""Seconds that closing a sandbox or a client may take before it is left behind."""

Consent = Literal["given", "asked", "refused"]


@dataclass(frozen=True, slots=True)
class Environment:
    """What a run needs from the outside.

    `folder` is the run's work folder, or what makes it when it is first needed. `allow_local_code` is a person's yes, given before,
    to code without a sandbox. `environments` is where virtual environments are kept for all runs,
    `memories` where what is remembered is, `documents` where files are that people dropped in. `person` is
    whom memories take notes about, where the conversation itself does not tell people apart.
    `redact` takes secrets out of what is told to observers, `sign_ins` is where it is kept how a person signed in at servers of tools.
    """

    accounts: Accounts
    folder: Path | Callable[[], Path]
    run: str = "run"
    docker_image: str = ""
    allow_local_code: bool = False
    prices: Prices | None = None
    labels: dict[str, str] = field(default_factory=dict)
    environments: Path | None = None
    memories: Path | None = None
    documents: Path | None = None
    person: str = ""
    redact: Callable[[str], str] = str
    sign_ins: SignIns | None = None


@dataclass(slots=True)
class Workplace:
    """Opens what steps need when they need it, keeps it for the run, and closes it."""

    environment: Environment
    writer: Writer
    spans: Spans | None = None
    clients: dict[int, ModelClient] = field(default_factory=dict)
    sessions: dict[str, CodeSession] = field(default_factory=dict)
    resources: Resources = field(init=False)
    models_asked: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.resources = Resources(lambda: self.folder)

    @property
    def state(self) -> RunState:
        return self.writer.state

    @property
    def accounts(self) -> Accounts:
        return self.environment.accounts

    @property
    def folder(self) -> Path:
        folder = self.environment.folder
        return folder if isinstance(folder, Path) else folder()

    @property
    def memories(self) -> Path | None:
        return self.environment.memories

    @property
    def documents(self) -> Path | None:
        return self.environment.documents

    @property
    def person(self) -> str:
        return self.environment.person

    @property
    def watched(self) -> bool:
        """Whether somebody is shown what is never stored."""
        return not getattr(self.writer.sink, "blind", False)

    def show(self, event: TransientEvent) -> None:
        self.writer.sink.show(event)

    def client(self, model: Model) -> ModelClient:
        key = id(model)  # the team keeps its models alive, and dumping one at every call would cost more than the call's bookkeeping
        if key not in self.clients:
            self.clients[key] = model.connect(self.environment.accounts)
        return self.clients[key]

    def session(self, executor: Executor) -> CodeSession:
        key = executor.model_dump_json()
        if key not in self.sessions:
            place = self.environment
            self.sessions[key] = executor.open(Sandbox(place.run, self.folder, place.docker_image, place.labels, place.environments))
        return self.sessions[key]

    def tool_place(self, due: Due, tool: Tool) -> ToolPlace:
        executor = tool.runs_in
        session = self.session(executor) if executor is not None else None

        def show(text: str) -> None:
            self.show(OutputDelta(source=due.source, scope=due.talk.scope, text=text))

        around = self.environment
        return ToolPlace(
            self.folder,
            self.accounts,
            self.resources,
            session,
            show,
            self.state.variables,
            around.memories,
            around.documents,
            sign_ins=around.sign_ins,
        )

    # Consent ----------------------------------------------------------------------------------------------------------

    async def consent_to_code(self, due: Due, executor: Executor, code: str, own: Own | None = None) -> Consent:
        """Whether code may run where this executor would run it; asks once in a run when nobody said so yet.

        `own` is what it is of the flow's own; None for what a model wrote.
        """
        needed = await executor.needs_consent()  # asked even when everything is allowed: from then on it is known where code will run
        if not needed or self.environment.allow_local_code or self.state.consent:
            return "given"
        if self.state.consent is False:
            return "refused"
        question = f"{await executor.why_consent()} {_may_run(own, due.source)}".lstrip()
        return await self._ask(due, question, LOCAL_CODE, code)

    async def consent_to_start(self, due: Due, tool: Tool) -> Consent:
        """Whether what a tool needs may be started; asks once in a run."""
        wanted = tool.needs_consent()
        if wanted is None:
            return "given"
        said = self.state.consents.get(tool.key)
        if said is not None:
            return "given" if said else "refused"
        return await self._ask(due, text("engine.consent.tool", agent=due.source), CONSENT + tool.key, wanted)

    async def _ask(self, due: Due, wanted: str, subject: str, details: str) -> Consent:
        if self.state.question is None:  # somebody who works at the same time may have asked: then this step is decided again later
            question = QuestionAsked(source=due.source, text=wanted, form="approve", subject=subject, details=details)
            await self.writer.append(due.talk.scope, question)
        return "asked"

    def may_sign_in(self, tool: Tool) -> bool:
        """Whether a person may be asked to sign in for a tool: not after their no, nor after many a yes that led nowhere."""
        return self.state.sign_ins.get(tool.key) is not False and self.state.sign_in_attempts.get(tool.key, 0) < MOST_SIGN_INS

    async def ask_to_sign_in(self, due: Due, tool: Tool, url: str, call: str = "") -> None:
        """Ask a person to sign in at a server; their no is that it goes on without it. `call` is what waits for it in mid-run."""
        key = "engine.sign_in.again" if call else "engine.sign_in.first"
        await self._ask(due, text(key, source=due.source, call=call), SIGN_IN + tool.key, url)

    async def close(self, *, rests: bool = False) -> None:
        """Close everything; where the run only `rests`, what outlasts a wait stays open for a while."""
        closing = [session.close() for session in self.sessions.values()] + [client.close() for client in self.clients.values()]
        if self.resources.open:
            closing.append(self.resources.close(rests=rests))
        self.sessions, self.clients = {}, {}
        if not closing:
            return
        try:
            async with asyncio.timeout(CLOSING):
                for outcome in await asyncio.gather(*closing, return_exceptions=True):
                    if isinstance(outcome, Exception):
                        log.warning("run %s: closing failed: %s", self.environment.run, outcome)
        except TimeoutError:
            log.warning("run %s: closing took more than %s s", self.environment.run, CLOSING)


def _may_run(own: Own | None, agent: str) -> str:
    match own:
        case "class", name:
            return text("engine.consent.class", name=name, agent=agent)
        case "function", "":
            return text("engine.consent.a_function", agent=agent)
        case "function", name:
            return text("engine.consent.function", name=name, agent=agent)
        case _:
            return text("engine.consent.model_code")
