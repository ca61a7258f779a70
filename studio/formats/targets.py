"""Where a flow can go: every target says what it cannot express, and writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument
from studio.flow.findings import Finding
from studio.texts import text


@dataclass(frozen=True, slots=True)
class Target:
    """`losses` says before what is lost and what is done instead; `write` gives the file's content; `suffix` is how its name ends."""

    name: str
    suffix: str
    media_type: str
    write: Callable[[FlowDocument], bytes]
    losses: Callable[[FlowDocument], tuple[Finding, ...]]


class UnknownTarget(ConveneError):
    code = "unknown_target"

    def __init__(self, name: str) -> None:
        super().__init__(text("export.unknown", to=name[:40]), text("export.unknown.remedy", known=", ".join(TARGETS)))


def target(name: str, version: str = "") -> Target:
    """The target of a name; `version` chooses among those of one format. Raises UnknownTarget."""
    found = TARGETS.get(f"{name}-{_VERSIONS.get(version, version)}" if version else name)
    if found is None:
        raise UnknownTarget(f"{name} {version}".strip())
    return found


def _nothing(document: FlowDocument) -> tuple[Finding, ...]:
    return ()


def _json(document: FlowDocument) -> bytes:
    from studio.formats.flow_json.write import to_json

    return to_json(document).encode()


def _python(document: FlowDocument) -> bytes:
    from studio.formats.convene_python.write import to_python

    return to_python(document).text.encode()


def _zip(document: FlowDocument) -> bytes:
    from studio.formats.convene_python.project import to_zip

    return to_zip(document)


def _autogen(version: str) -> tuple[Callable[[FlowDocument], bytes], Callable[[FlowDocument], tuple[Finding, ...]]]:
    def write(document: FlowDocument) -> bytes:
        from studio.formats.autogen_json.write import to_autogen

        return to_autogen(document, version).encode()

    def lost(document: FlowDocument) -> tuple[Finding, ...]:
        from studio.formats.autogen_json.write import losses

        return losses(document, version)

    return write, lost


_PLAIN = "text/plain; charset=utf-8"
_VERSIONS = {"0.6": "0.7", "0.6-0.7": "0.7", "0.6–0.7": "0.7", "0.7.5": "0.7", "0.5.7": "0.5"}

TARGETS: dict[str, Target] = {
    each.name: each
    for each in (
        Target("json", ".json", "application/json", _json, _nothing),
        Target("python", ".py", _PLAIN, _python, _nothing),
        Target("zip", ".zip", "application/zip", _zip, _nothing),
        Target("autogen-json", ".autogen.json", "application/json", *_autogen("0.7")),
        Target("autogen-json-0.7", ".autogen.json", "application/json", *_autogen("0.7")),
        Target("autogen-json-0.5", ".autogen.json", "application/json", *_autogen("0.5")),
    )
}
"""By the name that a person types; `convene` on the command line is `python`, or `zip` for a file that ends so."""
