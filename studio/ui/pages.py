"""All pages of the studio and their addresses."""

from __future__ import annotations

import reflex as rx

from studio.texts import text
from studio.ui.accounts.page import accounts
from studio.ui.accounts.state import AccountsState
from studio.ui.editor.page import editor, run_page
from studio.ui.editor.state import EditorState
from studio.ui.history.page import history
from studio.ui.history.state import HistoryState
from studio.ui.home.describing import DescribingState
from studio.ui.home.page import home
from studio.ui.home.state import HomeState
from studio.ui.memories.page import memories
from studio.ui.memories.state import MemoriesState
from studio.ui.nowhere import nowhere
from studio.ui.theme import dress


def add_pages(app: rx.App) -> None:
    """Adds every page to the app, and the look that they share."""
    dress(app)
    name = text("app.name")
    app.add_page(home, route="/", title=name, on_load=[HomeState.open, DescribingState.open])
    app.add_page(history, route="/runs", title=f"{text('ui.runs.title')} · {name}", on_load=HistoryState.open)
    app.add_page(accounts, route="/accounts", title=f"{text('ui.accounts.title')} · {name}", on_load=AccountsState.open)
    app.add_page(memories, route="/memories", title=f"{text('ui.memories.title')} · {name}", on_load=MemoriesState.open)
    app.add_page(nowhere, route="404", title=f"{text('ui.flow.missing')} · {name}", description="")
    title = rx.cond(EditorState.name != "", EditorState.name + " · " + name, name)
    app.add_page(editor, route="/flow/[flow_id]", title=title, on_load=EditorState.open)
    app.add_page(run_page, route="/run/[run_id]", title=title, on_load=EditorState.open_run)
