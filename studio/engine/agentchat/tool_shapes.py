"""What a script sees of a tool: its schema, another name for it, and what a call of it came to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, Protocol, TypedDict, runtime_checkable

from pydantic import BaseModel, Field

from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.image import Image
from studio.engine.code.base import FunctionResult
from studio.engine.errors import FlowError
from studio.engine.models import base

_PICTURE = re.compile(r"^\[picture: (\S+)\]$", re.MULTILINE)


class ParametersSchema(TypedDict):
    type: str
    properties: dict[str, Any]
    required: NotRequired[Sequence[str]]
    additionalProperties: NotRequired[bool]


class ToolSchema(TypedDict):
    parameters: NotRequired[ParametersSchema]
    name: str
    description: NotRequired[str]
    strict: NotRequired[bool]


@runtime_checkable
class Tool(Protocol):
    """What a script can call of a tool itself."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def schema(self) -> Any: ...

    def return_value_as_string(self, value: Any) -> str: ...

    async def run_json(self, args: Mapping[str, Any], cancellation_token: CancellationToken, call_id: str | None = None) -> Any: ...


class ToolOverride(BaseModel):
    """What a tool is called and said to do instead."""

    name: str | None = None
    description: str | None = None


class TextResultContent(BaseModel):
    type: Literal["TextResultContent"] = "TextResultContent"
    content: str


class ImageResultContent(BaseModel):
    type: Literal["ImageResultContent"] = "ImageResultContent"
    content: Image


ResultContent = Annotated[TextResultContent | ImageResultContent, Field(discriminator="type")]


class ToolResult(BaseModel):
    """What a call came to, by the name under which the tool was called."""

    type: Literal["ToolResult"] = "ToolResult"
    name: str
    result: list[ResultContent]
    is_error: bool = False

    def to_text(self, replace_image: str | None = None) -> str:
        """Everything as text; a picture as `replace_image`, or in base64."""
        return "\n".join(
            part.content
            if isinstance(part, TextResultContent)
            else f"[Image: {part.content.to_base64()}]"
            if replace_image is None
            else replace_image
            for part in self.result
        )


def shown_schema(schema: base.ToolSchema) -> ToolSchema:
    """A tool's schema as a plain object, with every key of the parameters that AutoGen's has."""
    parameters: Any = {"type": "object", "properties": {}, "required": [], "additionalProperties": False} | dict(schema.parameters)
    return ToolSchema(name=schema.name, description=schema.description, parameters=parameters, strict=schema.strict)


def engine_schema(schema: Mapping[str, Any]) -> base.ToolSchema:
    """The same for the engine. Raises KeyError for one without a name."""
    nothing: dict[str, Any] = {"type": "object", "properties": {}}
    parameters = schema.get("parameters") or nothing
    return base.ToolSchema(str(schema["name"]), str(schema.get("description") or ""), parameters, bool(schema.get("strict")))


def told_text(name: str, text: str, *, is_error: bool = False) -> ToolResult:
    """A result that is one text."""
    return ToolResult(name=name, result=[TextResultContent(content=text)], is_error=is_error)


def result_of(name: str, result: FunctionResult, folder: Path) -> ToolResult:
    """The engine's result for a script: pictures that a tool left in `folder`, or shows to models, are pictures in it."""
    parts: list[ResultContent] = []
    rest = 0
    for found in _PICTURE.finditer(result.output):
        picture = _picture(folder / found[1]) if found[1] in result.files else None
        if picture is None:
            continue
        if before := result.output[rest : found.start()].strip("\n"):
            parts.append(TextResultContent(content=before))
        parts.append(ImageResultContent(content=picture))
        rest = found.end()
    after = result.output[rest:].strip("\n") if rest else result.output
    if after or not parts:
        parts.append(TextResultContent(content=after))
    parts += [ImageResultContent(content=Image.from_base64(each.data)) for each in result.attachments]
    return ToolResult(name=name, result=parts, is_error=result.is_error)


def engine_result(result: ToolResult) -> FunctionResult:
    """A workbench's own result for the engine: texts are the output, pictures are shown to models."""
    texts = [part.content for part in result.result if isinstance(part, TextResultContent)]
    pictures = tuple(part.content.attachment for part in result.result if isinstance(part, ImageResultContent))
    return FunctionResult("\n".join(texts), result.is_error, attachments=pictures)


def _picture(path: Path) -> Image | None:
    try:
        return Image.from_file(path)
    except (OSError, FlowError):  # a form of picture that messages cannot hold stays a file
        return None
