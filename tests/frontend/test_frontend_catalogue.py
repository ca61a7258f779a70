"""The texts that go to the browser: every one that a page can ask for, and none of those that only the server says."""

from __future__ import annotations

import re
from pathlib import Path

from studio.frontend.plugin import ASKED_BY_PAGES, shown
from studio.texts import catalogue

ROOT = Path(__file__).parents[2]
BROWSER = [path for folder in ("assets", "components") for path in (ROOT / folder).rglob("*.js*") if path.is_file()]
PAGES = [*BROWSER, *(path for folder in ("components", "studio/ui") for path in (ROOT / folder).rglob("*.py"))]
IN_QUOTES = re.compile(r"""["'`]([a-z_]+\.[\w.]*[{$]?)""")
SAID_BY_THE_SERVER = re.compile(r"""\btext\(\s*["'][^"']*["']""")
LOOKED_UP = re.compile(r"""(?<![\w.$])(?:t|counted)\(\s*([^"'`\s].*)""")
CHOICE = re.compile(r"""[^?]*\?\s*["'`][a-z_]+\.""")


def asked(quoted: str) -> bool:
    """Whether it can be a key: a text of the catalogue, the beginning of one that is put together, or of one that is said of a number."""
    begun = quoted.rstrip("{$")
    return any(key == quoted or key.startswith(begun if begun != quoted else f"{quoted}.") for key in catalogue())


def test_whatever_a_page_names_is_sent_to_it() -> None:
    found = {quoted for path in PAGES for quoted in IN_QUOTES.findall(SAID_BY_THE_SERVER.sub("", path.read_text("utf-8")))}
    assert {quoted.partition(".")[0] for quoted in found if asked(quoted)} == ASKED_BY_PAGES


def test_nothing_is_looked_up_by_a_key_that_came_from_elsewhere() -> None:
    """So that the test above sees whatever is asked for."""
    found = {(path.name, told) for path in BROWSER for told in LOOKED_UP.findall(path.read_text("utf-8"))}
    variables = {(name, re.split(r"\W", told)[0]) for name, told in found if not CHOICE.match(told)}
    assert variables == {
        ("texts.js", "key"),
        ("texts.js", "chosen"),
        ("run_controls.jsx", "label"),  # what the buttons there are given
        ("shape.jsx", "wrong"),  # what `shape.js` finds
        ("turn.jsx", "ordered"),  # a function next to it
    }


def test_the_browser_gets_whole_texts_and_less_than_half_of_them() -> None:
    assert shown().items() <= catalogue().items()
    assert 2 * len(shown()) < len(catalogue())
