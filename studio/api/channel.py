"""The run channel: one WebSocket a tab, over which runs are started, watched, answered, steered and stopped, and flows are watched."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from studio.api.attachments import taken
from studio.api.services import Services, services
from studio.engine.errors import ConveneError
from studio.engine.models.connections import prepare
from studio.texts import text

if TYPE_CHECKING:
    from studio.runs.service import Command

MAX_FRAME = 1_000_000
"""Characters that a frame from a browser may have; documents take another way."""

MAX_WATCHES = 64
"""Runs and flows that one tab may follow at once."""

SEND_SECONDS = 30.0
"""How long a browser may leave a frame unread. After that it is cut off; it comes back and asks from its last event on."""

MODELS_AFTER = 1.0
"""Seconds after a tab came until what model calls need is loaded; by then its page is there."""

COMMANDS: dict[str, Command] = {"pause": "pause", "resume_paused": "resume", "step": "step", "next": "next_speaker"}
"""What the frames that steer a run order."""

log = logging.getLogger("convene.channel")


class FrameRefused(ConveneError):
    code = "frame"

    def __init__(self, why: str) -> None:
        super().__init__(text("api.frame_refused", why=why))


async def run_channel(websocket: WebSocket) -> None:
    """Serves one tab until it goes away. A run never depends on it."""
    await websocket.accept()
    channel = _Channel(websocket, services())
    preparing = asyncio.create_task(_prepare_models(channel.services), name="prepare models")
    try:
        await channel.receive_all()
    except (WebSocketDisconnect, TimeoutError, RuntimeError) as gone:
        log.debug("A tab went away: %s", gone)
    finally:
        preparing.cancel()
        await channel.close()


async def _prepare_models(opened: Services) -> None:
    """Loads what model calls need where there is a model account, so that the first run's first message is as quick as all others."""
    await asyncio.sleep(MODELS_AFTER)
    if await asyncio.to_thread(opened.accounts.list):
        await prepare()


class _Channel:
    """What one tab follows. Frames of one run keep their order; different runs share the socket frame by frame."""

    def __init__(self, websocket: WebSocket, opened: Services) -> None:
        self._websocket = websocket
        self.services = opened
        self._sending = asyncio.Lock()
        self._watches: dict[str, asyncio.Task[None]] = {}

    async def receive_all(self) -> None:
        commands: dict[str, Callable[[dict[str, Any]], Awaitable[None]]] = {
            "start": self._start,
            "watch": self._watch,
            "unwatch": self._unwatch,
            "watch_flow": self._watch_flow,
            "unwatch_flow": self._unwatch_flow,
            "answer": self._answer,
            "stop": self._stop,
            "resume": self._resume,
            "fork": self._fork,
            "pause": self._steer,
            "resume_paused": self._steer,
            "step": self._steer,
            "next": self._steer,
            "say": self._say,
            "ping": self._ping,
        }
        while True:
            try:
                raw = await self._websocket.receive_text()
            except KeyError:
                raw = ""  # bytes: refused as what is no JSON
            frame: dict[str, Any] = {}
            try:
                frame = _parse(raw)
                command = commands.get(str(frame.get("t")))
                if command is None:
                    raise FrameRefused(text("api.frame_unknown"))
                await command(frame)
            except ConveneError as error:
                await self._refuse(frame, error.sentence, error.remedy, error.code)
            except (WebSocketDisconnect, TimeoutError, asyncio.CancelledError):
                raise
            except Exception:
                log.exception("A frame of type %r could not be handled", frame.get("t"))
                await self._refuse(frame, text("api.broken"))

    async def close(self) -> None:
        for task in self._watches.values():
            task.cancel()
        await asyncio.gather(*self._watches.values(), return_exceptions=True)
        if self._websocket.application_state == WebSocketState.CONNECTED:
            with suppress(Exception):
                await self._websocket.close()

    async def _start(self, frame: dict[str, Any]) -> None:
        flow_id = _text(frame, "flow")
        opened = self.services.flows.get(flow_id)
        started = await self.services.runs.start(
            opened.document,
            _text(frame, "task", empty=True),
            flow_id=flow_id,
            session=_text(frame, "session", optional=True) or None,
            attachments=taken(frame.get("attachments", [])),
        )
        await self._send({"t": "started", "nonce": frame.get("nonce"), "run": started.run, "session": started.session})
        self.services.flows.news.announce(flow_id, started.run)

    async def _watch(self, frame: dict[str, Any]) -> None:
        run = _text(frame, "run")
        after = frame.get("after", 0)
        if not isinstance(after, int) or isinstance(after, bool) or after < 0:
            raise FrameRefused(text("api.frame_field", field="after"))
        await self._begin(f"run {run}", lambda: self._follow(run, after))

    async def _unwatch(self, frame: dict[str, Any]) -> None:
        await self._end(f"run {_text(frame, 'run')}")

    async def _watch_flow(self, frame: dict[str, Any]) -> None:
        flow = _text(frame, "flow")
        await self._begin(f"flow {flow}", lambda: self._follow_flow(flow))

    async def _unwatch_flow(self, frame: dict[str, Any]) -> None:
        await self._end(f"flow {_text(frame, 'flow')}")

    async def _begin(self, watch: str, follow: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await self._end(watch)
        for done in [name for name, task in self._watches.items() if task.done()]:
            del self._watches[done]
        if len(self._watches) >= MAX_WATCHES:
            raise FrameRefused(text("api.frame_watches", limit=MAX_WATCHES))
        self._watches[watch] = asyncio.create_task(follow(), name=f"watch {watch}")

    async def _end(self, watch: str) -> None:
        if task := self._watches.pop(watch, None):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _answer(self, frame: dict[str, Any]) -> None:
        approved = frame.get("approved")
        if approved is not None and not isinstance(approved, bool):
            raise FrameRefused(text("api.frame_field", field="approved"))
        run, runs = _text(frame, "run"), self.services.runs
        await runs.answer(run, _text(frame, "question"), _text(frame, "text", empty=True), approved)
        flow = runs.get(run).flow_id
        if frame.get("always") is True and approved and flow is not None:
            runs.allow_local_code(flow, True)

    async def _stop(self, frame: dict[str, Any]) -> None:
        await self.services.runs.stop(_text(frame, "run"))

    async def _resume(self, frame: dict[str, Any]) -> None:
        await self.services.runs.resume(_text(frame, "run"))

    async def _fork(self, frame: dict[str, Any]) -> None:
        seq = frame.get("seq")
        if not isinstance(seq, int) or isinstance(seq, bool):
            raise FrameRefused(text("api.frame_field", field="seq"))
        started = await self.services.runs.fork(_text(frame, "run"), seq)
        await self._send({"t": "started", "nonce": frame.get("nonce"), "run": started.run, "session": started.session})

    async def _steer(self, frame: dict[str, Any]) -> None:
        speaker = _text(frame, "speaker") if frame["t"] == "next" else ""
        await self.services.runs.command(_text(frame, "run"), COMMANDS[frame["t"]], speaker)

    async def _say(self, frame: dict[str, Any]) -> None:
        await self.services.runs.say(_text(frame, "run"), _text(frame, "text", empty=True))

    async def _ping(self, frame: dict[str, Any]) -> None:
        await self._send({"t": "pong"})

    async def _follow(self, run: str, after: int) -> None:
        """Passes a run's frames on until it has no more or the tab is gone."""

        async def pass_on() -> None:
            async with aclosing(self.services.runs.follow_text(run, after)) as following:
                async for frame in following:
                    await self._send_text(frame)

        await self._guarded({"run": run}, pass_on)

    async def _follow_flow(self, flow: str) -> None:
        """Says the revision of a flow and which run of it goes on now, and whenever that changed, until the tab is gone."""

        async def pass_on() -> None:
            async with aclosing(self.services.flows.news.follow(flow)) as news:
                async for rev, run in news:
                    await self._send({"t": "flow", "flow": flow, "rev": rev, "run": run})

        await self._guarded({"flow": flow}, pass_on)

    async def _guarded(self, about: dict[str, Any], pass_on: Callable[[], Awaitable[None]]) -> None:
        try:
            await pass_on()
        except ConveneError as error:
            await self._refuse(about, error.sentence, error.remedy, error.code)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            with suppress(Exception):
                await self._websocket.close(1013)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("%s could not be followed", about)
            with suppress(Exception):
                await self._refuse(about, text("api.broken"))

    async def _refuse(self, frame: dict[str, Any], sentence: str, remedy: str = "", code: str = "") -> None:
        about = {name: frame[name] for name in ("nonce", "run") if isinstance(frame.get(name), str | int)}
        redact = self.services.accounts.redactor.redact
        await self._send({"t": "refused", **about, "code": code, "text": redact(sentence), "remedy": redact(remedy)})

    async def _send(self, frame: dict[str, Any]) -> None:
        await self._send_text(json.dumps(frame, ensure_ascii=False, separators=(",", ":")))

    async def _send_text(self, data: str) -> None:
        async with self._sending, asyncio.timeout(SEND_SECONDS):
            await self._websocket.send_text(data)


def _parse(raw: str) -> dict[str, Any]:
    if len(raw) > MAX_FRAME:
        raise FrameRefused(text("api.frame_too_long", limit=MAX_FRAME))
    try:
        frame = json.loads(raw)
        if "\\ud" in raw.lower():
            # Half a character, as a page sends it where a text was cut in two: nothing can store it or say it.
            frame = json.loads(json.dumps(frame, ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError):
        raise FrameRefused(text("api.frame_not_json")) from None
    if not isinstance(frame, dict):
        raise FrameRefused(text("api.frame_not_json"))
    return frame


def _text(frame: dict[str, Any], name: str, *, optional: bool = False, empty: bool = False) -> str:
    value = frame.get(name)
    if value is None and (optional or empty):
        return ""
    if not isinstance(value, str) or (not value and not optional and not empty):
        raise FrameRefused(text("api.frame_field", field=name))
    return value
