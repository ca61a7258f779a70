"""The small pieces that pages are built from: dialog, menu, panel grip, shortcuts, command box, times, imports, fonts."""

from __future__ import annotations

from typing import Any, TypedDict

import reflex as rx

FONTS = ["@fontsource-variable/inter@5.3.0", "@fontsource-variable/jetbrains-mono@5.3.0"]
"""Which the style sheets import."""


class Binding(TypedDict):
    """One keyboard shortcut: `keys` like `mod+shift+z`; `always` works while somebody types in a field too."""

    keys: str
    id: str
    always: bool


class CommandEntry(TypedDict):
    """One line of the command box. `words` are searched but not shown; `color` is a CSS colour or empty."""

    id: str
    group: str
    title: str
    words: str
    note: str
    color: str
    keys: str


class Ahead(rx.Component):
    """Fetches the parts of the editor before they are needed, and draws nothing."""

    library = "$/public/studio/shell/ahead.js"
    lib_dependencies: list[str] = FONTS
    tag = "Ahead"


class Alive(rx.Component):
    """Says when the page is alive, and draws nothing: until then the browser keeps what is clicked and pressed."""

    library = "$/public/studio/shell/alive.jsx"
    tag = "Alive"

    parts: rx.Var[list[str]]
    """The names of the parts that come later than the page itself."""

    drawing: rx.Var[str]
    """What the page draws; it is there when the address ends with it."""

    loaded: rx.Var[bool]
    """Whether the server has done what it does when the page is opened: before, it would undo what is pressed."""


class Dialog(rx.Component):
    """A modal dialog: focus stays inside it, Escape and a click beside it ask to close."""

    library = "$/public/studio/shell/dialog.jsx"
    tag = "Dialog"
    open: rx.Var[bool]
    title: rx.Var[str]
    kind: rx.Var[str]
    test_id: rx.Var[str]
    on_close: rx.EventHandler[rx.event.no_args_event_spec]


class Menu(rx.Component):
    """A button with a list of actions below it. `face` is what the button shows; the children are `role=menuitem` elements."""

    library = "$/public/studio/shell/menu.jsx"
    tag = "Menu"
    label: rx.Var[str]
    face: rx.Var[rx.Component]
    look: rx.Var[str]
    align: rx.Var[str]
    test_id: rx.Var[str]
    on_open: rx.EventHandler[rx.event.no_args_event_spec]


class Grip(rx.Component):
    """The movable line before a panel; it sets a CSS length on the nearest ancestor that matches `target`."""

    library = "$/public/studio/shell/grip.jsx"
    tag = "Grip"
    name: rx.Var[str]
    label: rx.Var[str]
    variable: rx.Var[str]
    initial: rx.Var[int]
    min: rx.Var[int]
    max: rx.Var[int]
    axis: rx.Var[str]
    target: rx.Var[str]


class Keys(rx.Component):
    """A key combination as this person's keyboard spells it; `hidden` from screen readers where a control says it by itself."""

    library = "$/public/studio/shell/shortcuts.jsx"
    tag = "Keys"
    keys: rx.Var[str]
    hidden: rx.Var[bool]


class Shortcuts(rx.Component):
    """Listens to the page's keys and says which binding was pressed."""

    library = "$/public/studio/shell/shortcuts.jsx"
    tag = "Shortcuts"
    bindings: rx.Var[list[Binding]]
    on_press: rx.EventHandler[rx.event.passthrough_event_spec(str)]


class CommandBox(rx.Component):
    """Search or do: finds among its entries and says the id of the chosen one."""

    library = "$/public/studio/shell/commands.jsx"
    tag = "CommandBox"
    open: rx.Var[bool]
    entries: rx.Var[list[CommandEntry]]
    on_choose: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    on_close: rx.EventHandler[rx.event.no_args_event_spec]


class Ago(rx.Component):
    """A moment in words, kept true while the page is open. `time` is ISO 8601."""

    library = "$/public/studio/shell/ago.jsx"
    tag = "Ago"
    time: rx.Var[str]


class DropImport(rx.Component):
    """A button that imports a chosen file, and the whole page as a place to drop one or to paste text.

    `on_imported` says the first flow, how many flows there were, and how many runs came with them.
    """

    library = "$/public/studio/shell/drop_import.jsx"
    tag = "DropImport"
    label: rx.Var[str]
    on_imported: rx.EventHandler[rx.event.passthrough_event_spec(str, int, int)]
    on_refused: rx.EventHandler[rx.event.passthrough_event_spec(str, str)]


class Rename(rx.Component):
    """A flow's title, which is renamed where it stands, by `Saved`."""

    library = "$/public/studio/shell/rename.jsx"
    tag = "Rename"
    flow: rx.Var[str]
    value: rx.Var[str]
    label: rx.Var[str]
    test_id: rx.Var[str]


class Saved(rx.Component):
    """Whether everything that was changed in this tab is saved; what is not is sent, and sent again after the page was loaded anew."""

    library = "$/public/studio/shell/saved.jsx"
    tag = "Saved"

    flow: rx.Var[str]

    time: rx.Var[str]
    """When the flow was changed last, as ISO 8601."""

    taken: rx.Var[list[str]]
    """The ids of the changes that the server took or refused last."""

    on_changes: rx.EventHandler[rx.event.passthrough_event_spec(list[dict[str, Any]])]
    """The changes that are to be made, the oldest first: [{id, change, again}], `again` where a page before this one sent them."""

    on_refused: rx.EventHandler[rx.event.passthrough_event_spec(str, str)]
    """(text, remedy): why a change was not made that was too large for the page's socket."""


class Notice(TypedDict):
    """A short message: `id` tells it from the one before, `level` is done or error.

    `undo` is what `on_undo` is told when the person takes back what the message tells; empty where nothing can be taken back.
    `page` is the path of the page that it was made on: no other one shows it.
    """

    id: str
    level: str
    text: str
    remedy: str
    undo: str
    page: str


class Notices(rx.Component):
    """Shows every message that `latest` becomes on its own page, for some seconds, in a strip that makes room for itself."""

    library = "$/public/studio/shell/notices.jsx"
    tag = "Notices"
    latest: rx.Var[Notice]
    on_undo: rx.EventHandler[rx.event.passthrough_event_spec(str)]


class Abreast(rx.Component):
    """Draws nothing; says when the flow is not as the page shows it any more, and when the person comes back to this tab."""

    library = "$/public/studio/shell/abreast.jsx"
    tag = "Abreast"

    flow: rx.Var[str]
    """The flow that the page shows; empty where it shows none."""

    rev: rx.Var[int]
    """The revision that it shows; -1 where the flow is gone."""

    on_news: rx.EventHandler[rx.event.no_args_event_spec]
