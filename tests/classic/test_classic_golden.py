"""The same script says the same things, whether it imports AutoGen 0.2.40 or AG2 0.9.10 (recorded) or studio.classic."""

from __future__ import annotations

import json

import pytest
from classic_scripts import GOLDEN, names, replies_of, run, served, text_of
from model_server import ModelServer


@pytest.mark.parametrize("name", names())
def test_a_script_runs_when_only_its_import_changes(name, monkeypatch):
    text = text_of(name)
    with ModelServer() as server:
        served(server, replies_of(text))
        monkeypatch.setenv("CLASSIC_BASE_URL", server.base_url)
        assert run(text, "studio.classic") == json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
