"""Models that ask other models: drawn, checked, resolved and exported."""

from __future__ import annotations

from typing import Any

import pytest

from studio.engine.errors import FlowError
from studio.engine.models.best_of import BestOf
from studio.engine.models.fallback import FallbackModel
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.practice import PracticeModel
from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.edits.apply import apply_edit
from studio.flow.edits.model import Connect, EditRefused, Reorder
from studio.flow.ports import takes
from studio.flow.resolve import resolve
from studio.flow.view import graph_view


def node(key: str, kind: str, name: str = "", parent: str | None = None, **config: Any) -> Node:
    return Node(id=key, kind=kind, name=name or key, parent=parent, config=config)


def wire(source: str, target: str) -> Edge:
    return Edge(id=f"e_{source}_{target}", kind="model", source=source, target=target)


def two_models(*more: Node, edges: tuple[Edge, ...] = ()) -> FlowDocument:
    nodes = (
        node("t", "team"),
        node("a", "assistant", "ann", "t"),
        node("s", "max_turns", parent="t"),
        node("m", "openai", "fast", model="m"),
        node("p", "practice", "spare"),
        node("f", "fallback", "safe"),
    )
    return FlowDocument(nodes=(*nodes, *more), edges=(wire("f", "t"), wire("p", "f"), wire("m", "f"), *edges))


def codes(document: FlowDocument) -> set[str]:
    return {problem.code for problem in check(document)}


@pytest.mark.parametrize("kind", ["fallback", "best_of"])
def test_a_model_of_models_takes_several(kind: str) -> None:
    (taken,) = takes(kind)
    assert (taken.port, taken.categories, taken.many) == ("model", ("model",), True)


def test_the_wired_models_are_asked_in_the_order_of_the_drawing() -> None:
    assert resolve(two_models()).model == FallbackModel(models=(OpenAIModel(model="m"), PracticeModel()))


def orders(document: FlowDocument) -> dict[str, int | None]:
    return {edge["source"]: edge["order"] for edge in graph_view(document, ())["edges"]}


def test_the_wires_show_which_model_is_asked_first_and_the_order_can_be_changed() -> None:
    document = two_models()
    assert orders(document) == {"f": None, "p": 2, "m": 1}
    changed = apply_edit(document, Reorder(id="p", before="m"))
    assert orders(changed.document) == {"f": None, "p": 1, "m": 2}
    assert resolve(changed.document).model == FallbackModel(models=(PracticeModel(), OpenAIModel(model="m")))
    assert apply_edit(changed.document, changed.inverse).document == document


def test_one_model_alone_has_no_place_in_an_order() -> None:
    document = two_models()
    alone = document.model_copy(update={"edges": document.edges[:2]})
    assert orders(alone) == {"f": None, "p": None}


def test_they_may_lie_within_each_other_and_are_shared() -> None:
    nested = two_models(node("b", "best_of", keep="longest"), edges=(wire("f", "b"), wire("m", "b"), wire("b", "a")))
    own = resolve(nested).participants[0].model  # type: ignore[attr-defined]
    assert own == BestOf(models=(OpenAIModel(model="m"), FallbackModel(models=(OpenAIModel(model="m"), PracticeModel()))), keep="longest")
    assert own.models[0] is own.models[1].models[0]


def test_without_models_it_is_a_mistake_that_names_the_node() -> None:
    document = two_models().model_copy(update={"edges": (wire("f", "t"),)})
    assert "empty_models" in codes(document)
    with pytest.raises(FlowError, match="safe: has no models to ask"):
        resolve(document)


def test_a_model_cannot_be_wired_into_itself_by_any_way_round() -> None:
    document = two_models(node("b", "best_of"), edges=(wire("f", "b"),))
    with pytest.raises(EditRefused):
        apply_edit(document, Connect(edge=wire("b", "f")))
    circle = two_models(node("b", "best_of"), edges=(wire("f", "b"), wire("b", "f")))
    assert "model_loop" in codes(circle)
    with pytest.raises(FlowError, match="is one of its own models"):
        resolve(circle)


def test_a_practice_model_behind_a_list_still_says_so_and_nothing_is_unused() -> None:
    found = codes(two_models())
    assert "practice_model" in found
    assert not found & {"unused_model", "missing_model", "empty_models", "model_loop"}


def test_the_node_says_whom_it_asks() -> None:
    view = graph_view(two_models(), ())
    shown = next(each for each in view["nodes"] if each["id"] == "f")
    assert shown["line"] == "asks fast and spare"
