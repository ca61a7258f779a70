"""The place on the first page where a team is described in words, and drawn by a model."""

from __future__ import annotations

import reflex as rx

from studio.ui.home.describing import DescribingState
from studio.ui.home.state import HomeState
from studio.ui.shared.describe_form import describe_form
from studio.ui.words import t


def describe_section() -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h2(t("ui.draw.title")), rx.el.p(t("ui.draw.hint"), class_name="muted"), class_name="section-title"),
        describe_form(
            DescribingState,
            HomeState.accounts,
            HomeState.default_models,
            DescribingState.draw,
            label=t("ui.draw.title"),
            placeholder=t("ui.draw.placeholder"),
            go=t("ui.draw.draw"),
            working=t("ui.draw.working", model=DescribingState.by),
        ),
        class_name="section",
        data_testid="describe",
    )
