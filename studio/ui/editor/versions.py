"""The kept states of a flow: what changed since, a name for one, and the way back to it."""

from __future__ import annotations

from typing import Any, TypedDict

import reflex as rx

from components.shell import Ago, Dialog
from studio.api.services import services
from studio.texts import text
from studio.ui.editor.asking import changes
from studio.ui.editor.state import EditorState
from studio.ui.shared.controls import button
from studio.ui.shared.notices import done, told
from studio.ui.shared.times import iso
from studio.ui.words import t


class VersionRow(TypedDict):
    number: int
    name: str
    at: str
    summary: str


class VersionsState(rx.State):
    """Read anew whenever the dialog is opened."""

    flow: str = ""
    is_open: bool = False
    versions: list[VersionRow] = []
    looked_at: int = 0
    changes: list[str] = []

    @rx.event
    @told
    def show(self, flow: str) -> Any:
        self.flow, self.looked_at, self.changes = flow, 0, []
        self._read()
        self.is_open = True

    def _read(self) -> None:
        self.versions = [
            {"number": each.number, "name": each.name, "at": iso(each.at), "summary": each.summary}
            for each in services().flows.versions(self.flow)
        ]

    @rx.event
    def hide(self) -> None:
        self.is_open = False

    @rx.event
    @told
    def look_at(self, flow: str, number: int) -> Any:
        """What changed from a version to now."""
        if self.looked_at == number:
            self.looked_at = 0
            return
        self.looked_at = number
        self.changes = services().flows.changes(flow, number) or [text("ui.versions.same")]

    @rx.event
    @told
    def keep(self, form: dict[str, Any]) -> Any:
        """Keeps the flow as it is now under the name that was written."""
        name = str(form.get("name") or "").strip()
        if not name:
            return None
        services().flows.name_version(str(form.get("flow") or self.flow), name)
        self._read()
        return done(text("ui.versions.kept", name=name))


def versions_dialog() -> rx.Component:
    return Dialog.create(
        rx.el.form(
            rx.el.input(type="hidden", name="flow", value=VersionsState.flow),
            rx.el.input(
                name="name",
                class_name="input grow",
                max_length=200,
                placeholder=t("ui.versions.name"),
                aria_label=t("ui.versions.name"),
                auto_complete="off",
                data_testid="version-name",
            ),
            button(t("ui.versions.keep"), type="submit", test="version-keep"),
            class_name="row",
            on_submit=VersionsState.keep,
            reset_on_submit=True,
        ),
        rx.el.ol(rx.foreach(VersionsState.versions, version_line), class_name="versions", data_testid="versions"),
        open=VersionsState.is_open & (VersionsState.flow == EditorState.flow),
        title=t("ui.versions.title"),
        test_id="versions-dialog",
        on_close=VersionsState.hide,
    )


def version_line(version: rx.Var[VersionRow]) -> rx.Component:
    number = version["number"].to(int)
    return rx.el.li(
        rx.el.div(
            rx.el.span("v", number, class_name="muted number version-number"),
            rx.el.div(
                rx.cond(version["name"] != "", rx.el.p(version["name"], class_name="strong"), rx.fragment()),
                rx.el.p(version["summary"], class_name="small-text"),
                rx.el.p(Ago.create(time=version["at"]), class_name="muted small-text"),
                class_name="grow",
            ),
            button(
                t("ui.versions.changes"),
                look="small quiet",
                aria_expanded=VersionsState.looked_at == number,
                on_click=VersionsState.look_at(VersionsState.flow, number),
            ),
            button(
                t("ui.versions.restore"),
                look="small",
                aria_label=t("ui.versions.restore_named", number=number),
                on_click=[changes({"type": "version", "number": number}), VersionsState.hide],
            ),
            class_name="row top",
        ),
        rx.cond(
            VersionsState.looked_at == number,
            rx.el.ul(rx.foreach(VersionsState.changes, lambda sentence: rx.el.li(sentence)), class_name="version-changes"),
            rx.fragment(),
        ),
        class_name="version",
    )
