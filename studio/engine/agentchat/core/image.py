"""A picture in a message."""

from __future__ import annotations

import base64
import re
from io import BytesIO
from pathlib import Path
from typing import Any, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from studio.engine.errors import FlowError
from studio.engine.events import LARGEST_ATTACHMENT, Attachment
from studio.texts import text

_DATA = re.compile(r"data:(image/[\w.+-]+);base64,(.*)", re.DOTALL)
_SIGNS = ((b"\x89PNG", "image/png"), (b"\xff\xd8", "image/jpeg"), (b"GIF8", "image/gif"), (b"RIFF", "image/webp"))


class Image:
    """AutoGen's image, made of bytes, a file, a data URI or a picture of Pillow, which is needed for the last only."""

    def __init__(self, image: Any) -> None:
        """Raises FlowError for what is no picture, or too large."""
        data = image if isinstance(image, bytes) else _png(image)
        found = next((media for sign, media in _SIGNS if data.startswith(sign)), None)
        if found is None:
            raise FlowError("image", text("engine.agentchat.image.unknown_form"), text("engine.agentchat.image.unknown_form.remedy"))
        if len(data) * 4 > LARGEST_ATTACHMENT * 3:
            raise FlowError(
                "image",
                text("engine.agentchat.image.too_large", count=f"{LARGEST_ATTACHMENT * 3 // 4:,}"),
                text("engine.agentchat.image.too_large.remedy"),
            )
        self.data, self.media_type = data, found

    @classmethod
    def from_pil(cls, pil_image: Any) -> Self:
        return cls(pil_image)

    @classmethod
    def from_file(cls, file_path: Path | str) -> Self:
        return cls(Path(file_path).read_bytes())

    @classmethod
    def from_base64(cls, base64_str: str) -> Self:
        return cls(base64.b64decode(base64_str))

    @classmethod
    def from_uri(cls, uri: str) -> Self:
        """Of a data URI. Raises FlowError for every other one: nothing is fetched."""
        match = _DATA.fullmatch(uri)
        if match is None:
            raise FlowError("image", text("engine.agentchat.image.no_data_uri"), text("engine.agentchat.image.no_data_uri.remedy"))
        return cls.from_base64(match[2])

    def to_base64(self) -> str:
        return base64.b64encode(self.data).decode()

    @property
    def data_uri(self) -> str:
        return f"data:{self.media_type};base64,{self.to_base64()}"

    @property
    def attachment(self) -> Attachment:
        """The same as the engine's messages hold it."""
        return Attachment(name=f"image.{self.media_type.removeprefix('image/')}", media_type=self.media_type, data=self.to_base64())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._read, serialization=core_schema.plain_serializer_function_ser_schema(lambda image: {"data": image.to_base64()})
        )

    @classmethod
    def _read(cls, value: Any) -> Self:
        if isinstance(value, cls):
            return value
        if isinstance(value, dict) and isinstance(value.get("data"), str):
            return cls.from_base64(value["data"])
        raise ValueError(text("engine.agentchat.image.no_image"))


def _png(image: Any) -> bytes:
    if not hasattr(image, "save"):
        raise FlowError(
            "image", text("engine.agentchat.image.not_made", kind=type(image).__name__), text("engine.agentchat.image.not_made.remedy")
        )
    buffer = BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()
