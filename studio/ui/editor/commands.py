"""What can be done in the editor by name or by key: one list for the command box, the shortcuts and the help sheet."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import reflex as rx

from components.shell import CommandEntry
from studio.texts import text
from studio.ui.editor.asking import ordered
from studio.ui.editor.changing import ChangingState
from studio.ui.editor.sharing import SharingState
from studio.ui.editor.state import EditorState
from studio.ui.editor.versions import VersionsState
from studio.ui.shared.shell_state import ShellState
from studio.ui.words import t

ACTIONS: tuple[tuple[str, str, str], ...] = (
    ("undo", "ui.bar.undo", "mod+z"),
    ("redo", "ui.bar.redo", "mod+shift+z"),
    ("arrange", "ui.bar.arrange_all", ""),
    ("problems", "ui.drawer.problems", ""),
    ("code", "ui.bar.code", ""),
    ("timeline", "ui.timeline.title", ""),
    ("files", "files.title", ""),
    ("runs", "ui.drawer.runs_of_flow", ""),
    ("versions", "ui.versions.title", ""),
    ("share", "ui.share.of_flow", ""),
    ("change", "ui.redraw.title", ""),
    ("inspector", "ui.side.inspector", ""),
    ("conversation", "ui.side.conversation", ""),
)
"""Commands of the editor: id, text key, shortcut. Those with a shortcut are heard by the canvas itself."""

HELP: list[tuple[str, list[tuple[str, str]]]] = [
    (
        "ui.help.run",
        [
            ("mod+Enter", "ui.help.run_it"),
            ("Enter", "ui.help.send"),
            ("alt+p", "ui.help.pause"),
            ("alt+s", "ui.help.step"),
        ],
    ),
    (
        "ui.help.canvas",
        [
            ("Enter", "ui.help.open_node"),
            ("c", "ui.help.connect"),
            ("Delete", "ui.help.remove"),
            ("mod+d", "ui.help.duplicate"),
            ("mod+c", "ui.help.copy"),
            ("mod+x", "ui.help.cut"),
            ("mod+v", "ui.help.paste"),
            ("mod+a", "ui.help.all"),
            ("Arrows", "ui.help.nudge"),
            ("1", "ui.help.fit"),
            ("+", "ui.help.zoom_in"),
            ("-", "ui.help.zoom_out"),
        ],
    ),
    ("ui.help.edit", [("mod+z", "ui.bar.undo"), ("mod+shift+z", "ui.bar.redo"), ("/", "ui.help.palette")]),
]


def actions() -> list[dict[str, Any]]:
    return [{"id": name, "title": t(key), "keys": shortcut} for name, key, shortcut in ACTIONS]


class CommandState(rx.State):
    """Hands the commands of the canvas, the transcript and the command box to who does them; changes are sent by the tab itself."""

    entries: list[CommandEntry] = []

    @rx.event
    async def run(self, flow: str, command: str) -> Any:
        match command:
            case "problems" | "code" | "timeline" | "files" | "runs":
                return EditorState.toggle_drawer(flow, command)
            case "versions":
                return VersionsState.show(flow)
            case "share":
                return SharingState.show(flow)
            case "change":
                return ChangingState.show(flow)
            case "add":
                return EditorState.show_view("palette")
            case "inspector" | "conversation":
                return EditorState.show_view(command)
            case "help":
                return ShellState.show_help
            case "palette":
                return [CommandState.list_nodes, ShellState.show_commands]
            case "commands":
                return CommandState.list_nodes
            case "resync":
                return EditorState.resync(flow)
            case "templates":
                return rx.redirect("/#templates")
            case "new_session":
                return EditorState.new_session
        if command.startswith("node:"):
            return EditorState.go_to([command.removeprefix("node:")])
        if command.startswith("run:"):
            return rx.redirect(f"/run/{quote(command.removeprefix('run:'))}")
        if command.startswith("account:"):
            return rx.redirect(f"/accounts?open={quote(command.removeprefix('account:'))}")
        return None

    @rx.event
    async def list_nodes(self) -> None:
        """The nodes of the flow, for the command box."""
        editor = await self.get_state(EditorState)
        group = text("ui.commands.nodes")
        self.entries = [
            {
                "id": f"node:{node['id']}",
                "group": group,
                "title": node["name"] or node["title"],
                "words": node["line"],
                "note": node["title"],
                "color": "",
                "keys": "",
            }
            for node in editor.nodes()
        ]


def on_command() -> list[Any]:
    """The handlers for `on_command` of the editor's parts: changes are made by the tab itself, the rest is the state's."""
    return [ordered(), lambda command: CommandState.run(EditorState.flow, command)]
