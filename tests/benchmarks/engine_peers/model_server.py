"""A model server as fast as one process of Python can be: every request is answered after the same delay, streamed or whole.

Run: python model_server.py SECONDS. It prints its base URL. The model `chooser` answers with the name of a participant, in turn.
"""

from __future__ import annotations

import asyncio
import json
import sys

NAMES = ("ann", "bob", "cay")
WORDS = "I have read what you wrote and I would only change the second half of it, since the first half says what we agreed on."
USAGE = {"prompt_tokens": 100, "completion_tokens": 25, "total_tokens": 125}


def whole(text: str) -> bytes:
    """An answer in one piece, with its head."""
    message = {"role": "assistant", "content": text, "refusal": None}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": USAGE,
    }
    return _answer("application/json", json.dumps(body).encode())


def streamed(text: str) -> bytes:
    """The same as a stream of chunks, sent at once."""
    chunks = [
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": USAGE},
    ]
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o"}
    lines = [f"data: {json.dumps(head | chunk)}\n\n" for chunk in chunks]
    return _answer("text/event-stream", "".join([*lines, "data: [DONE]\n\n"]).encode())


def _answer(kind: str, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (kind.encode(), len(body)) + body


SAID = {False: whole(WORDS), True: streamed(WORDS)}
CHOSEN = {(name, flow): (streamed if flow else whole)(name) for name in NAMES for flow in (False, True)}


class Conversation(asyncio.Protocol):
    """One kept-alive connection: takes requests apart by their Content-Length and answers them in order."""

    delay = 0.0
    choices = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.held = bytearray()
        self.missing = 0

    def data_received(self, data: bytes) -> None:
        self.held += data
        while self.held and len(self.held) >= self.missing:
            head_ends = self.held.find(b"\r\n\r\n")
            if head_ends < 0:
                return
            if not self.missing:
                length = next(line for line in bytes(self.held[:head_ends]).lower().split(b"\r\n") if line.startswith(b"content-length:"))
                self.missing = head_ends + 4 + int(length.partition(b":")[2])
                continue
            body, self.held = bytes(self.held[head_ends + 4 : self.missing]), self.held[self.missing :]
            self.missing = 0
            answer = self.answer(body)
            if self.delay:
                asyncio.get_running_loop().call_later(self.delay, self.send, answer)
            else:
                self.send(answer)

    def send(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)

    @classmethod
    def answer(cls, body: bytes) -> bytes:
        ends = body[:200] + body[-2_000:]
        flows = b'"stream":true' in ends or b'"stream": true' in ends
        if b'"chooser"' not in ends:
            return SAID[flows]
        cls.choices += 1
        return CHOSEN[NAMES[cls.choices % len(NAMES)], flows]


async def serve(delay: float) -> None:
    Conversation.delay = delay
    server = await asyncio.get_running_loop().create_server(Conversation, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]) if sys.argv[1:] else 0.0))
