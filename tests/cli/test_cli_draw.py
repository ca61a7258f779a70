"""`convene draw`: a description in, a flow out, and what it cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Convene
from model_server import InTurn, ModelServer
from outlines import agent, outline, written

from studio.engine.models.presets import PRESETS
from studio.flow.checks import check
from studio.flow.upgrade import read_document


@pytest.fixture(autouse=True)
def no_accounts_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for preset in PRESETS:
        for name in (f"{preset.id.upper()}_API_KEY", f"{preset.id.upper()}_BASE_URL", *preset.keys, *preset.urls, *preset.models):
            monkeypatch.delenv(name, raising=False)


@pytest.fixture
def account(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    """A model server behind the account `openai`, which draws two agents."""
    for name, value in {"API_KEY": "sk-canary-0123456789", "BASE_URL": model_server.base_url, "MODEL": "gpt-4o-mini"}.items():
        monkeypatch.setenv(f"OPENAI_{name}", value)
    return model_server.script({"*": written(outline(agent("writer", tools=["web_search"]), agent("critic")))})


def test_a_description_becomes_a_flow_that_is_kept(convene: Convene, account: ModelServer) -> None:
    drawn = convene("draw", "A team that writes short texts", "--agents", 3)
    assert drawn.status == 0, drawn.err
    assert "'Short texts' is kept as a flow" in drawn.out
    assert "writer, an assistant: writer at work" in drawn.err
    assert "to decide: Agents may search the web" in drawn.err
    assert "Drawn by gpt-4o-mini:" in drawn.err
    assert "$0.00" in drawn.err
    assert convene("check", "Short texts").status == 0
    (asked,) = account.asked()
    assert "at most 3 agents" in asked.system
    assert "A team that writes short texts" in str(asked.messages[-1])


def test_what_was_asked_and_answered_is_among_the_runs_with_its_cost(convene: Convene, account: ModelServer) -> None:
    assert convene("draw", "A team that writes").status == 0
    (run,) = json.loads(convene("runs", "--json").out)
    assert (run["flow"], run["task"], run["status"]) == ("Drawing a team", "A team that writes", "done")
    assert run["cost"] > 0
    shown = convene("show", run["run"], "--json").rows
    assert [row["type"] for row in shown] == ["run_started", "message", "message", "run_finished"]
    assert "Short texts" in shown[2]["text"]


def test_with_a_path_it_is_a_flow_file(convene: Convene, account: ModelServer, tmp_path: Path) -> None:
    file = tmp_path / "team.json"
    assert convene("draw", "-", "-o", file, stdin=b"A team from standard input").status == 0
    document = read_document(file.read_bytes())
    assert not [problem for problem in check(document) if problem.level == "error"]
    assert "sk-canary" not in file.read_text()
    assert "A team from standard input" in str(account.asked()[0].messages[-1])
    to_out = convene("draw", "A team", "-o", "-")
    assert read_document(to_out.out.encode()).name == "Short texts"


def test_a_server_that_is_no_account_is_asked_too(convene: Convene, model_server: ModelServer) -> None:
    model_server.script({"*": written(outline())})
    drawn = convene("draw", "A team", "--base-url", model_server.base_url, "--model", "local-model")
    assert drawn.status == 0, drawn.err
    assert model_server.asked()[0].body["model"] == "local-model"
    assert "run the flow with the same --base-url" in drawn.err


@pytest.mark.parametrize("words", [("",), ("  ",), ("x" * 9_000,), ("A team", "--agents", "99"), ("A team", "--base-url", "ftp://x")])
def test_what_cannot_be_asked_is_bad_input(convene: Convene, account: ModelServer, words: tuple[str, ...]) -> None:
    refused = convene("draw", *words)
    assert refused.status == 2
    assert "Traceback" not in refused.err
    assert account.asked() == []


def test_without_an_account_it_says_that_practice_cannot_draw(convene: Convene) -> None:
    refused = convene("draw", "A team")
    assert refused.status == 2
    assert "the practice model only plays" in refused.err
    assert "Add a model account" in refused.err
    assert "no model account 'nobody'" in convene("draw", "A team", "--account", "nobody").err


def test_an_answer_that_is_no_team_fails_in_a_sentence_and_is_still_counted(convene: Convene, account: ModelServer) -> None:
    account.script({"*": "I would rather talk about the weather."})
    failed = convene("draw", "A team")
    assert failed.status == 1
    assert "answered 3 times, and no answer was a team" in failed.err
    assert "choose a more capable model" in failed.err
    (run,) = json.loads(convene("runs", "--json").out)
    assert run["status"] == "failed"
    assert convene("show", run["run"], "--json").rows[-1]["usage"]["calls"] == 3
    assert run["cost"] > 0


def test_a_refused_key_fails_and_does_not_show_it(convene: Convene, account: ModelServer) -> None:
    account.keys = {"sk-other"}
    failed = convene("draw", "A team")
    assert failed.status == 1
    assert "401" in failed.err
    assert "sk-canary" not in failed.err
    assert json.loads(convene("runs", "--json").out) == []


def test_a_first_answer_that_is_no_team_is_repaired(convene: Convene, account: ModelServer) -> None:
    account.script({"*": InTurn("No.", written(outline()))})
    assert convene("draw", "A team").status == 0
    assert len(account.asked()) == 2
