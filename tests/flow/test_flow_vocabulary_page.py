"""The page about the vocabulary: every kind stands in it, and every line of it is true."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import studio.engine as engine
from studio.engine.component import Component, kinds
from studio.engine.teams.filter import Hears
from studio.flow.catalogue.validation import validate_config
from studio.flow.kinds import DRAWN, NESTED, drawn_class

PAGE = (Path(__file__).parents[2] / "docs" / "vocabulary.md").read_text("utf-8")
ROW = re.compile(r"^\| [^|]+ \| [^|]+ \| `(?P<json>\{.+\})` \| `(?P<python>[A-Z].+)` \|$", re.MULTILINE)
ROWS = [(found["json"].replace("\\|", "|"), found["python"].replace("\\|", "|")) for found in ROW.finditer(PAGE)]


def names() -> dict[str, Any]:
    ann, bob = engine.Assistant(name="ann"), engine.Assistant(name="bob")
    return {name: getattr(engine, name) for name in engine.__all__} | {
        "Hears": Hears,
        "ann": ann,
        "bob": bob,
        "model": engine.OpenAIModel(),
    }


def test_every_kind_stands_in_it_once() -> None:
    told = [json.loads(held)["kind"] for held, _ in ROWS]
    wanted = [kind.kind for kind in DRAWN if kind.kind != "note"]
    wanted += [kind.kind for group in ("selection", "context", "embedding", "executor") for kind in NESTED[group]]
    assert not set(wanted) - set(told), "docs/vocabulary.md wants a line for each of these."
    assert sorted(told) == sorted(set(told) & set(wanted))


@pytest.mark.parametrize(("held", "python"), ROWS, ids=[json.loads(held)["kind"] for held, _ in ROWS])
def test_what_it_says_is_true_in_a_file_and_in_python(held: str, python: str) -> None:
    config = json.loads(held)
    kind = config.pop("kind")
    if drawn_class(kind) is not None:
        assert validate_config(kind, config) == {}
    else:
        kinds()[kind].model_validate(config)
    written = eval(python, names())
    assert isinstance(written, Component)
    assert written.kind == kind
    for name, value in config.items():
        assert json.loads(json.dumps(written.model_dump(mode="json")))[name] == value or isinstance(value, dict | list)


def test_the_readme_leads_to_it() -> None:
    assert "docs/vocabulary.md" in (Path(__file__).parents[2] / "README.md").read_text("utf-8")
