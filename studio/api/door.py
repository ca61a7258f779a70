"""The plain page for a browser without a session: what to do, and a field for the token."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qsl

from studio.texts import text

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }}
body {{ max-width: 34rem; margin: 12vh auto; padding: 0 1.25rem }}
h1 {{ font-size: 1.25rem }}
input, button {{ font: inherit; padding: .4rem .6rem; border: 1px solid GrayText; border-radius: 6px }}
input {{ width: min(22rem, 100%); box-sizing: border-box }}
form {{ display: flex; flex-wrap: wrap; gap: .5rem; align-items: end }}
label {{ display: grid; gap: .25rem }}
[role=alert] {{ font-weight: 600 }}
</style></head><body><main>
<h1>{title}</h1>
{alert}<p>{what}</p><p>{how}</p>
<form method="get" action="{action}">{kept}<label>{label}<input name="auth" type="password" autocomplete="off" required autofocus></label>
<button>{button}</button></form>
<p><a href="{target}">{again}</a></p>
</main></body></html>
"""


def door_page(target: str, *, wrong: bool) -> str:
    """The page that asks for the token and then goes on to `target` (a path with its query)."""
    path, _, query = target.partition("?")
    kept = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in parse_qsl(query))
    return _PAGE.format(
        title=escape(text("auth.title")),
        alert=f'<p role="alert">{escape(text("auth.wrong_token"))}</p>' if wrong else "",
        what=escape(text("auth.what")),
        how=escape(text("auth.how")),
        action=escape(path),
        target=escape(target),
        kept=kept,
        label=escape(text("auth.token")),
        button=escape(text("auth.open")),
        again=escape(text("auth.again")),
    )
