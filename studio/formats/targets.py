"""Where a flow can go: every target says what it cannot express, and writes.

A target is one row of TARGETS. Its functions import their format when they are called, and take nothing but the document:

- `write(document)` gives the bytes of one file, or raises a ConveneError that says why there is none;
- `losses(document)` gives findings and never raises for a document that is well formed: each says in one sentence what the target
  cannot express and what it does instead, with the ids of the nodes that it is about; level "decision" for what is missing in
  the file, "approximated" for what differs;
- `project(document)` gives the bytes of a zip file with one folder that runs on its own; None where a target has no projects;
- `lines(document)` gives first and last line (from 1) of what is written for a node, by the node's id; None where a target does not know;
- `variant` is a target that differs from another one in a detail only: a version, a theme; it is not among those that are offered;
- `language` is how a pane highlights the text ("python", "json", …); "" for what is no text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument
from studio.flow.findings import Finding
from studio.texts import text

Write = Callable[[FlowDocument], bytes]
Losses = Callable[[FlowDocument], tuple[Finding, ...]]
Places = Callable[[FlowDocument], dict[str, list[tuple[int, int]]]]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a flow can go; `suffix` is how the file's name ends. See the module for what each function promises."""

    name: str
    suffix: str
    media_type: str
    write: Write
    losses: Losses
    project: Write | None = None
    language: str = ""
    variant: bool = False
    lines: Places | None = None

    def as_project(self) -> Target:
        """The same as a zip file that holds a project. Raises UnknownTarget where there are no projects."""
        if self.project is None:
            raise UnknownTarget(f"{self.name}.zip")
        return replace(self, suffix=".zip", media_type="application/zip", write=self.project, language="")


class UnknownTarget(ConveneError):
    code = "unknown_target"

    def __init__(self, name: str) -> None:
        super().__init__(text("export.unknown", to=name[:40]), text("export.unknown.remedy", known=", ".join(TARGETS)))


def target(name: str, version: str = "") -> Target:
    """The target of a name; `version` chooses among those of one format. `zip` is a project on our own engine. Raises UnknownTarget."""
    if name == "zip":
        return TARGETS["convene"].as_project()
    name = _ALSO.get(name, name)
    found = TARGETS.get(f"{name}-{_VERSIONS.get(version, version)}" if version else name)
    if found is None:
        raise UnknownTarget(f"{name} {version}".strip())
    return found


def offered() -> tuple[Target, ...]:
    """The targets that a person chooses among, in their order."""
    return tuple(each for each in TARGETS.values() if not each.variant)


def _nothing(document: FlowDocument) -> tuple[Finding, ...]:
    return ()


def _json(document: FlowDocument) -> bytes:
    from studio.formats.flow_json.write import to_json

    return to_json(document).encode()


def _convene(document: FlowDocument) -> bytes:
    from studio.formats.convene_python.file import to_file

    return to_file(document).encode()


def _convene_losses(document: FlowDocument) -> tuple[Finding, ...]:
    from studio.formats.convene_python.losses import losses

    return losses(document)


def _convene_project(document: FlowDocument) -> bytes:
    from studio.formats.convene_python.project import to_zip

    return to_zip(document)


def _autogen(document: FlowDocument) -> bytes:
    from studio.formats.autogen_python.write import to_autogen_python

    return to_autogen_python(document).encode()


def _autogen_losses(document: FlowDocument) -> tuple[Finding, ...]:
    from studio.formats.autogen_python.write import losses

    return losses(document)


def _classic(document: FlowDocument) -> bytes:
    from studio.formats.classic_python.write import to_classic

    return to_classic(document).encode()


def _classic_losses(document: FlowDocument) -> tuple[Finding, ...]:
    from studio.formats.classic_python.write import losses

    return losses(document)


def _classic_lines(document: FlowDocument) -> dict[str, list[tuple[int, int]]]:
    from studio.formats.classic_python.write import lines

    return lines(document)


def _agent_framework_lines(document: FlowDocument) -> dict[str, list[tuple[int, int]]]:
    from studio.formats.agent_framework.write import lines

    return lines(document)


def _agent_framework(document: FlowDocument) -> bytes:
    from studio.formats.agent_framework.write import to_agent_framework

    return to_agent_framework(document).encode()


def _agent_framework_losses(document: FlowDocument) -> tuple[Finding, ...]:
    from studio.formats.agent_framework.write import losses

    return losses(document)


def _autogen_json(version: str) -> tuple[Write, Losses]:
    def write(document: FlowDocument) -> bytes:
        from studio.formats.autogen_json.write import to_autogen

        return to_autogen(document, version).encode()

    def lost(document: FlowDocument) -> tuple[Finding, ...]:
        from studio.formats.autogen_json.write import losses

        return losses(document, version)

    return write, lost


def _mermaid(document: FlowDocument) -> bytes:
    from studio.formats.mermaid.write import to_mermaid

    return to_mermaid(document).encode()


def _mermaid_losses(document: FlowDocument) -> tuple[Finding, ...]:
    from studio.formats.mermaid.write import losses

    return losses(document)


def _project(name: str, write: Write, losses: Losses) -> Write:
    """The program of another framework as a project."""

    def zipped(document: FlowDocument) -> bytes:
        from studio.formats.python_text.project import project_of

        return project_of(document, name, write(document).decode(), losses(document))

    return zipped


def _picture(theme: Literal["light", "dark"]) -> tuple[Write, Losses]:
    def write(document: FlowDocument) -> bytes:
        from studio.formats.picture.write import to_svg

        return to_svg(document, theme).encode()

    return write, _picture_losses


def _png(theme: Literal["light", "dark"]) -> tuple[Write, Losses]:
    def write(document: FlowDocument) -> bytes:
        from studio.formats.picture.raster import to_png

        return to_png(document, theme)

    return write, _picture_losses


def _picture_losses(document: FlowDocument) -> tuple[Finding, ...]:
    from studio.formats.picture.write import losses

    return losses(document)


_PLAIN = "text/plain; charset=utf-8"
_JSON = "application/json"
_SVG = "image/svg+xml"
_PNG = "image/png"
_ALSO = {"python": "convene"}
_VERSIONS = {"0.6": "0.7", "0.6-0.7": "0.7", "0.6–0.7": "0.7", "0.7.5": "0.7", "0.5.7": "0.5"}

TARGETS: dict[str, Target] = {
    each.name: each
    for each in (
        Target("convene", ".py", _PLAIN, _convene, _convene_losses, _convene_project, "python"),
        Target("autogen", ".py", _PLAIN, _autogen, _autogen_losses, _project("autogen", _autogen, _autogen_losses), "python"),
        Target(
            "classic",
            ".py",
            _PLAIN,
            _classic,
            _classic_losses,
            _project("classic", _classic, _classic_losses),
            "python",
            lines=_classic_lines,
        ),
        Target(
            "agent-framework",
            ".py",
            _PLAIN,
            _agent_framework,
            _agent_framework_losses,
            _project("agent-framework", _agent_framework, _agent_framework_losses),
            "python",
            lines=_agent_framework_lines,
        ),
        Target("json", ".json", _JSON, _json, _nothing, language="json"),
        Target("autogen-json", ".autogen.json", _JSON, *_autogen_json("0.7"), language="json"),
        Target("autogen-json-0.7", ".autogen.json", _JSON, *_autogen_json("0.7"), language="json", variant=True),
        Target("autogen-json-0.5", ".autogen.json", _JSON, *_autogen_json("0.5"), language="json"),
        Target("mermaid", ".mmd", _PLAIN, _mermaid, _mermaid_losses, language="mermaid"),
        Target("svg", ".svg", _SVG, *_picture("light")),
        Target("svg-dark", ".svg", _SVG, *_picture("dark"), variant=True),
        Target("png", ".png", _PNG, *_png("light")),
        Target("png-dark", ".png", _PNG, *_png("dark"), variant=True),
    )
}
"""By the name that a person types."""
