"""`convene doctor` about models: libraries of their protocols, prices, and accounts that variables make."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Convene
from model_server import ModelServer


def findings(out: str) -> dict[str, dict[str, str]]:
    return {finding["what"]: finding for finding in json.loads(out)["findings"]}


def test_optional_libraries_are_told_with_what_to_install(convene: Convene, monkeypatch: pytest.MonkeyPatch) -> None:
    assert findings(convene("doctor", "--json").out)["Claude's protocol"]["level"] == "good"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    told = findings(convene("doctor", "--json").out)
    assert told["Claude's protocol"]["remedy"] == "Install it: pip install 'convene-studio[anthropic]'"
    assert told["Gemini's protocol"]["remedy"] == "Install it: pip install 'convene-studio[gemini]'"


def test_a_file_of_prices_that_cannot_be_used_is_told_with_its_place(
    convene: Convene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "prices.json"
    file.write_text('{"m": {"prompt": 1, "completion": 2}}')
    monkeypatch.setenv("CONVENE_PRICES", str(file))
    assert findings(convene("doctor", "--json").out)["Prices"]["says"] == "1 of your own from the file in CONVENE_PRICES"
    file.write_text("{")
    told = convene("doctor", "--json")
    assert told.status == 1
    assert "prices.json" in findings(told.out)["Prices"]["says"]
    assert findings(told.out)["Prices"]["remedy"]


def test_an_account_from_the_environment_is_asked(convene: Convene, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-1234567890abcdef")
    monkeypatch.setenv("GROQ_BASE_URL", model_server.base_url)
    told = findings(convene("doctor", "--json").out)
    assert told["Account groq"]["level"] == "good"
    assert model_server.requests[-1].headers["Authorization"] == "Bearer gsk-1234567890abcdef"
