"""What the palette offers: every kind that can be drawn, and each way to choose a speaker as a team of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from studio.engine.agents.assistant import Assistant
from studio.engine.agents.code_runner import CodeRunner
from studio.engine.component import Component, kinds
from studio.engine.memory.documents import Documents
from studio.flow.catalogue.titles import kind_summary, kind_title
from studio.flow.document import EdgeKind
from studio.flow.kinds import DRAWN, NESTED, Category, category, drawn_class
from studio.flow.names import default_name
from studio.flow.ports import Port, gives, takes
from studio.texts import catalogue, text

ENTRY_IDS: Mapping[str, str] = {"openai": "model", "python_tool": "tool", "text_mention": "stop"}
"""Entries that are called otherwise than their kind."""

COLORS: Mapping[str, int] = {"assistant": 0, "code_runner": 2}
"""The swatch of an entry; a human's colour is the category's own."""

GROUPS: tuple[tuple[str, tuple[Category, ...]], ...] = (
    ("agents", ("agent",)),
    ("teams", ("team",)),
    ("models", ("model",)),
    ("tools", ("tool", "memory")),
    ("stop", ("condition",)),
    ("notes", ("note",)),
)


COMMON: frozenset[str] = frozenset(
    {
        *("assistant", "human", "code_runner", "retrieval_agent"),
        *("team", "model_choice", "swarm", "graph", "planner", "society"),
        *("model", "practice"),
        *("tool", "mcp", "web_search", "files", "list_memory"),
        *("stop", "max_turns", "money_limit"),
        "note",
    }
)
"""Entries that are used most: the others of their group are unfolded, or searched for."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to drag onto the canvas: a node of `kind` with `config`. `id` is unique in the palette.

    `name` is what its node is called at first; `words` are other names under which people look for it; `common` says that it is seen
    without unfolding its group. `brings` come with it, each wired to it.
    """

    id: str
    kind: str
    category: Category
    title: str
    summary: str
    name: str = ""
    color: int | None = None
    config: dict[str, Any] = field(default_factory=dict)
    gives: EdgeKind | None = None
    takes: tuple[Port, ...] = ()
    words: str = ""
    common: bool = False
    brings: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    group: str
    title: str
    entries: tuple[Entry, ...]

    def to_dict(self) -> dict[str, Any]:
        """A group as the map's Catalogue has it."""
        return {"group": self.group, "title": self.title, "entries": [_as_json(entry) for entry in self.entries]}


def palette() -> list[Group]:
    """All groups in order; kinds that somebody else registered stand after the studio's own of their category."""
    own = [item.kind for item in DRAWN]
    known = own + [kind for kind in kinds() if kind not in own and drawn_class(kind) is not None]
    return [
        Group(
            name,
            text(f"palette.{name}"),
            tuple(entry for kind in known if category(kind) in categories for entry in _entries(kind)),
        )
        for name, categories in GROUPS
    ]


def _entries(kind: str) -> list[Entry]:
    found = drawn_class(kind)
    if found is None:
        return []
    if kind == CodeRunner.kind:
        return [_entry(kind, found, {}), _retrieval_agent()]
    if kind != "team":
        return [_entry(ENTRY_IDS.get(kind, kind), found, {})]
    first, *others = NESTED["selection"]
    return [
        _entry("team", found, {}, shown=first),
        *(_entry(item.kind, found, {"selection": {"kind": item.kind}}, shown=item) for item in others),
    ]


def _retrieval_agent() -> Entry:
    """An assistant that comes with documents, to which files are added."""
    prompt = {"system_message": text("palette.entry.retrieval_agent.prompt")}
    return replace(_entry("retrieval_agent", Assistant, prompt), brings=(_entry(Documents.kind, Documents, {}),))


def _entry(entry_id: str, component: type[Component], config: dict[str, Any], shown: type[Component] | None = None) -> Entry:
    shown = shown or component
    return Entry(
        id=entry_id,
        kind=component.kind,
        category=category(component.kind),
        title=catalogue().get(f"palette.entry.{entry_id}.title", kind_title(shown)),
        summary=catalogue().get(f"palette.entry.{entry_id}.summary", kind_summary(shown)),
        name=default_name(component.kind),
        color=COLORS.get(component.kind),
        config=config,
        gives=gives(component.kind),
        takes=takes(component.kind),
        words=catalogue().get(f"palette.entry.{entry_id}.words", ""),
        common=entry_id in COMMON,
    )


def _as_json(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": entry.kind,
        "category": entry.category,
        "title": entry.title,
        "summary": entry.summary,
        "name": entry.name,
        "color": entry.color,
        "config": entry.config,
        "gives": entry.gives,
        "takes": ports_as_json(entry.takes),
        "words": entry.words,
        "common": entry.common,
        "brings": [_as_json(each) for each in entry.brings],
    }


def ports_as_json(ports: tuple[Port, ...]) -> list[dict[str, Any]]:
    """Ports as the browser's rule table has them."""
    return [{"port": item.port, "categories": list(item.categories), "many": item.many} for item in ports]
