"""How the studio looks: its style sheets, its fonts, and the theme that stands before the first picture is drawn."""

from __future__ import annotations

from pathlib import Path

import reflex as rx

from studio.ui.shared.controls import icon, menu, menu_item
from studio.ui.words import t

STYLESHEETS = [
    f"studio/{name}.css"
    for name in (
        *("fonts", "theme", "controls", "form", "pages", "editor", "overlays"),
        *("run_controls", "canvas", "canvas_far", "transcript", "palette", "code", "run_files"),
    )
]
"""What every page is dressed with. A style sheet that comes with a script holds that script up, and is loaded once more by the next one."""

BEFORE_FIRST_PAINT = """
(function () {
  var theme = localStorage.getItem("theme") || "system";
  if (theme === "system") theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  var root = document.documentElement;
  root.classList.remove("light", "dark");
  root.classList.add(theme);
  root.style.colorScheme = theme;
})();
"""

EARLY = Path(__file__).parents[2] / "assets/studio/shell/early.js"
"""What must run before any bundle stands in the pages themselves, so that none waits for it. Built pages hold it without this file."""


def head() -> list[rx.Component]:
    """What every page's head carries."""
    return [
        rx.el.link(rel="icon", type="image/svg+xml", href="/favicon.svg"),
        rx.el.meta(name="viewport", content="width=device-width, initial-scale=1, viewport-fit=cover"),
        rx.el.meta(name="color-scheme", content="light dark"),
        rx.el.script(BEFORE_FIRST_PAINT),
        rx.el.script(EARLY.read_text("utf-8") if EARLY.is_file() else ""),
    ]


def theme_menu() -> rx.Component:
    """Light, dark, or as the system has it; kept in this browser."""
    return menu(
        t("ui.theme.title"),
        *(
            menu_item(
                t(f"ui.theme.{mode}"),
                icon_name=picture,
                look=rx.cond(rx.style.color_mode == mode, "chosen", ""),
                on_click=rx.style.set_color_mode(mode),
            )
            for mode, picture in (("light", "sun"), ("dark", "moon"), ("system", "monitor"))
        ),
        face=icon("sun-moon"),
        test="theme",
    )


def dress(app: rx.App) -> None:
    """Gives the app its look. Reflex' own theme, messages and connection banner stay out: the frame has ours."""
    app.theme = None
    app.toaster = None
    app.stylesheets = [*app.stylesheets, *STYLESHEETS]
    app.head_components = [*app.head_components, *head()]
    app.app_wraps = {place: wrap for place, wrap in app.app_wraps.items() if place[1] == "ErrorBoundary"}
