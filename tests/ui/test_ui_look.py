"""The tokens hold what they promise: text can be read in both themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from studio.ui.theme import STYLESHEETS

ASSETS = Path(__file__).parents[2] / "assets"
THEME = (ASSETS / "studio/theme.css").read_text("utf-8")


def tokens(selector: str) -> dict[str, str]:
    block = THEME.split(f"{selector} {{", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


GROUNDS = ("ground", "panel", "raised", "soft")
PAIRS = [
    *((text, ground) for text in ("text", "muted", "problem", "error", "human", "accent-text") for ground in GROUNDS),
    *((text, "code") for text in ("text", "code-keyword", "code-string", "code-name", "code-number", "code-comment")),
    *((text, "mark") for text in ("text", "code-keyword", "code-string", "code-name", "code-number", "code-comment")),
    ("on-accent", "accent"),
    ("accent-text", "accent-soft"),
    ("problem", "problem-soft"),
    ("error", "error-soft"),
    ("human", "human-soft"),
    ("muted", "human-soft"),
    ("panel", "human"),
]


@pytest.mark.parametrize("selector", [":root", ":root.dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read_on_its_ground(selector: str, text: str, ground: str):
    known = tokens(selector)
    assert contrast(known[text], known[ground]) >= 4.5


@pytest.mark.parametrize("selector", [":root", ":root.dark"])
@pytest.mark.parametrize("agent", range(8))
def test_an_agents_colour_is_seen_on_every_ground(selector: str, agent: int):
    known = tokens(selector)
    assert all(contrast(known[f"agent-{agent}"], known[ground]) >= 3 for ground in GROUNDS)


def test_both_themes_name_the_same_colours():
    assert tokens(":root").keys() == tokens(":root.dark").keys()


def test_every_token_that_a_style_sheet_uses_is_defined_somewhere():
    sheets = {path: path.read_text("utf-8") for path in (ASSETS / "studio").rglob("*.css")}
    scripts = "".join(path.read_text("utf-8") for path in (ASSETS / "studio").rglob("*.js*"))
    python = "".join(path.read_text("utf-8") for path in (Path(__file__).parents[2] / "studio/ui").rglob("*.py"))
    defined = {name for sheet in sheets.values() for name in re.findall(r"(--[\w-]+)\s*:", sheet)}
    defined |= set(re.findall(r"[\"'](--[\w-]+)[\"']", scripts + python))
    missing = {
        (path.name, name)
        for path, sheet in sheets.items()
        for name in re.findall(r"var\((--[\w-]+)\)", sheet)
        if name not in defined and not name.startswith("--xy-")
    }
    assert not missing


def test_every_style_sheet_of_the_app_is_there():
    assert [name for name in STYLESHEETS if not (ASSETS / name).is_file()] == []


def test_no_style_sheet_comes_with_a_script():
    assert {f"studio/{path.name}" for path in (ASSETS / "studio").glob("*.css")} == set(STYLESHEETS)
    scripts = [path for path in (ASSETS / "studio").rglob("*.js*") if re.search(r"import .*\.css\"", path.read_text("utf-8"))]
    assert scripts == []


def test_no_style_sheet_asks_another_server():
    for path in (ASSETS / "studio").rglob("*.css"):
        addresses = [found for found in re.findall(r"url\(\s*[\"']?([^)\"']+)", path.read_text("utf-8")) if not found.startswith("data:")]
        assert all("//" not in address for address in addresses), path
