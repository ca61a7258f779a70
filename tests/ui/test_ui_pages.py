"""Every page can be made, and every control on it can be named by a screen reader."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import reflex as rx
from reflex_components_core.base.bare import Bare

from studio.texts import text
from studio.ui.accounts.page import accounts
from studio.ui.editor.page import editor, run_page
from studio.ui.history.page import history
from studio.ui.home.page import home
from studio.ui.memories.page import memories
from studio.ui.nowhere import nowhere
from studio.ui.shared.notices import broken

PAGES = [home, history, accounts, memories, editor, run_page, nowhere]


def parts(component: Any) -> Iterator[Any]:
    """A component and everything in it, also what it is given as a property."""
    yield component
    for child in [*component.children, *getattr(component, "_get_components_in_props", list)()]:
        yield from parts(child)


def says(component: Any) -> bool:
    return any(isinstance(part, Bare) for part in parts(component)) or any("Var" in type(part).__name__ for part in parts(component))


def named(component: Any) -> bool:
    attributes = {**component.custom_attrs}
    return "aria-label" in attributes or "aria_label" in attributes or says(component)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_every_button_and_link_has_a_name(page: Callable[[], rx.Component]):
    pressed = [part for part in parts(page()) if str(getattr(part, "tag", "")) in ("button", "a", "Link", "ReactRouterLink")]
    assert len(pressed) > 3
    assert [str(part)[:300] for part in pressed if not named(part) and part.custom_attrs.get("aria-hidden") is None] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_every_input_has_a_name(page: Callable[[], rx.Component]):
    whole = page()
    labelled = {id(part) for label in parts(whole) if str(getattr(label, "tag", "")) == "label" for part in parts(label)}
    inputs = [part for part in parts(whole) if str(getattr(part, "tag", "")) in ("input", "select", "textarea")]
    hidden = [part for part in inputs if "hidden" in str(getattr(part, "type", ""))]
    assert [
        str(part)[:300] for part in inputs if part not in hidden and id(part) not in labelled and "aria-label" not in part.custom_attrs
    ] == []


def test_all_addresses_of_the_studio_are_there():
    from studio.app import app  # Reflex allows one application a process

    assert set(app._unevaluated_pages) >= {"index", "runs", "accounts", "memories", "flow/[flow_id]", "run/[run_id]"}
    assert app.theme is None
    assert app.toaster is None
    assert app.backend_exception_handler is broken


def test_an_event_that_broke_is_told_in_a_notice_without_its_traceback():
    told = broken(ZeroDivisionError("division by zero"))
    said = " ".join(str(value) for _, value in told.args)
    assert text("api.broken") in said
    assert "division" not in said


@pytest.mark.parametrize(
    ("told", "is_fault"),
    [
        ("[Reflex Frontend Exception]\n ResizeObserver loop completed with undelivered notifications.\n", False),
        ("Attempting to send delta to disconnected client", False),
        ("[Reflex Frontend Exception]\n TypeError: x is undefined\n", True),
    ],
)
def test_the_terminal_tells_of_faults_only(told: str, is_fault: bool):
    from studio.app import tells_of_a_fault

    record = logging.LogRecord("reflex.app", logging.ERROR, __file__, 1, told, None, None)
    assert tells_of_a_fault(record) is is_fault
