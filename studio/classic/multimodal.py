"""An agent that sees the images which texts name: `<img …>` in a message becomes a part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.classic.conversable import ConversableAgent
from studio.classic.messages import as_message
from studio.classic.speaker import Agent
from studio.engine.events import MOST_ATTACHMENTS
from studio.engine.models.attachments import IMAGES, AttachmentUnreadable, attached
from studio.engine.models.named_images import TAG, image_named, source_of


class MultimodalConversableAgent(ConversableAgent):
    """Sees images: `<img https://…>` goes to the model as its address, `<img plan.png>` and base64 as their content.

    Files are read below the folder that the script runs in, six million bytes at most; what cannot be read stays text.
    """

    def __init__(
        self, name: str, system_message: str | Sequence[str] | None = "You are a helpful assistant.", *rest: Any, **more: Any
    ) -> None:
        super().__init__(name, system_message, *rest, **more)

    def _keep(self, message: Mapping[str, Any] | str, role: str, peer: Agent, speaker: Agent) -> bool:
        said = as_message(message)
        if isinstance(said.get("content"), str):
            said["content"] = content_of(said["content"])
        return super()._keep(said, role, peer, speaker)


def content_of(text: str) -> str | list[dict[str, Any]]:
    """A text with its images as the parts of a message, in their order; the text itself where it names none that can be read."""
    parts: list[dict[str, Any]] = []
    seen, before = 0, 0
    for tag in TAG.finditer(text):
        url = image_url(source_of(tag)) if seen < MOST_ATTACHMENTS else None
        if url is None:
            continue
        seen += 1
        if between := text[before : tag.start()]:
            parts.append({"type": "text", "text": between})
        parts.append({"type": "image_url", "image_url": {"url": url}})
        before = tag.end()
    if not seen:
        return text
    return [*parts, {"type": "text", "text": text[before:]}] if text[before:] else parts


def image_url(named: str) -> str | None:
    """The address of an image, or its content as one; None for what is none."""
    image = image_named(named)
    if image is not None:
        return image.url or f"data:{image.media_type};base64,{image.data}"
    return _file(named)


def _file(named: str) -> str | None:
    """An image below the folder that the script runs in, as its content."""
    try:
        folder = Path.cwd().resolve()
        path = (folder / named).resolve()
        if len(named) > 1_000 or not path.is_relative_to(folder) or not path.is_file():
            return None
        image = attached(path)
    except (AttachmentUnreadable, OSError, ValueError):
        return None
    return f"data:{image.media_type};base64,{image.data}" if image.media_type in IMAGES else None
