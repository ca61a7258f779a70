"""Components as AutoGen's JSON wants them, for the version that is to read them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from studio.engine.errors import ConveneError
from studio.formats.autogen_components.mapping import ClassMap
from studio.texts import text

Version = Literal["0.5", "0.7"]
VERSIONS: dict[str, Version] = {"0.5": "0.5", "0.6": "0.7", "0.7": "0.7", "0.6–0.7": "0.7", "0.6-0.7": "0.7"}
"""What a person may ask for, and what is written: up to AutoGen 0.5.7, or from 0.6 on."""

NEWEST: Version = "0.7"


class UnknownVersion(ConveneError):
    code = "unknown_version"

    def __init__(self, version: str) -> None:
        super().__init__(text("autogen.version", version=version[:40]), text("autogen.version.remedy", known=", ".join(VERSIONS)))


def version_named(version: str) -> Version:
    """Raises UnknownVersion."""
    found = VERSIONS.get(version.strip())
    if found is None:
        raise UnknownVersion(version)
    return found


@dataclass(frozen=True, slots=True)
class Raw:
    """A component that goes out as it came in: its text."""

    text: str


def component(table: ClassMap, config: dict[str, Any], version: Version, label: str = "") -> dict[str, Any]:
    """The envelope around a component's fields."""
    number = 1 if version == "0.5" else table.version
    return envelope_of(table.provider, table.type, config, number, label)


def envelope_of(provider: str, component_type: str, config: dict[str, Any], number: int = 1, label: str = "") -> dict[str, Any]:
    """The envelope of a class that is in no table."""
    return {
        "provider": provider,
        "component_type": component_type,
        "version": number,
        "component_version": number,
        "description": None,
        "label": label or provider.rpartition(".")[2],
        "config": config,
    }


def dumped(value: Any) -> str:
    """JSON with one field a line; what came in as text goes out as the same bytes. Ends with a line feed."""
    kept: dict[str, str] = {}

    def keep(item: Any) -> str:
        assert isinstance(item, Raw)
        mark = f"\u0001kept {len(kept)}\u0001"
        kept[json.dumps(mark)] = item.text
        return mark

    written = json.dumps(value, indent=2, ensure_ascii=False, default=keep)
    for mark, original in kept.items():
        written = written.replace(mark, original, 1)
    return written + "\n"
