"""Every text of the pages is in the catalogue, and the catalogue holds no text that nobody shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import reflex as rx

from studio.texts import catalogue
from studio.ui.words import counted, t

ROOT = Path(__file__).parents[2]
SOURCES = [*(ROOT / "studio/ui").rglob("*.py"), *(ROOT / "assets/studio/shell").rglob("*.js*")]
WRITTEN = "\n".join(path.read_text("utf-8") for path in SOURCES)
PLURAL = (".one", ".few", ".many", ".other", ".zero", ".two")


def test_a_text_that_nobody_wrote_is_refused_when_the_page_is_made():
    with pytest.raises(KeyError, match=r"ui\.nothing"):
        t("ui.nothing")


def test_a_text_is_looked_up_in_the_browser():
    spoken = t("ui.home.more", name=rx.Var("flow.name", _var_type=str))
    assert str(spoken) == '(t("ui.home.more", ({ ["name"] : flow.name })))'
    assert "$/public/studio/texts.js" in dict(spoken._get_all_var_data().imports)


def test_a_count_has_a_form_for_every_number():
    with pytest.raises(KeyError, match=r"ui\.home\.more\.other"):
        counted("ui.home.more", 3)


def test_every_key_that_is_written_out_is_in_the_catalogue():
    keys = set(re.findall(r"""\bt(?:ext)?\(\s*["'](ui\.[\w.]+)["']""", WRITTEN))
    keys |= {f"{key}.other" for key in re.findall(r"""\bcounted\(\s*["'](ui\.[\w.]+)["']""", WRITTEN)}
    assert keys - catalogue().keys() == set()
    assert len(keys) > 100


def test_no_text_is_left_over():
    whole = set(re.findall(r"""["'`](ui\.[\w.]+)["'`]""", WRITTEN))
    keys = re.findall(r"""f["'](ui\.[^"']*\{[^"']*)["']""", WRITTEN) + re.findall(r"`(ui\.[^`]*\{[^`]*)`", WRITTEN.replace("${", "{"))
    patterns = [re.compile(re.sub(r"\\\{[^}]*\\\}", r"[\\w.]+", re.escape(key))) for key in keys]

    def used(key: str) -> bool:
        base = next((key.removesuffix(form) for form in PLURAL if key.endswith(form)), key)
        return key in whole or base in whole or any(pattern.fullmatch(key) for pattern in patterns)

    assert [key for key in catalogue() if key.startswith("ui.") and not used(key)] == []


def test_a_text_that_is_shown_without_facts_has_no_place_for_any():
    drawn = "\n".join(path.read_text("utf-8") for path in (ROOT / "assets/studio").rglob("*.js*"))
    keys = set(re.findall(r"""\bt\(\s*["']([\w.]+)["']\s*\)""", drawn))
    assert len(keys) > 100
    assert {key: catalogue().get(key) for key in keys if "{" in catalogue().get(key, "{missing}")} == {}


def test_plural_texts_name_the_count():
    for key, text in catalogue().items():
        if key.startswith("ui.") and key.endswith(".other"):
            assert "{count}" in text, key
