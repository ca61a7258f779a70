"""A flow while it is being read from a script: every finding has its line, and what nobody knows is kept with its source."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from studio.flow.findings import Finding, ForeignFileError, Imported, Level, Place
from studio.formats.autogen_components.envelope import ELSEWHERE, Envelope
from studio.formats.autogen_components.reading import Reading, holds_secrets
from studio.formats.autogen_components.source import Piece, Span
from studio.formats.foreign_script.functions import is_framework
from studio.formats.foreign_script.images import TaskImage
from studio.formats.foreign_script.unreached import MAX_NAMED, Unreached, makes_agents
from studio.formats.python_reading.script import Script, imported_at
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Class, Function, Record, walk
from studio.texts import text

BETA = "autogen.beta"
"""AG2's other framework, whose agents are made and asked in another way than its classic ones."""

MAX_KEPT = 60_000
"""Characters of source that one node holds."""


class NobodyFound(ForeignFileError):
    """A script in which no agent is made, as far as can be told without running it, or only with a framework that is not read.

    `left` are the calls to which following it did not lead.
    """

    def __init__(self, script: Script, left: Sequence[Unreached] = ()) -> None:
        beta = next((line for line, module in imported_at(script.source.tree) if f"{module}.".startswith(f"{BETA}.")), 0)
        maker = next((some for some in left if makes_agents(some)), None)
        made = [record for record in script.records if record.of is None and is_framework(record.callee) and record.method[:1].isupper()]
        if beta:
            super().__init__(text("script.beta", module=BETA, line=beta), _line(beta), text("script.unknown.remedy"))
        elif maker is not None:
            line = maker.spot.line
            why = text("script.nobody_led", names=maker.said, line=line, function=maker.function or text("script.whole"))
            super().__init__(why, _line(line), text("script.nobody_led.remedy"))
        elif made:
            names, line = list(dict.fromkeys(record.method for record in made)), made[0].spot.line
            why = text("script.nobody_but", names=", ".join(names[:MAX_NAMED]), line=line)
            super().__init__(why, _line(line), text("script.nobody.remedy"))
        else:
            super().__init__(text("script.nobody"), "", text("script.nobody.remedy"))


def _line(line: int) -> str:
    return text("python.line", line=line)


@dataclass(frozen=True, slots=True)
class ScriptPiece(Piece):
    """A script. `places` tell where the values stand whose pointers a reader made up; `beside` what belongs to a place, by its start."""

    places: dict[str, Spot] = field(default_factory=dict)
    beside: dict[int, str] = field(default_factory=dict)

    def spans(self, wanted: Collection[str]) -> dict[str, Span]:
        found = {}
        for pointer in wanted:
            if (spot := self.places.get(pointer)) is not None:
                found[pointer] = Span(spot.start, spot.end, spot.line)
            elif pointer.startswith("/@"):
                start, end, line = (int(part) for part in pointer[2:].partition("/")[0].split("-"))
                found[pointer] = Span(start, end, line)
        return found

    def original(self, span: Span) -> str:
        return self.whole(span)[:MAX_KEPT]

    def whole(self, span: Span) -> str:
        """A piece of the script with what belongs to it."""
        kept = self.text[span.start : span.end]
        around = self.beside.get(span.start, "")
        return f"{around}\n\n{kept}\n" if around else kept


_NO_NAME = re.compile(r"[\[\]{}\"'\n]")
"""What stands in a piece of the script, and in no name."""

BUILDERS = frozenset(("AgentBuilder",))
"""Classes that let a model make up the agents of a team when the script runs."""

ANSWERS = frozenset(("generate_reply", "a_generate_reply", "on_messages", "on_messages_stream", "run", "run_stream"))
"""Methods that make an agent what it is: a class that has one of its own is no agent of the class that it inherits from."""


_LOOKS = frozenset(name for name in dir(str) if not name.startswith("_")) | {"get", "items", "keys", "values"}


def answers_itself(record: Record) -> bool:
    """Whether a call makes an object of a class of the script's own that answers in a way of its own."""
    return record.definition is not None and bool(ANSWERS & set(record.definition.members))


def only_looks(record: Record) -> bool:
    """Whether a call only looks at what another one gave, its words for instance: like printing it, that is no part of a team."""
    return record.of is not None and record.method in _LOOKS


def _is_lambda(value: Class | Function) -> bool:
    return isinstance(value, Function) and value.is_lambda


def at(spot: Spot) -> str:
    """The pointer of a place in a script."""
    return f"/@{spot.start}-{spot.end}-{spot.line}"


class ScriptReading(Reading):
    """Collects one flow of a script. Its pointers are places in the text; in the report they are lines alone."""

    unknown_kind: ClassVar[str] = "python"

    def __init__(self, script: Script, form: str) -> None:
        self.piece = ScriptPiece(script.source.text)
        super().__init__(self.piece, form)
        self.script = script
        self._changed: set[int] = set()
        self._images: list[TaskImage] = []

    def tell(
        self,
        level: Level,
        code: str,
        spot: Spot | str,
        nodes: tuple[str, ...] = (),
        *,
        remedy: bool = False,
        subject: str = "",
        **facts: Any,
    ) -> None:
        """A finding with the sentence `script.<code>` of the catalogue."""
        key = f"script.{code}"
        cure = text(f"{key}.remedy", **facts) if remedy else ""
        where = spot if isinstance(spot, str) else at(spot)
        self.findings.add(Finding(level, code, text(key, **facts), cure, nodes, Place(where), subject))

    def keep(
        self, name: str, spot: Spot, *, what: str = "", beside: Iterable[Any] = (), parent: str | None = None, code: str = "kept"
    ) -> str:
        """Draws a piece of Python that has no counterpart as a node that holds its source, and gives the node's id.

        `beside` are the functions and classes of the script that belong to it; anything else among them says nothing. `code` is that
        of the finding.
        """
        if _NO_NAME.search(name):
            # What is called was looked up, or is what another call gave.
            name = text("autogen.something")
        sources = [each.source.rstrip() for each in beside if isinstance(each, Class | Function) and not _is_lambda(each)]
        if sources:
            self.piece.beside[spot.start] = "\n\n\n".join(sources)
        node = self.node(f"{self.unknown_kind}:{name[:48]}", (what or name)[:200], {"provider": name[:300]}, parent)
        self._originals[node] = at(spot)
        code = "kept_builder" if name.rpartition(".")[2] in BUILDERS else code
        self.tell("decision", code, spot, (node,), remedy=True, what=name[:120])
        return node

    def keep_beside(self, start: int, source: str, name: str = "") -> None:
        """Adds a piece of the script, and the variable that holds it, to what is kept from a place on."""
        around = self.piece.beside.get(start, "")
        if source not in around:
            written = f"{name} = {source}" if name else source
            self.piece.beside[start] = f"{around}\n\n{written}" if around else written

    def keeps(self, definition: Class) -> bool:
        """Whether a class stands beside what was drawn of it."""
        return id(definition) in self._changed

    def beside(self, definition: Class) -> None:
        """Keeps a class beside what was drawn of it, once."""
        if id(definition) not in self._changed:
            self._changed.add(id(definition))
            kept = self.node(f"{self.unknown_kind}:{definition.name[:48]}", definition.name[:200], {"provider": definition.name[:300]})
            self._originals[kept] = at(definition.spot)

    def changed(self, record: Record, node: str, actor: str = "") -> None:
        """Tells of an agent of a class of the script's own, and keeps what the class changes beside it.

        `actor` is the name of one that is understood by what its class does, and is no agent of the framework's own.
        """
        definition = record.definition
        if definition is not None:
            self.beside(definition)
        if definition is not None and "__init__" in definition.members:
            # What its constructor is given stands before the class: the constructor may hand on only part of it.
            call = self.piece.text[record.spot.start : record.spot.end]
            calls = self.piece.beside.get(definition.spot.start, "").split("\n\n")
            self.piece.beside[definition.spot.start] = "\n\n".join(dict.fromkeys((*filter(None, calls), call)))
        if actor:
            what = definition.name if definition is not None else record.callee
            code = "actor" if definition is not None else "actor_elsewhere"
            self.tell("approximated", code, record.spot, (node,), name=actor, what=what)
        elif definition is not None:
            name = self.name_of(node)
            self.tell("decision", "subclass", record.spot, (node,), remedy=True, name=name, what=definition.name, base=record.method)

    def unknown(self, found: Envelope | None, value: Any, at: str, parent: str | None = None) -> str:
        """Keeps a piece of the script as it stands, with the class that it makes an object of; it runs nothing."""
        provider = found.provider.removeprefix("script.") if found is not None else text("autogen.something")
        elsewhere = provider.startswith(f"{ELSEWHERE}.")
        provider = provider.removeprefix(f"{ELSEWHERE}.")
        own = found.config.get("name") if found is not None else None
        name = provider.rpartition(".")[2]
        config = {"provider": provider[:300], "component_type": found.type if found is not None else ""}
        title = own if isinstance(own, str) and own else name
        node = self.node(f"{self.unknown_kind}:{name[:48]}", title[:200], config, parent)
        self._originals[node] = at
        code = "kept_name" if elsewhere else "kept_server" if name == "McpWorkbench" else "kept"
        self.tell("decision", code, at, (node,), remedy=True, what=provider[:120])
        if holds_secrets(value):
            self.say("decision", "secret_kept", at, (node,), what=name[:80], remedy=True)
        return node

    def pictured(self, images: Iterable[TaskImage]) -> set[int]:
        """Takes images of the flow's tasks and messages, which are told in the end, and gives the ids of the calls that make them."""
        given = list(images)
        self._images += given
        records = [record for image in given for record in image.records]
        for record in records:
            record.take(*range(len(record.args)), *record.kwargs)
        return {id(record) for record in records}

    def _tell_images(self) -> None:
        """Who speaks by a model sees the images of its messages in AutoGen too, so all assistants do."""
        seeing = tuple(node.id for node in self.nodes if node.kind == "assistant")
        if any(image.how in ("address", "content") for image in self._images):
            for node in seeing:
                self.put(node, {**self.config_of(node), "named_images": True})
        for image in self._images:
            match image.how:
                case "address":
                    self.tell("approximated", "image_address", image.spot, seeing, address=image.name)
                case "content":
                    self.tell("exact", "image_content", image.spot, seeing)
                case "file":
                    self.tell("decision", "image_file", image.spot, seeing, remedy=True, file=image.name)
                case "large":
                    self.tell("decision", "image_large", image.spot, seeing, remedy=True)
                case "unknown":
                    source = " ".join(self.piece.text[image.spot.start : image.spot.end].split())[:120]
                    self.tell("decision", "image_unknown", image.spot, seeing, remedy=True, source=source)

    # What was said so far, and what of the script is in the flow ------------------------------------------------------------

    def told_spans(self) -> list[tuple[str, str, Span]]:
        """The findings with their codes, their sentences and the pieces of the script that they are about."""
        said = list(self.findings.kept.values())
        spans = self.piece.spans({each.place.pointer for each in said})
        return [(each.code, each.text, span) for each in said if (span := spans.get(each.place.pointer)) is not None]

    def kept_spans(self) -> list[tuple[int, int]]:
        """From where to where the script is kept as it stands."""
        return sorted((span.start, span.end) for span in self.piece.spans(set(self._originals.values())).values())

    def code(self) -> Iterator[str]:
        """The texts of the flow in which code of the script may stand."""
        yield from self.piece.beside.values()
        for node in self.nodes:
            for value in walk(dict(self.config_of(node.id))):
                if isinstance(value, str) and "(" in value:
                    yield value

    def finish(self, name: str, description: str = "", sample_tasks: tuple[str, ...] = ()) -> Imported:
        """The flow with its report; what was cut off is told first."""
        if self.script.cut:
            self.tell("decision", "cut", "", remedy=True)
        if self.script.deep:
            self.tell("decision", "deep", "", remedy=True)
        for node, pointer in self._originals.items():
            span = self.piece.spans((pointer,)).get(pointer)
            if span is not None and len(self.piece.whole(span)) > MAX_KEPT:
                self.tell("decision", "source_cut", pointer, (node,), remedy=True, limit=f"{MAX_KEPT:,}")
        self._tell_images()
        imported = super().finish(name, description, sample_tasks)
        told: dict[tuple[Any, ...], Finding] = {}
        for each in imported.report.findings:
            key = (each.code, each.text, each.place.line)
            nodes = (*told[key].nodes, *each.nodes) if key in told else each.nodes
            told[key] = replace(each, place=Place("", each.place.line), nodes=tuple(dict.fromkeys(nodes)))
        return Imported(imported.document, replace(imported.report, findings=tuple(told.values())))

    def drawn_at(self) -> list[tuple[int, int, str]]:
        """From where to where each node came, the shortest pieces of the script first."""
        found = [(pointer, node) for node, (_, pointer) in self._came.items()] + [(at, node) for node, at in self._originals.items()]
        spans = self.piece.spans({pointer for pointer, _ in found})
        pieces = [(span.start, span.end, node) for pointer, node in found if (span := spans.get(pointer)) is not None]
        return sorted(pieces, key=lambda piece: (piece[1] - piece[0], piece[2]))

    def _pointed(self) -> dict[tuple[str, ...], Finding]:
        drawn = self.drawn_at()
        return {key: self._around(finding, drawn) for key, finding in self.findings.kept.items()}

    def _around(self, finding: Finding, drawn: list[tuple[int, int, str]]) -> Finding:
        span = self.piece.spans((finding.place.pointer,)).get(finding.place.pointer)
        if finding.nodes or span is None:
            return finding
        around = next((node for start, end, node in drawn if start <= span.start and span.end <= end), None)
        return replace(finding, nodes=(around,)) if around is not None else finding

    def nodes_at(self, pointers: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The nodes that were drawn for the values at these pointers, or for what they lie in."""
        drawn = {place: node for node, (_, place) in self._came.items()}
        found: dict[str, tuple[str, ...]] = {}
        for pointer in pointers:
            above = pointer
            while above and above not in drawn:
                above = above.rpartition("/")[0]
            found[pointer] = (drawn[above],) if above in drawn else ()
        return found
