"""The edits themselves: one frozen class a change, told apart by `type`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from studio.engine.errors import ConveneError
from studio.flow.bounds import Unbounded, check_json, place
from studio.flow.document import MAX_EDGES, MAX_NODES, Edge, FlowDocument, Node
from studio.flow.wellformed import MAX_COORDINATE
from studio.texts import text

Coordinate = Annotated[float, Field(ge=-MAX_COORDINATE, le=MAX_COORDINATE, allow_inf_nan=False)]
Length = Annotated[float, Field(gt=0, le=MAX_COORDINATE, allow_inf_nan=False)]
NodeIds = Annotated[tuple[str, ...], Field(max_length=MAX_NODES)]


class EditRefused(ConveneError):
    """A change that does not fit the drawing; nothing was changed. `where` names the node, the wire or the part of the edit."""

    code = "edit_refused"

    def __init__(self, why: str, where: str = "", remedy: str = "") -> None:
        super().__init__(why, remedy)
        self.where = where


class _Edit(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Add(_Edit):
    """Put whole nodes and wires into the drawing: a drop, a paste, a duplicate. Empty names are filled, taken ones made unique."""

    type: Literal["add"] = "add"
    nodes: Annotated[tuple[Node, ...], Field(max_length=MAX_NODES)] = ()
    edges: Annotated[tuple[Edge, ...], Field(max_length=MAX_EDGES)] = ()


class Remove(_Edit):
    """Take nodes and wires out; members of removed teams and wires of removed nodes go with them."""

    type: Literal["remove"] = "remove"
    nodes: NodeIds = ()
    edges: Annotated[tuple[str, ...], Field(max_length=MAX_EDGES)] = ()


class Moved(_Edit):
    """Where a node lies now, in pixels of its parent; without `parent` it stays where it is a member."""

    id: str
    x: Coordinate
    y: Coordinate
    parent: str | None = None


class Move(_Edit):
    type: Literal["move"] = "move"
    moves: Annotated[tuple[Moved, ...], Field(max_length=MAX_NODES)]


class Resize(_Edit):
    type: Literal["resize"] = "resize"
    id: str
    x: Coordinate
    y: Coordinate
    width: Length
    height: Length


class Connect(_Edit):
    """Draw a wire. Where only one fits, it takes the old one's place."""

    type: Literal["connect"] = "connect"
    edge: Edge


class Arrow(_Edit):
    """Set what a wire says; None returns a field to its default.

    An arrow of a graph says its condition, what that means, its join and group; the wire of an agent that is a tool what its calls share.
    """

    type: Literal["arrow"] = "arrow"
    id: str
    values: Annotated[dict[str, Any], Field(max_length=20)]


class Configure(_Edit):
    """Set fields. None returns a field to its default; a path such as `executor.timeout` sets one field of a nested component."""

    type: Literal["configure"] = "configure"
    id: str
    values: Annotated[dict[str, Any], Field(max_length=200)]


class Rename(_Edit):
    """Give a node another name; fields of other nodes that mention an agent's old name follow."""

    type: Literal["rename"] = "rename"
    id: str
    name: Annotated[str, Field(max_length=200)]


class Rekind(_Edit):
    """Make it another kind of the same category; fields that both have are kept, wires that no longer fit go."""

    type: Literal["rekind"] = "rekind"
    id: str
    kind: Annotated[str, Field(max_length=64)]


class Reorder(_Edit):
    """Put a node right before another one, or last: the order of a team's members is the order of their turns.

    That of the models which another model asks is the order of asking.
    """

    type: Literal["reorder"] = "reorder"
    id: str
    before: str | None = None


class Describe(_Edit):
    type: Literal["describe"] = "describe"
    name: Annotated[str, Field(max_length=200)] | None = None
    description: Annotated[str, Field(max_length=5_000)] | None = None
    sample_tasks: Annotated[tuple[Annotated[str, Field(max_length=20_000)], ...], Field(max_length=100)] | None = None


class Replace(_Edit):
    """Another document in the place of this one: a restored version, an import."""

    type: Literal["replace"] = "replace"
    document: FlowDocument


class RestoredNode(_Edit):
    """How a node was: its place in the document's order, and itself; None when it was not there."""

    id: str
    at: Annotated[int, Field(ge=0, le=MAX_NODES)] = 0
    node: Node | None = None


class RestoredEdge(_Edit):
    id: str
    at: Annotated[int, Field(ge=0, le=MAX_EDGES)] = 0
    edge: Edge | None = None


class Restore(_Edit):
    """Put nodes, wires and the description back exactly as they were: what undoes another edit."""

    type: Literal["restore"] = "restore"
    nodes: Annotated[tuple[RestoredNode, ...], Field(max_length=2 * MAX_NODES)] = ()
    edges: Annotated[tuple[RestoredEdge, ...], Field(max_length=2 * MAX_EDGES)] = ()
    name: Annotated[str, Field(max_length=200)] | None = None
    description: Annotated[str, Field(max_length=5_000)] | None = None
    sample_tasks: tuple[Annotated[str, Field(max_length=20_000)], ...] | None = None


class Several(_Edit):
    """Edits that are one change: all of them or none."""

    type: Literal["several"] = "several"
    edits: Annotated[tuple[Edit, ...], Field(max_length=1_000)]


Edit = Annotated[
    Add | Remove | Move | Resize | Connect | Arrow | Configure | Rename | Rekind | Reorder | Describe | Replace | Restore | Several,
    Field(discriminator="type"),
]

Several.model_rebuild()
_adapter: TypeAdapter[Edit] = TypeAdapter(Edit)
_TYPES = frozenset(item.model_fields["type"].default for item in get_args(get_args(Edit)[0]))


def parse_edit(raw: Any) -> Edit:
    """The edit that a JSON object means. Raises EditRefused with the place of the mistake."""
    try:
        check_json(raw, "edit")
        return _adapter.validate_python(raw)
    except Unbounded as error:
        raise EditRefused(error.sentence, error.where) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = place(("edit", *(item for item in first["loc"] if item not in _TYPES)))
        raise EditRefused(text("edit.unreadable", where=where, why=first["msg"]), where) from None
