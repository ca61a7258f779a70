"""The OpenAPI document of a door, and the page that shows it: both made here, nothing is loaded from elsewhere."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from studio import __version__
from studio.serving.pages import asset
from studio.serving.rest import AnswerBody, StartBody
from studio.texts import text

_NUMBER = {"type": "number", "minimum": 0}
_TEXT = {"type": "string"}

ERROR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "type": {"type": "string"}},
        }
    },
}


def _run_schema() -> dict[str, Any]:
    """How a run is told."""
    return {
        "type": "object",
        "properties": {
            "run": _TEXT,
            "session": _TEXT | {"description": text("guest.docs.run.session")},
            "status": {"enum": ["running", "waiting", "paused", "done", "stopped", "failed", "interrupted"]},
            "task": _TEXT,
            "answer": _TEXT | {"description": text("guest.docs.run.answer")},
            "reason": _TEXT | {"description": text("guest.docs.run.reason")},
            "question": {
                "type": ["object", "null"],
                "description": text("guest.docs.run.question"),
                "properties": {
                    "id": _TEXT,
                    "text": _TEXT,
                    "form": {"enum": ["text", "approve", "edit", "choice", "form", "wait"]},
                    "choices": {"type": "array", "items": _TEXT},
                    "details": _TEXT,
                    "fields": {"type": "object", "description": text("guest.docs.run.question.fields")},
                },
            },
            "messages": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "seq": {"type": "integer"},
                        "id": _TEXT,
                        "source": _TEXT,
                        "role": {"enum": ["agent", "human", "task", "code"]},
                        "text": _TEXT,
                    },
                },
            },
            "usage": {"type": "object", "description": text("guest.docs.run.usage")},
            "started": {"type": "string", "format": "date-time"},
            "last_event": {"type": "integer"},
        },
    }


def _body_schema(name: str, body: type[BaseModel]) -> dict[str, Any]:
    schema = body.model_json_schema()
    for field, facts in schema["properties"].items():
        facts["description"] = text(f"guest.docs.{name}.{field}")
    return schema


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document. It says nothing of the flow itself: that takes the token."""
    run = {"name": "run", "in": "path", "required": True, "description": text("guest.docs.of.run"), "schema": _TEXT}
    response = run | {"name": "response", "description": text("guest.docs.of.response")}
    wait = {"name": "wait", "in": "query", "description": text("guest.docs.of.wait"), "schema": _NUMBER | {"maximum": 300}}
    after = {"name": "after", "in": "query", "description": text("guest.docs.of.after"), "schema": _NUMBER | {"type": "integer"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Convene", "version": __version__, "description": text("guest.docs.about")},
        "servers": [{"url": "."}],
        "security": [{"token": []}],
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Start": _body_schema("start", StartBody),
                "Answer": _body_schema("answer", AnswerBody),
                "Run": _run_schema(),
                "Error": ERROR,
            },
        },
        "paths": {
            "/api/flow": {"get": _operation("flow", {"type": "object"})},
            "/api/runs": {"post": _operation("start", _ref("Run"), body="Start", parameters=[wait], status="201")},
            "/api/runs/{run}": {"get": _operation("fetch", _ref("Run"), parameters=[run, wait])},
            "/api/runs/{run}/events": {"get": _operation("events", None, parameters=[run, after])},
            "/api/runs/{run}/answer": {"post": _operation("answer", _ref("Run"), body="Answer", parameters=[run, wait])},
            "/api/runs/{run}/stop": {"post": _operation("stop", _ref("Run"), parameters=[run])},
            "/v1/models": {"get": _operation("models", {"type": "object"})},
            "/v1/chat/completions": {"post": _operation("completions", {"type": "object"}, body={"type": "object"})},
            "/v1/responses": {"post": _operation("responses", {"type": "object"}, body={"type": "object"})},
            "/mcp": {"post": _operation("mcp", {"type": "object"}, body={"type": "object"})},
            "/v1/responses/{response}": {"get": _operation("response", {"type": "object"}, parameters=[response])},
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
