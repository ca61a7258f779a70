"""Texts for pages: `t(key)` is looked up in the browser, so that a change of language needs no new page."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.utils.imports import ImportVar
from reflex.vars import VarData

from studio.texts import catalogue

TEXTS = "$/public/studio/texts.js"


def t(key: str, /, **facts: Any) -> rx.Var[str]:
    """The text of `key` as a browser expression; facts may be vars. Raises KeyError for a key that nobody wrote."""
    _known(key)
    if not facts:
        return _spoken("t", f'"{key}"')
    filled = rx.Var.create(facts)
    return _spoken("t", f'"{key}", {filled!s}', filled)


def counted(key: str, count: Any) -> rx.Var[str]:
    """The text for `count` things, in the form that the language has for the number. Raises KeyError without `key.other`."""
    _known(f"{key}.other")
    number = rx.Var.create(count)
    return _spoken("counted", f'"{key}", {number!s}', number)


def _known(key: str) -> None:
    if key not in catalogue():
        raise KeyError(f"studio/texts/en.json has no text '{key}'")


def _spoken(function: str, arguments: str, *parts: rx.Var[Any]) -> rx.Var[str]:
    found = VarData(imports={TEXTS: [ImportVar(tag=function)]})
    data = VarData.merge(found, *(part._get_all_var_data() for part in parts))
    return rx.Var(f"({function}({arguments}))", _var_type=str, _var_data=data).to(str)
