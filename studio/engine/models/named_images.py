"""Images that a text names, as AutoGen 0.2 writes them: `<img https://…>`, an image's content as a data address, or in base64."""

from __future__ import annotations

import base64
import binascii
import re

from studio.engine.events import LARGEST_ATTACHMENT, MOST_ATTACHMENTS, Attachment, MessageSaid

TAG = re.compile(r"<img\s([^<>]{1,10000000})>")
_ADDRESS = re.compile(r"https?://\S{1,2000}")
_DATA = re.compile(r"data:(image/[\w.+-]{1,100});base64,([A-Za-z0-9+/]*={0,2})")
_BEGINNINGS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}
_SHORTEST = 100
"""Characters from which on what is no address may be an image in base64."""


def source_of(tag: re.Match[str]) -> str:
    """What an image's tag names."""
    named = tag[1].strip().removesuffix("/").strip()
    return named.removeprefix("src=").strip("'\"")


def image_named(named: str) -> Attachment | None:
    """The image of an address, which nobody fetches here, or of a content; None for what is neither."""
    if _ADDRESS.fullmatch(named):
        return Attachment(name=named.partition("?")[0].rstrip("/").rpartition("/")[2][:255], media_type="image/png", url=named)
    if len(named) > LARGEST_ATTACHMENT:
        return None
    if (data := _DATA.fullmatch(named)) is not None:
        return Attachment(name="image", media_type=data[1], data=data[2])
    return content_named(named) if len(named) >= _SHORTEST else None


def content_named(written: str) -> Attachment | None:
    """The image whose content this is in base64; None for what is no base64, does not begin like an image, or is too large."""
    if len(written) > LARGEST_ATTACHMENT:
        return None
    try:
        content = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        return None
    kind = next((kind for beginning, kind in _BEGINNINGS.items() if content.startswith(beginning)), None)
    return Attachment(name="image", media_type=kind, data=written) if kind is not None else None


def with_named_images(said: MessageSaid) -> MessageSaid:
    """The message with the images that its text names, instead of their tags; what is no image stays text."""
    images = list(said.attachments)

    def taken(tag: re.Match[str]) -> str:
        image = image_named(source_of(tag)) if len(images) < MOST_ATTACHMENTS else None
        if image is None:
            return tag[0]
        images.append(image)
        return ""

    text = TAG.sub(taken, said.text)
    return said if text == said.text else said.model_copy(update={"text": text, "attachments": tuple(images)})
