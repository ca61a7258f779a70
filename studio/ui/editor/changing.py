"""The open flow, changed by a sentence: a dialog in which a model is told what is to be otherwise."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.shell import Dialog
from studio.api.services import services
from studio.flow.redrawn import Undescribable, described
from studio.library.drawing import usual_models
from studio.texts import text
from studio.ui.editor.state import EditorState
from studio.ui.shared.controls import button, icon
from studio.ui.shared.describe_form import describe_form
from studio.ui.shared.describing import Describing
from studio.ui.shared.drawings import OpenDrawing
from studio.ui.shared.notices import done, told
from studio.ui.words import t


class ChangingState(Describing, rx.State):
    """Read anew whenever the dialog is opened; a change goes on when it is closed."""

    flow: str = ""
    is_open: bool = False
    accounts: list[str] = []
    default_models: dict[str, str] = {}
    refused: str = ""
    """Why this flow cannot be changed like this."""

    @rx.event
    @told
    def show(self, flow: str) -> Any:
        """Opens the dialog for a flow."""
        if not self._goes_on() and flow != self.flow:
            self.wish = self.trouble = self.remedy = self.open_account = ""
            self.flow = flow
        house = services()
        self.default_models = usual_models(house.accounts.list())
        self.accounts = list(self.default_models)
        self.refused = ""
        try:
            described(house.flows.get(self.flow).document)
        except Undescribable as refused:
            self.refused = f"{refused.sentence} {refused.remedy}"
        self.is_open = True
        return ChangingState.follow if self.drawing else None

    @rx.event
    def hide(self) -> None:
        self.is_open = False

    @rx.event
    @told
    def change(self, form: dict[str, Any]) -> Any:
        """Lets the chosen account's model change the flow."""
        return ChangingState.follow if self._begin(form, self.flow) else None

    def _arrived(self, made: OpenDrawing, flow: str) -> Any:
        self.is_open = False
        return done(made.drawing.outcome + ". " + text("ui.redraw.undo"))


def change_button() -> rx.Component:
    """Opens the dialog, from the flow's own form."""
    return button(
        icon("pencil-ruler", 14),
        t("ui.redraw.title"),
        look="small change-button",
        test="change-button",
        on_click=ChangingState.show(EditorState.flow),
    )


def changing_dialog() -> rx.Component:
    return Dialog.create(
        rx.cond(
            ChangingState.refused != "",
            rx.el.p(ChangingState.refused, class_name="muted", data_testid="change-refused"),
            rx.fragment(
                rx.el.p(t("ui.redraw.about"), class_name="muted"),
                describe_form(
                    ChangingState,
                    ChangingState.accounts,
                    ChangingState.default_models,
                    ChangingState.change,
                    label=t("ui.redraw.title"),
                    placeholder=t("ui.redraw.placeholder"),
                    go=t("ui.redraw.change"),
                    working=t("ui.redraw.working", model=ChangingState.by),
                    look="bare",
                ),
            ),
        ),
        open=ChangingState.is_open,
        title=t("ui.redraw.title"),
        test_id="change-dialog",
        on_close=ChangingState.hide,
    )
