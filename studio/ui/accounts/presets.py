"""The providers that an account can be made for, as the page offers them: those that the engine knows, and any other server."""

from __future__ import annotations

from typing import TypedDict

from studio.engine.models.azure import is_azure, with_version
from studio.engine.models.presets import PRESETS as KNOWN
from studio.engine.models.presets import preset_at, preset_named


class Preset(TypedDict):
    """`key_at` is where its keys are made, "" where no key is needed; `local` servers run on this machine; `where` shows its address."""

    id: str
    title: str
    base_url: str
    where: str
    key_at: str
    example: str
    local: bool


PRESETS: tuple[Preset, ...] = (
    *(
        Preset(
            id=known.id,
            title=known.title,
            base_url=known.base_url,
            where=known.base_url.partition("//")[2].split("/")[0] or "openai.azure.com",
            key_at=known.key_at,
            example=known.model,
            local=known.local,
        )
        for known in KNOWN
    ),
    Preset(id="other", title="", base_url="", where="", key_at="", example="", local=False),
)
"""`other` is any other server that speaks the protocol; its title is a text."""


def preset(preset_id: str) -> Preset:
    """The preset with this id; the open one for ids that are not known."""
    return next((each for each in PRESETS if each["id"] == preset_id), PRESETS[-1])


def preset_of(base_url: str, provider: str = "") -> Preset:
    """The preset that an account belongs to, by its address, else by what it says of itself; the open one for others."""
    found = preset_at(base_url) if base_url else preset_named(provider or "openai")
    if found is None and provider not in ("", "openai"):
        found = preset_named(provider)
    return preset(found.id if found is not None else "other")


def address(provider: str, base_url: str, version: str) -> str:
    """The address to keep: that of an Azure account takes the API version along."""
    base_url = base_url.strip()
    return with_version(base_url, version) if base_url and is_azure(provider, base_url) else base_url
