"""A real HTTP server on loopback that speaks the OpenAI protocol and says what a test's script tells it to, faults included."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web
from model_replies import (
    Call,
    Fault,
    InTurn,
    Raw,
    Reply,
    Said,
    Seen,
    arguments_of,
    chunk_of,
    event_line,
    finishes,
    null_choice,
    pieces_of,
    said_of,
    text_of,
    wire_call,
)
from patience import within

__all__ = ["Call", "Fault", "InTurn", "ModelServer", "Raw", "Said", "Seen"]


class ModelServer:
    """Speaks `POST /v1/chat/completions` (streamed or whole), `POST /v1/embeddings` and `GET /v1/models`, in a thread of its own,
    on a port of its own. A text's embedding counts the words of `meanings` in it, a number a row; `embedding_replies` come first, one a request.

    The same at the addresses of Azure OpenAI, old and new, where a key is shown by the header `api-key`.

    Who asks is found by the system message: a key of the script matches when it is the request's model or stands in its system message;
    the longest such key wins, else `*`. Which reply it gets is the number of assistant messages that the request itself holds (starting over
    after the last), so a replay of the same conversation gets the same answers; a value that is an `InTurn` counts requests instead, which is
    what a choosing model needs. `reply`, when set, is asked first: a function of the request that returns a reply or None.

    `refuses` makes it strict; any of: stream_options, name (of a message), alternation, systems (several), assistant_last, tools.
    """

    def __init__(self, port: int = 0) -> None:
        self.reply: Callable[[Seen], Reply] | None = None
        self.models: list[str] = ["test-model"]
        self.meanings: list[set[str]] = []
        self.embedding_replies: list[Fault | Mapping[str, Any]] = []
        self.keys: set[str] | None = None
        self.refuses: set[str] = set()
        self.sends_usage = True
        self.first = 0.0
        self.each = 0.0
        self.requests: list[Seen] = []
        self.cut_off = 0
        self.open = 0
        self.most_open = 0
        self._script: dict[str, Reply] = {}
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None
        self._runner: web.AppRunner | None = None

    # What a test uses ---------------------------------------------------------------------------------------------------

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v1"

    def script(self, replies: Mapping[str, Reply]) -> ModelServer:
        """Adds to the script: {key: [reply, …]} (or one reply, said again and again). Returns itself."""
        self._script.update(replies)
        return self

    def clear(self) -> None:
        """Forgets the script, the requests and every setting."""
        self._script.clear()
        self.requests.clear()
        self.reply, self.keys, self.refuses, self.sends_usage = None, None, set(), True
        self.first = self.each = 0.0
        self.cut_off = self.most_open = 0

    def asked(self, key: str | None = None) -> list[Seen]:
        """The chat requests so far, of one script key or of all."""
        return [seen for seen in self.requests if seen.path.endswith("/chat/completions") and key in (None, seen.key)]

    def embedded(self) -> list[list[str]]:
        """The texts of each request for embeddings so far."""
        return [seen.body["input"] for seen in self.requests if seen.path.endswith("/embeddings")]

    def wait_until(self, condition: Callable[[ModelServer], bool], seconds: float = 5.0) -> bool:
        """Whether `condition` became true in time. Blocks: from a coroutine, await it in a thread."""
        end = time.monotonic() + within(seconds)
        while not condition(self):
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True

    def start(self) -> ModelServer:
        started = threading.Event()

        def serve() -> None:
            asyncio.set_event_loop(self._loop)
            self._loop.run_until_complete(self._open_port())
            started.set()
            self._loop.run_forever()
            self._loop.run_until_complete(self._close_port())
            self._loop.close()

        self._thread = threading.Thread(target=serve, name="model-server", daemon=True)
        self._thread.start()
        if not started.wait(10):
            raise RuntimeError("The model server did not start.")
        return self

    def stop(self) -> None:
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._thread = None

    def __enter__(self) -> ModelServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # The server ---------------------------------------------------------------------------------------------------------

    async def _open_port(self) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        self._add_routes(app)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    def _add_routes(self, app: web.Application) -> None:
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._list_models)
        for path in ("/v1/embeddings", "/openai/v1/embeddings", "/openai/deployments/{deployment}/embeddings"):
            app.router.add_post(path, self._embed)
        for path in ("/openai/v1/chat/completions", "/openai/deployments/{deployment}/chat/completions"):
            app.router.add_post(path, self._complete)
        for path in ("/openai/v1/models", "/openai/models"):
            app.router.add_get(path, self._list_models)

    async def _close_port(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _refused_key(self, request: web.Request) -> web.Response | None:
        key = request.headers.get("api-key") or request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.keys is None or key in self.keys:
            return None
        return self._error(401, f"Incorrect API key provided: {key}.", "invalid_api_key")

    async def _list_models(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(Seen(request.path, dict(request.headers), {}, "", time.monotonic()))
        if (refused := self._refused_key(request)) is not None:
            return refused
        return web.json_response({"object": "list", "data": [{"id": name, "object": "model", "owned_by": "test"} for name in self.models]})

    async def _embed(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        seen = Seen(request.path, dict(request.headers), body, "", time.monotonic(), dict(request.query))
        self.requests.append(seen)
        if (refused := self._refused_key(request)) is not None:
            return refused
        reply = self.embedding_replies.pop(0) if self.embedding_replies else None
        if isinstance(reply, Fault):
            return await self._fail(request, seen, reply)
        if reply is not None:
            return web.json_response(dict(reply))
        texts: list[str] = body["input"]
        rows = [{"object": "embedding", "index": number, "embedding": self._meaning(text)} for number, text in enumerate(texts)]
        tokens = sum(len(text.split()) for text in texts)
        return web.json_response(
            {"object": "list", "model": body["model"], "data": rows[::-1], "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}
        )

    def _meaning(self, text: str) -> list[float]:
        words = text.lower().replace("?", " ").replace(".", " ").split()
        return [*(float(sum(word in meaning for word in words)) for meaning in self.meanings), 0.1]

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        try:
            body = json.loads(await request.read())
            seen = Seen(request.path, dict(request.headers), body, self._key_for(body), time.monotonic(), dict(request.query))
        except (ValueError, AttributeError):
            return _error(400, "The body is no JSON object.")
        self.requests.append(seen)
        if (refused := self._refused_key(request) or self._strictness(seen)) is not None:
            return refused
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            return await self._answer(request, seen, self._reply_for(seen))
        except (asyncio.CancelledError, ConnectionError):
            self.cut_off += 1
            raise
        finally:
            self.open -= 1

    def _key_for(self, body: Mapping[str, Any]) -> str:
        system = Seen("", {}, body).system
        fitting = [key for key in list(self._script) if key != "*" and (key == body.get("model") or key in system)]
        return max(fitting, key=lambda key: (len(key), -system.find(key)), default="*" if "*" in self._script else "")

    def _reply_for(self, seen: Seen) -> Reply:
        reply = self.reply(seen) if self.reply is not None else None
        if reply is None:
            reply = self._script.get(seen.key, f"Nobody wrote what to say to: {seen.system[:60]}")
            if isinstance(reply, Sequence) and not isinstance(reply, str):
                reply = reply[seen.assistant_messages % len(reply)] if reply else ""
        while isinstance(reply, InTurn) or callable(reply):
            reply = reply.next() if isinstance(reply, InTurn) else reply(seen)
        return reply

    def _strictness(self, seen: Seen) -> web.Response | None:
        messages = seen.messages
        roles = [message.get("role") for message in messages]
        talk = [role for role in roles if role not in ("system", "developer")]
        if "stream_options" in self.refuses and "stream_options" in seen.body:
            return _error(400, "Unrecognized request argument supplied: stream_options")
        if "tools" in self.refuses and "tools" in seen.body:
            return _error(400, f"{seen.body.get('model')} does not support tools")
        if "name" in self.refuses and any("name" in message for message in messages):
            return _error(400, "messages.1.name: Extra inputs are not permitted")
        if "systems" in self.refuses and ("system" in roles[1:]):
            return _error(400, "System message must be at the beginning.")
        if "alternation" in self.refuses and (
            any(a == b and a != "tool" for a, b in itertools.pairwise(talk)) or (talk and talk[0] != "user")
        ):
            return _error(400, "Conversation roles must alternate user/assistant/user/assistant/...")
        if "assistant_last" in self.refuses and roles and roles[-1] == "assistant":
            return _error(400, "Expected last role User or Tool for serving but got assistant")
        return None

    async def _answer(self, request: web.Request, seen: Seen, reply: Reply) -> web.StreamResponse:
        if isinstance(reply, Raw):
            return await self._send(request, reply.parts, reply.each, reply.each, content_type=reply.content_type)
        if isinstance(reply, Fault):
            return await self._fail(request, seen, reply)
        said = said_of(reply)
        if not self._streams(request, seen):
            await asyncio.sleep(said.first or self.first)
            return web.json_response(self._whole(seen, said))
        return await self._send(request, self._lines(seen, said), said.first, said.each)

    async def _send(
        self, request: web.Request, parts: Iterable[bytes], first: float = 0.0, each: float = 0.0, content_type: str = "text/event-stream"
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": content_type, "Cache-Control": "no-cache"})
        await response.prepare(request)
        first, each = first or self.first, each or self.each
        if not first and not each:
            await response.write(b"".join(parts))
        else:
            for number, part in enumerate(parts):
                await asyncio.sleep(first if number == 0 else each)
                await response.write(part)
        await response.write_eof()
        return response

    async def _fail(self, request: web.Request, seen: Seen, fault: Fault) -> web.StreamResponse:
        streamed = self._streams(request, seen)
        start = self._beginning(seen, fault.after)
        match fault.kind:
            case "status":
                response = self._error(fault.status, fault.message)
                if fault.retry_after is not None:
                    response.headers["Retry-After"] = fault.retry_after
                return response
            case "reset":
                _reset(request)
                return web.Response()
            case "cut" | "stall_later":
                response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
                await response.prepare(request)
                for part in start:
                    await response.write(part)
                if fault.kind == "stall_later":
                    await asyncio.Event().wait()
                await asyncio.sleep(0.05)
                _reset(request)
                return response
            case "eof":
                return await self._send(request, start)
            case "no_finish":
                return await self._send(request, self._lines(seen, Said("half an answer"), ends=False))
            case "garbage":
                text = b'data: {"choices": [{"delta": {"conte\n\n' if streamed else b'{"choices": [{"mess'
                return await self._send(request, [text], content_type="text/event-stream" if streamed else "application/json")
            case "html":
                return web.Response(text="<html><body>Please log in to the hotel's Wi-Fi</body></html>", content_type="text/html")
            case "empty":
                return web.Response(text="", content_type="text/event-stream" if streamed else "application/json")
            case "no_choices":
                return await self._both(request, seen, {**chunk_of(seen, {}), "choices": []})
            case "null_choices":
                return await self._both(request, seen, {**chunk_of(seen, {}), "choices": None})
            case "error":
                return await self._both(request, seen, {"error": {"message": fault.message, "type": "server_error", "code": fault.status}})
            case "late_error":
                return await self._send(request, [*start, self._error_line(fault)])
            case "null_content":
                chunk = chunk_of(seen, {"role": "assistant", "content": None}, finish="stop")
                return await self._both(request, seen, chunk if streamed else {**self._whole(seen, Said()), "choices": [null_choice()]})
            case "stall":
                await asyncio.Event().wait()
        raise ValueError(f"No such fault: {fault.kind}")

    # How this protocol writes it --------------------------------------------------------------------------------------

    def _streams(self, request: web.Request, seen: Seen) -> bool:
        return bool(seen.body.get("stream"))

    def _lines(self, seen: Seen, said: Said, *, ends: bool = True) -> list[bytes]:
        chunks = [chunk for chunk in self._chunks(seen, said) if ends or not finishes(chunk)]
        return [event_line(chunk) for chunk in chunks] + [b"data: [DONE]\n\n"]

    def _beginning(self, seen: Seen, pieces: int) -> list[bytes]:
        return [event_line(chunk_of(seen, {"role": "assistant", "content": f"piece{n} "})) for n in range(pieces)]

    def _error_line(self, fault: Fault) -> bytes:
        return event_line({"error": {"message": fault.message, "code": fault.status}})

    def _error(self, status: int, message: str, code: str | None = None) -> web.Response:
        return _error(status, message, code)

    async def _both(self, request: web.Request, seen: Seen, body: Mapping[str, Any]) -> web.StreamResponse:
        if seen.body.get("stream"):
            return await self._send(request, [event_line(body), b"data: [DONE]\n\n"])
        return web.json_response(body)

    def _usage(self, seen: Seen, said: Said) -> dict[str, Any]:
        if said.usage is not None:
            return dict(said.usage)
        prompt = sum(4 + len(text_of(message).split()) for message in seen.messages)
        completion = len(said.text.split()) + sum(len(arguments_of(call)) // 4 + 1 for call in said.calls)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 0},
        }

    def _whole(self, seen: Seen, said: Said) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": said.text or None}
        if said.reasoning:
            message["reasoning_content"] = said.reasoning
        if said.calls:
            message["tool_calls"] = [wire_call(seen, call, number) for number, call in enumerate(said.calls)]
        return {
            "id": f"chatcmpl-{len(self.requests)}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": seen.body.get("model"),
            "choices": [{"index": 0, "message": message, "finish_reason": said.finish or ("tool_calls" if said.calls else "stop")}],
            **({"usage": self._usage(seen, said)} if self.sends_usage else {}),
        }

    def _chunks(self, seen: Seen, said: Said) -> list[dict[str, Any]]:
        chunks = [chunk_of(seen, {"role": "assistant", "content": ""})]
        chunks += [chunk_of(seen, {"reasoning_content": piece}) for piece in pieces_of(said.reasoning)]
        chunks += [chunk_of(seen, {"content": piece}) for piece in pieces_of(said.text)]
        for number, call in enumerate(said.calls):
            wire = wire_call(seen, call, number)
            arguments = wire["function"]["arguments"]
            half = len(arguments) // 2
            first = {"index": number, **wire, "function": {"name": call.name, "arguments": arguments[:half]}}
            chunks.append(chunk_of(seen, {"tool_calls": [first]}))
            chunks.append(chunk_of(seen, {"tool_calls": [{"index": number, "function": {"arguments": arguments[half:]}}]}))
        chunks.append(chunk_of(seen, {}, finish=said.finish or ("tool_calls" if said.calls else "stop")))
        if self.sends_usage and (seen.body.get("stream_options") or {}).get("include_usage"):
            chunks.append({**chunk_of(seen, {}), "choices": [], "usage": self._usage(seen, said)})
        return chunks


def _error(status: int, message: str, code: str | None = None) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}, status=status)


def _reset(request: web.Request) -> None:
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


def main() -> None:
    """Serves until interrupted: `python tests/model_server.py --port 18100 --script script.json` with {key: [reply, …]}."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", type=Path)
    parser.add_argument("--first", type=float, default=0.0)
    parser.add_argument("--each", type=float, default=0.0)
    options = parser.parse_args()
    with ModelServer(options.port) as server:
        server.first, server.each = options.first, options.each
        if options.script:
            server.script(json.loads(options.script.read_text(encoding="utf-8")))
        print(server.base_url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
