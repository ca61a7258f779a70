"""Bringing in AutoGen's files over HTTP: flows with their reports, runs that can be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from autogen_databases import conversation, database
from autogen_samples import assistant, model, sample, team, written
from starlette.testclient import TestClient

from studio.api.imports import file_title
from studio.api.services import services
from studio.engine.session_thread import thread_of


@pytest.fixture(autouse=True)
def no_account_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def bring(browser: TestClient, content: bytes, name: str = "") -> dict[str, Any]:
    answer = browser.post("/api/import", params={"name": name}, content=content)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_team_of_autogen_becomes_a_flow_with_its_report(browser: TestClient) -> None:
    made = bring(browser, sample("head-0.6.4-selector-team.json"))
    document = services().flows.get(made["flow"]).document
    assert document.name == made["name"] == "Selector Team"
    assert made["decisions"] == 2
    report = services().reports.of(made["flow"])
    assert report is not None
    ids = {node.id for node in document.nodes}
    assert report["format"] == "AutoGen 0.6–0.7.5"
    assert all(set(finding["nodes"]) <= ids for finding in report["findings"])
    assert {"decision", "approximated", "exact"} == {finding["level"] for finding in report["findings"]}


def test_a_flow_without_a_name_is_called_after_its_file(browser: TestClient) -> None:
    assert bring(browser, written(model()), "C:\\models\\my model.json")["name"] == "my model"


@pytest.mark.parametrize(
    ("name", "title"),
    [("a.json", "a"), ("../../x/b.c.json", "b.c"), ("\u202e\x00gnp.exe", "gnp"), ("", ""), ("plain", "plain"), (".env", ".env")],
)
def test_the_name_of_a_file_is_only_a_name(name: str, title: str) -> None:
    assert file_title(name) == title


def test_what_an_account_settles_is_not_asked_for(browser: TestClient) -> None:
    crew = written(team(assistant("a"), assistant("b"), max_turns=3))
    assert bring(browser, crew)["decisions"] == 1
    services().accounts.save("openai", provider="openai", base_url=None, default_model="", key="sk-test-000000000000")
    assert bring(browser, crew)["decisions"] == 0


def test_a_gallery_becomes_several_flows(browser: TestClient) -> None:
    gallery = {"components": {"teams": [team(assistant("a"), name="one"), team(assistant("b"), name="two")]}}
    made = bring(browser, written(gallery))
    assert [flow["name"] for flow in made["flows"]] == ["one", "two"]
    assert made["flow"] == made["flows"][0]["flow"]


def test_a_database_brings_its_flows_and_their_runs(browser: TestClient, tmp_path: Path) -> None:
    content = database(tmp_path / "ags.db", conversation(team(assistant("ann"), assistant("bob")))).read_bytes()
    made = bring(browser, content, "autogen04203.db")
    assert made["runs"] == 2
    newest, oldest = services().runs.list(flow_id=made["flow"])
    assert (oldest.status, oldest.task, oldest.flow) == ("done", "What is 1 + 1?", "crew")
    assert (newest.status, oldest.session) == ("failed", newest.session)
    assert oldest.started.year == 2025
    assert oldest.tokens == 54
    events: list[Any] = services().runs.events(oldest.id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert "It is 2. 中文" in [getattr(event, "text", "") for event in thread_of(events)]
    assert services().runs.document(oldest.id) == services().flows.get(made["flow"]).document


def test_a_database_whose_teams_are_gone_brings_its_runs_alone(browser: TestClient, tmp_path: Path) -> None:
    rows = conversation(team(assistant("ann"))) | {"team": []}
    made = bring(browser, database(tmp_path / "ags.db", rows).read_bytes(), "autogen04203.db")
    assert (made["flow"], made["flows"], made["runs"]) == ("", [], 2)
    assert [run.flow for run in services().runs.list()] == ["Sums", "Sums"]


def test_a_report_goes_when_it_is_put_aside_and_with_its_flow(browser: TestClient) -> None:
    flow = bring(browser, sample("old-ags-0.4.0-team.json"))["flow"]
    services().reports.put_aside(flow)
    assert services().reports.of(flow) is None
    assert services().reports.of("nobody") is None


@pytest.mark.parametrize(
    "body", [b"hello", b"\x89PNG\r\n\x1a\n", b'{"a": 1}', b"SQLite format 3\x00", b"\xff" * 6_000_000, b"[" * 1_000_000]
)
def test_what_is_no_flow_is_refused_with_a_sentence_and_keeps_nothing(browser: TestClient, body: bytes) -> None:
    answer = browser.post("/api/import", content=body)
    assert answer.status_code == 422
    assert answer.json()["text"]
    assert services().flows.list() == []


def test_a_flow_goes_out_to_autogen_and_says_what_is_lost(browser: TestClient) -> None:
    flow = bring(browser, sample("ui-export-roundrobin-team.json"))["flow"]
    answer = browser.get(f"/api/flows/{flow}/export", params={"to": "autogen-json-0.5"})
    assert answer.headers["content-disposition"].startswith('attachment; filename="roundrobin_team.autogen.json"')
    assert json.loads(answer.text)["config"]["participants"][0]["component_version"] == 1
    losses = browser.get(f"/api/flows/{flow}/losses", params={"to": "autogen-json"}).json()
    assert [finding["code"] for finding in losses["findings"]] == ["lost_sandbox"]
