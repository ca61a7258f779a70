"""How a tab follows its flow while other tabs, imports and processes change it: by patches, with a word where something went."""

from __future__ import annotations

from typing import Any

import reflex as rx

from studio.api.services import services
from studio.library.errors import FlowMissing
from studio.library.flows import OpenFlow
from studio.texts import text
from studio.ui.editor.forms import NOTHING
from studio.ui.editor.shown import Shown
from studio.ui.shared.notices import NoticeState, told


class Following(Shown, mixin=True):
    """`deleted` is the flow that the address names, when it was deleted and can be brought back."""

    trouble: str = ""
    deleted: str = ""
    accounts: list[str] = []
    selected: list[str] = []

    def _show_change(self, opened: OpenFlow, *, others: bool = False) -> Any:
        raise NotImplementedError

    def _show_gone(self, flow: str, missing: FlowMissing) -> None:
        """Says that there is no such flow, and whether it can be brought back."""
        self.trouble, self.flow, self.graph, self.rev = missing.sentence, "", {}, -1
        self.deleted = flow if any(each.id == flow for each in services().flows.deleted()) else ""

    @rx.event
    @told
    def catch_up(self, flow: str) -> Any:
        """Shows what others changed meanwhile: another tab, an import, another process."""
        if not flow or flow not in (self.flow, self.deleted) or (self.readonly and flow == self.flow):
            return None
        try:
            opened = services().flows.get(flow)
        except FlowMissing as missing:
            self._show_gone(flow, missing)
            return None
        if flow == self.deleted:
            return type(self).open
        self.accounts = [account.name for account in services().accounts.list()]
        if opened.rev == self.rev:
            return None
        chosen = self.form["id"]
        name = str(self.form["name"] or self.form["title"])
        after = [self._show_change(opened, others=True)]
        if chosen and self.form["id"] == NOTHING["id"]:
            self.selected, self._chosen = [], ""
            after.append(NoticeState.tell("error", text("ui.flow.chosen_gone", name=name), text("ui.flow.gone_remedy")))
        return [each for each in after if each is not None]
