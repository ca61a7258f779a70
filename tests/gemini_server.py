"""The scripted model server in Gemini's protocol: the same scripts and faults, said in pieces of its streamGenerateContent."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from model_replies import Fault, Said, Seen, arguments_of, pieces_of, wire_call
from model_server import ModelServer

SIGNATURE = base64.b64encode(b"signed").decode()
"""What this server signs its thoughts with."""

MADE_UP = base64.b64encode(b"skip_thought_signature_validator").decode()

KINDS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}


class GeminiServer(ModelServer):
    """Speaks `POST /v1beta/models/MODEL:streamGenerateContent`. As strict as the real one about results and signatures of calls."""

    @property
    def base_url(self) -> str:
        return self.origin

    def asked(self, key: str | None = None) -> list[Seen]:
        return [seen for seen in self.requests if "streamGenerateContent" in seen.path and key in (None, seen.key)]

    def _add_routes(self, app: web.Application) -> None:
        app.router.add_post("/v1beta/models/{model}:streamGenerateContent", self._complete)

    def _refused_key(self, request: web.Request) -> web.Response | None:
        key = request.headers.get("x-goog-api-key", "")
        if self.keys is None or key in self.keys:
            return None
        error = {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}
        return web.json_response({"error": error}, status=400)

    def _streams(self, request: web.Request, seen: Seen) -> bool:
        return True

    def _lines(self, seen: Seen, said: Said, *, ends: bool = True) -> list[bytes]:
        parts: list[dict[str, Any]] = [{"text": piece, "thought": True} for piece in pieces_of(said.reasoning)]
        parts += [{"text": piece} for piece in pieces_of(said.text)]
        for number, call in enumerate(said.calls):
            wire = wire_call(seen, call, number)
            part: dict[str, Any] = {"functionCall": {"id": wire["id"], "name": call.name, "args": json.loads(arguments_of(call))}}
            parts.append(part | ({"thoughtSignature": SIGNATURE} if number == 0 else {}))
        model = re.sub(r".*models/|:.*", "", seen.path)
        pieces = [{"candidates": [{"content": {"role": "model", "parts": [part]}}], "modelVersion": model} for part in parts]
        if ends:
            usage = self._told_usage(seen, said)
            end = {"content": {"role": "model", "parts": [{"text": ""}]}, "finishReason": said.finish or "STOP"}
            pieces.append({"candidates": [end], "usageMetadata": usage, "modelVersion": model})
        return [_line(piece) for piece in pieces]

    def _told_usage(self, seen: Seen, said: Said) -> dict[str, Any]:
        if said.usage is not None:
            return dict(said.usage)
        counted = self._usage(seen, said)
        return {"promptTokenCount": counted["prompt_tokens"], "candidatesTokenCount": counted["completion_tokens"]}

    def _beginning(self, seen: Seen, pieces: int) -> list[bytes]:
        return self._lines(seen, Said("".join(f"piece{n} " for n in range(pieces))), ends=False)

    def _error_line(self, fault: Fault) -> bytes:
        return _line({"error": {"code": fault.status, "message": fault.message, "status": KINDS.get(fault.status, "INTERNAL")}})

    def _error(self, status: int, message: str, code: str | None = None) -> web.Response:
        return web.json_response({"error": {"code": status, "message": message, "status": KINDS.get(status, "INTERNAL")}}, status=status)

    def _strictness(self, seen: Seen) -> web.Response | None:
        why = _refusal(seen.path, seen.body)
        return self._error(400, why) if why else None


def _refusal(path: str, body: Mapping[str, Any]) -> str | None:
    contents = body.get("contents") or []
    if not contents or contents[-1]["role"] != "user":
        return "Please ensure that the conversation ends with a user turn."
    configuration = body.get("generationConfig") or {}
    if configuration.get("responseMimeType") and body.get("tools") and "gemini-3" not in path:
        return "Function calling with a response mime type: 'application/json' is unsupported"
    waiting: list[str] = []
    for content in contents:
        answered = [part["functionResponse"]["name"] for part in content["parts"] if "functionResponse" in part]
        if waiting != answered:
            return "The number of function response parts is not equal to the number of function call parts of the function call turn."
        called = [part for part in content["parts"] if "functionCall" in part]
        waiting = [part["functionCall"]["name"] for part in called]
        if called and "gemini-3" in path and called[0].get("thoughtSignature") not in (SIGNATURE, MADE_UP):
            return f"Function call is missing a thought_signature in functionCall parts: {called[0].get('thoughtSignature')}"
    return None


def _line(piece: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(piece, ensure_ascii=False).encode() + b"\r\n\r\n"
