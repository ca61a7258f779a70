"""The page at an address that leads nowhere."""

from __future__ import annotations

import reflex as rx

from studio.ui.frame import frame
from studio.ui.shared.controls import empty, link
from studio.ui.words import t


def nowhere() -> rx.Component:
    """Says that there is no page, and leads to the flows."""
    return frame(
        rx.el.h1(t("ui.flow.missing"), class_name="sr-only"),
        empty("search-x", t("ui.nowhere.title"), t("ui.nowhere.hint"), link(t("ui.nav.flows"), href="/", look="button")),
        here="",
    )
