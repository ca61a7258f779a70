"""What lies over every page: whether the command box and the help sheet are open, and the flows that the box can go to."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.shell import CommandEntry
from studio.api.services import services
from studio.texts import text
from studio.ui.shared.notices import told

MOST_FLOWS = 300


class ShellState(rx.State):
    commands_open: bool = False
    help_open: bool = False
    flows: list[CommandEntry] = []

    @rx.event
    @told
    def show_commands(self) -> None:
        group = text("ui.commands.flows")
        self.flows = [
            {
                "id": f"go:/flow/{flow.id}",
                "group": group,
                "title": flow.name,
                "words": flow.description[:200],
                "note": "",
                "color": "",
                "keys": "",
            }
            for flow in services().flows.list()[:MOST_FLOWS]
        ]
        self.commands_open = True

    @rx.event
    def hide_commands(self) -> None:
        self.commands_open = False

    @rx.event
    def show_help(self) -> None:
        self.help_open = True

    @rx.event
    def hide_help(self) -> None:
        self.help_open = False

    @rx.event
    def choose(self, command: str) -> Any:
        """Does what every page can: `commands`, `help`, and `go:<path>`; other commands are the page's own."""
        if command == "commands":
            return ShellState.show_commands
        if command == "help":
            self.help_open = True
        if command.startswith("go:/"):
            return rx.redirect(command.removeprefix("go:"))
        return None
