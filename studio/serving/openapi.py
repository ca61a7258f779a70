"""The OpenAPI document of a door, and the page that shows it: both made here, nothing is loaded from elsewhere."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from studio import __version__
from studio.serving.pages import asset
from studio.serving.rest import AnswerBody, StartBody
from studio.texts import text

_WAIT = {
    "name": "wait",
    "in": "query",
    "description": "Seconds to wait until the run is over or asks something; 300 at most.",
    "schema": {"type": "number", "minimum": 0, "maximum": 300},
}
_RUN = {"name": "run", "in": "path", "required": True, "description": "The id of a run.", "schema": {"type": "string"}}
_AFTER = {
    "name": "after",
    "in": "query",
    "description": "The number of the last event that is known. The header Last-Event-ID says the same.",
    "schema": {"type": "integer", "minimum": 0},
}

RUN: dict[str, Any] = {
    "type": "object",
    "properties": {
        "run": {"type": "string"},
        "session": {"type": "string", "description": "Give it with the next task to go on with this conversation."},
        "status": {"enum": ["running", "waiting", "paused", "done", "stopped", "failed", "interrupted"]},
        "task": {"type": "string"},
        "answer": {"type": "string", "description": "What came of it so far."},
        "reason": {"type": "string", "description": "Why it is over."},
        "question": {
            "type": ["object", "null"],
            "description": "What a person has to answer before it goes on. The form `wait` means: its owner, not you.",
            "properties": {
                "id": {"type": "string"},
                "text": {"type": "string"},
                "form": {"enum": ["text", "approve", "edit", "choice", "form", "wait"]},
                "choices": {"type": "array", "items": {"type": "string"}},
                "details": {"type": "string"},
                "fields": {"type": "object", "description": "The JSON schema of a form."},
            },
        },
        "messages": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "seq": {"type": "integer"},
                    "id": {"type": "string"},
                    "source": {"type": "string"},
                    "role": {"enum": ["agent", "human", "task", "code"]},
                    "text": {"type": "string"},
                },
            },
        },
        "usage": {"type": "object", "description": "Tokens, and the cost in US dollars where it is known."},
        "started": {"type": "string", "format": "date-time"},
        "last_event": {"type": "integer"},
    },
}
ERROR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "type": {"type": "string"}},
        }
    },
}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document. It says nothing of the flow itself: that takes the token."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Convene", "version": __version__, "description": text("guest.docs.about")},
        "servers": [{"url": "."}],
        "security": [{"token": []}],
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Start": StartBody.model_json_schema(), "Answer": AnswerBody.model_json_schema(), "Run": RUN, "Error": ERROR},
        },
        "paths": {
            "/api/flow": {"get": _operation("flow", {"type": "object"})},
            "/api/runs": {"post": _operation("start", _ref("Run"), body="Start", parameters=[_WAIT], status="201")},
            "/api/runs/{run}": {"get": _operation("fetch", _ref("Run"), parameters=[_RUN, _WAIT])},
            "/api/runs/{run}/events": {"get": _operation("events", None, parameters=[_RUN, _AFTER])},
            "/api/runs/{run}/answer": {"post": _operation("answer", _ref("Run"), body="Answer", parameters=[_RUN, _WAIT])},
            "/api/runs/{run}/stop": {"post": _operation("stop", _ref("Run"), parameters=[_RUN])},
            "/v1/models": {"get": _operation("models", {"type": "object"})},
            "/v1/chat/completions": {"post": _operation("completions", {"type": "object"}, body={"type": "object"})},
            "/v1/responses": {"post": _operation("responses", {"type": "object"}, body={"type": "object"})},
            "/mcp": {"post": _operation("mcp", {"type": "object"}, body={"type": "object"})},
            "/v1/responses/{response}": {
                "get": _operation("response", {"type": "object"}, parameters=[_RUN | {"name": "response", "description": "Its id."}])
            },
        },
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _operation(
    name: str,
    answers: dict[str, Any] | None,
    *,
    body: str | dict[str, Any] | None = None,
    parameters: list[dict[str, Any]] | None = None,
    status: str = "200",
) -> dict[str, Any]:
    kind, schema = ("text/event-stream", {"type": "string"}) if answers is None else ("application/json", answers)
    told: dict[str, Any] = {
        "operationId": name,
        "summary": text(f"guest.docs.{name}"),
        "description": text(f"guest.docs.{name}.more"),
        "responses": {
            status: {"description": text("guest.docs.good"), "content": {kind: {"schema": schema}}},
            "default": {"description": text("guest.docs.bad"), "content": {"application/json": {"schema": _ref("Error")}}},
        },
    }
    if parameters:
        told["parameters"] = parameters
    if body is not None:
        taken = _ref(body) if isinstance(body, str) else body
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": taken}}}
    return told


async def openapi_document(request: Request) -> Response:
    """The document as JSON."""
    return JSONResponse(document() | {"servers": [{"url": request.scope.get("root_path") or "/"}]})


async def docs_page(request: Request) -> Response:
    """The same for people."""
    told = document()
    operations = "".join(
        _shown(method, path, operation, told) for path, methods in told["paths"].items() for method, operation in methods.items()
    )
    page = asset("docs.html").format(
        title=escape(text("guest.docs.title")),
        about=escape(told["info"]["description"]),
        token=escape(text("guest.docs.token")),
        example=escape(_example(request)),
        operations=operations,
    )
    return HTMLResponse(page)


def _example(request: Request) -> str:
    address = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
    return (
        f"curl '{address}/api/runs?wait=120' \\\n  -H 'Authorization: Bearer TOKEN' \\\n"
        "  -H 'Content-Type: application/json' \\\n  -d '{\"task\": \"…\"}'"
    )


def _shown(method: str, path: str, operation: dict[str, Any], told: dict[str, Any]) -> str:
    rows = [(each["name"], each["in"], each["description"]) for each in operation.get("parameters", ())]
    if (body := operation.get("requestBody")) is not None:
        schema = body["content"]["application/json"]["schema"]
        named = told["components"]["schemas"].get(schema.get("$ref", "").rsplit("/", 1)[-1], {})
        rows += [(name, "body", facts.get("description", "")) for name, facts in named.get("properties", {}).items()]
    table = "".join(
        f"<tr><th scope='row'><code>{escape(name)}</code></th><td>{escape(where)}</td><td>{escape(what)}</td></tr>"
        for name, where, what in rows
    )
    return (
        f"<section id='{escape(operation['operationId'])}'><h2><span class='method'>{method.upper()}</span> "
        f"<code>{escape(path)}</code></h2><p>{escape(operation['summary'])}</p><p>{escape(operation['description'])}</p>"
        + (f"<table>{table}</table>" if table else "")
        + "</section>"
    )
