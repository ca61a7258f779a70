"""A flow that is changed by a sentence from the editor: what the dialog knows, and what it says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from model_server import ModelServer
from outlines import agent, outline, written

from studio.api.services import Services
from studio.library.templates import template
from studio.ui.editor.changing import ChangingState
from studio.ui.shared import drawings


@pytest.fixture(autouse=True)
def no_drawing_is_left() -> Iterator[None]:
    yield
    drawings._open.clear()


def opened(house: Services, name: str) -> ChangingState:
    """The dialog, open for a flow of a template."""
    chosen = template(name)
    assert chosen is not None
    state = ChangingState(_reflex_internal_init=True)  # type: ignore[call-arg]
    state.show(house.flows.create(chosen.document))
    return state


async def test_a_sentence_changes_the_flow_and_the_dialog_closes(studio_services: Services, model_server: ModelServer):
    studio_services.accounts.save("mine", base_url=model_server.base_url, key="sk-canary-0123456789", default_model="gpt-4o-mini")
    model_server.script({"*": written(outline(agent("planner"), agent("coder")))})
    state = opened(studio_services, "engineering-team")
    assert (state.is_open, state.refused, state.default_models) == (True, "", {"mine": "gpt-4o-mini"})
    state.change({"wish": "Leave the others out.", "account": "mine"})
    made = drawings.take(state.drawing)
    assert made is not None
    await asyncio.wait({made.task})
    assert state._ended(made) == state.flow
    assert state._arrived(made, state.flow) is not None
    assert not state.is_open
    names = [node.name for node in studio_services.flows.get(state.flow).document.nodes if node.kind in ("assistant", "code_runner")]
    assert names == ["planner", "coder"]


def test_a_flow_with_more_to_it_says_why(studio_services: Services):
    assert "Change it on the canvas" in opened(studio_services, "board-of-advisers").refused


def test_what_was_said_of_one_flow_is_not_there_for_another(studio_services: Services):
    state = opened(studio_services, "debate")
    state.wish, state.trouble = "Somebody more", "It went wrong."
    first = state.flow
    state.hide()
    state.show(first)
    assert (state.wish, state.trouble) == ("Somebody more", "It went wrong.")
    chosen = template("press-release")
    assert chosen is not None
    state.show(studio_services.flows.create(chosen.document))
    assert (state.wish, state.trouble) == ("", "")
