"""Reads a flow document from outside: bounded, brought up to this version step by step, every mistake with its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from studio.engine.errors import ConveneError
from studio.flow.bounds import MAX_BYTES, MAX_DEPTH, Unbounded, check_json, place, read_json
from studio.flow.document import FLOW_VERSION, FlowDocument
from studio.flow.wellformed import Malformed, check_wellformed
from studio.texts import catalogue, text

FORMAT = "convene.flow"


class FlowFileError(ConveneError):
    """A file that is no flow document; `where` is the place of the mistake, such as `line 3, column 7` or `nodes[3].config`."""

    code = "flow_file"

    def __init__(self, why: str, where: str = "", remedy: str = "") -> None:
        super().__init__(why, remedy)
        self.where = where


Step = Callable[[dict[str, Any]], dict[str, Any]]

STEPS: Mapping[int, Step] = {}
"""The upgrade from a version to the next one, by the version that it begins with. A step may trust nothing but JSON."""


def read_document(data: str | bytes | bytearray | Mapping[str, Any]) -> FlowDocument:
    """The document of a file's text or of its JSON object. Raises FlowFileError; nothing in the file is executed or fetched.

    At most 5 MB and 40 levels deep. Kinds that this installation does not know, and their fields, are kept as they are.
    """
    raw = _parsed(data) if isinstance(data, (str, bytes, bytearray)) else data
    if not isinstance(raw, Mapping):
        raise FlowFileError(text("flow_file.no_object"), "/", text("flow_file.no_object.remedy"))
    try:
        check_json(dict(raw))
    except Unbounded as error:
        raise FlowFileError(error.sentence, error.where) from None
    return _validated(upgraded(dict(raw)))


def upgraded(raw: dict[str, Any], steps: Mapping[int, Step] = STEPS, newest: int = FLOW_VERSION) -> dict[str, Any]:
    """The JSON object in the newest version. Raises FlowFileError for another format and for versions that cannot be read."""
    if raw.get("format") != FORMAT:
        found = raw.get("format")
        why = text("flow_file.other_format", format=str(found)[:60]) if found is not None else text("flow_file.no_format")
        raise FlowFileError(why, "format", text("flow_file.other_format.remedy", format=FORMAT))
    version = raw.get("version", 1)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise FlowFileError(text("flow_file.bad_version"), "version")
    if version > newest:
        facts = {"version": str(version)[:20], "newest": newest}
        raise FlowFileError(text("flow_file.newer", **facts), "version", text("flow_file.newer.remedy"))
    while version < newest:
        step = steps.get(version)
        if step is None:
            raise FlowFileError(text("flow_file.no_step", version=version), "version")
        raw = {**step(raw), "version": version + 1}
        version += 1
    return raw


def _parsed(data: str | bytes | bytearray) -> Any:
    if len(data) > MAX_BYTES:
        raise FlowFileError(text("bounds.large", where=text("bounds.file"), limit=f"{MAX_BYTES // 1_000_000} MB"), "/")
    if not isinstance(data, str):
        try:
            data = bytes(data).decode(encoding_of(data))
        except UnicodeDecodeError as error:
            where = text("flow_file.byte", byte=error.start)
            raise FlowFileError(text("flow_file.no_text", where=where), where) from None
    try:
        return read_json(data.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        where = text("flow_file.line", line=error.lineno, column=error.colno)
        raise FlowFileError(text("flow_file.no_json", where=where, why=error.msg), where, text("flow_file.no_json.remedy")) from None
    except RecursionError:
        raise FlowFileError(text("bounds.deep", where=text("bounds.file"), limit=MAX_DEPTH), "/") from None
    except Unbounded as error:
        raise FlowFileError(error.sentence, error.where) from None


def encoding_of(data: bytes | bytearray) -> str:
    """UTF-8, or UTF-16 where a file begins with its mark, as some editors and shells write it."""
    return "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _validated(raw: dict[str, Any]) -> FlowDocument:
    try:
        document = FlowDocument.model_validate(raw)
        check_wellformed(document)
    except Malformed as error:
        raise FlowFileError(error.sentence, error.where) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = place(first["loc"])
        key = f"flow_file.{first['type']}"
        why = text(key, **first.get("ctx", {})) if key in catalogue() else first["msg"]
        raise FlowFileError(text("flow_file.invalid", where=where, why=why.rstrip(".")), where) from None
    return document
