"""Which flow somebody means who types FLOW: a template, a file, or a saved flow."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.engine.errors import ConveneError
from studio.texts import text

if TYPE_CHECKING:
    from studio.flow.document import FlowDocument
    from studio.settings import Settings

MAX_FILE = 5_000_000


class NoSuchFlow(ConveneError):
    code = "no_such_flow"

    def __init__(self, name: str) -> None:
        super().__init__(text("cli.no_such_flow", flow=name[:200]), text("cli.no_such_flow.remedy"))


class FileUnreadable(ConveneError):
    code = "file_unreadable"

    def __init__(self, path: str, why: str, remedy: str = "") -> None:
        super().__init__(text("cli.file_unreadable", path=path[:200], why=why), remedy)


@dataclass(frozen=True, slots=True)
class FoundFlow:
    """A document, and the id under which it is saved (None for a template or a file)."""

    document: FlowDocument
    id: str | None = None


def find_flow(name: str, settings: Settings) -> FoundFlow:
    """The flow that `name` means; a saved one that is called like a template, but not by its id, comes before the template.

    Raises NoSuchFlow, FileUnreadable, FlowAmbiguous or what is wrong in the file.
    """
    from studio.formats.flow_json.read import from_json
    from studio.library.templates import template, templates

    if chosen := template(name):
        return FoundFlow(chosen.document)
    path = Path(name)
    if _is_file(path) or path.suffix == ".json" or "/" in name or "\\" in name:
        content = read_bytes(name)
        if path.suffix != ".json" and not content.lstrip().startswith(b"{"):
            raise FileUnreadable(name, text("cli.no_flow_file"), text("cli.no_flow_file.remedy"))
        return FoundFlow(from_json(content))
    try:
        flow_id, document = saved_flow(name, settings)
    except NoSuchFlow:
        called_so = next((each for each in templates() if each.title.casefold() == name.casefold()), None)
        if called_so is None:
            raise
        return FoundFlow(called_so.document)
    return FoundFlow(document, flow_id)


def read_bytes(name: str) -> bytes:
    """The content of a file, or of standard input for `-`. Raises FileUnreadable."""
    if name == "-":
        content = sys.stdin.buffer.read(MAX_FILE + 1)
    else:
        try:
            with Path(name).open("rb") as file:
                content = file.read(MAX_FILE + 1)
        except (OSError, ValueError) as error:
            raise FileUnreadable(name, getattr(error, "strerror", None) or str(error)) from None
    if len(content) > MAX_FILE:
        raise FileUnreadable(name, text("cli.file_too_large", megabytes=MAX_FILE // 1_000_000))
    return content


def saved_flow(name: str, settings: Settings) -> tuple[str, FlowDocument]:
    """The id and the document of the saved flow with this name or id. Raises NoSuchFlow and FlowAmbiguous."""
    from studio.library.errors import FlowMissing
    from studio.library.flows import Flows
    from studio.store.database import open_database

    if settings.database.startswith("sqlite:") and not settings.data_dir.exists():
        raise NoSuchFlow(name)
    database = open_database(settings.database, backup_dir=settings.data_dir / "backups")
    try:
        flows = Flows(database)
        flow_id = flows.find(name)
        return flow_id, flows.get(flow_id).document
    except FlowMissing:
        raise NoSuchFlow(name) from None
    finally:
        database.close()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
