"""`convene import` and `convene export` with AutoGen's files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from autogen_databases import conversation, database
from autogen_samples import SAMPLES, assistant, sample, team, written
from command_line import Convene

TEAM = SAMPLES / "ui-export-roundrobin-team.json"


def test_an_autogen_team_is_kept_and_the_report_says_where(convene: Convene) -> None:
    imported = convene("import", TEAM)
    assert imported.status == 0
    assert "'RoundRobin Team' is kept as a flow" in imported.out
    assert "This was AutoGen 0.5.5–0.5.7." in imported.err
    assert "to decide: “calculator” holds Python code" in imported.err
    assert "(line 47 · /config/participants/0/config/workbench/config/tools/0/config/source_code)" in imported.err
    assert convene("check", "RoundRobin Team").status == 0


def test_standard_input_and_a_path_for_the_flow_file(convene: Convene, tmp_path: Path) -> None:
    output = tmp_path / "flow.json"
    imported = convene("import", "-", "-o", output, stdin=sample("py-0.5.4-selector.json"))
    assert imported.status == 0
    assert json.loads(output.read_text())["format"] == "convene.flow"
    assert convene("runs").status == 0


def test_a_database_brings_flows_and_runs(convene: Convene, tmp_path: Path) -> None:
    file = database(tmp_path / "autogen04203.db", conversation(team(assistant("ann"), assistant("bob"))))
    imported = convene("import", file)
    assert imported.status == 0
    assert "2 runs came with it" in imported.out
    assert len(json.loads(convene("runs", "--json").out)) == 2


def test_a_single_run_of_a_database_is_called_one(convene: Convene, tmp_path: Path) -> None:
    rows = conversation(team(assistant("ann")))
    imported = convene("import", database(tmp_path / "one.db", rows | {"run": rows["run"][:1]}))
    assert "1 run came with it" in imported.out


def test_several_flows_want_a_folder(convene: Convene, tmp_path: Path) -> None:
    gallery = tmp_path / "gallery.json"
    gallery.write_bytes(written({"components": {"teams": [team(assistant("a")), team(assistant("b"))]}}))
    refused = convene("import", gallery, "-o", tmp_path / "one.json")
    assert refused.status == 2
    assert "2 flows" in refused.err
    assert convene("import", gallery, "-o", tmp_path / "flows").status == 0
    assert sorted(path.name for path in (tmp_path / "flows").iterdir()) == ["001.json", "002.json"]


def test_an_export_to_autogen_says_first_what_is_lost(convene: Convene, tmp_path: Path) -> None:
    assert convene("import", TEAM).status == 0
    for version, number in (("0.5", 1), ("0.7", 2), ("0.6–0.7", 2), ("", 2)):
        output = tmp_path / "team.json"
        chosen = ["--version", version] if version else []
        exported = convene("export", "RoundRobin Team", "--to", "autogen-json", *chosen, "-o", output)
        assert exported.status == 0, exported.err
        assert "differs: calculator: AutoGen runs the function in its own process" in exported.err
        assert json.loads(output.read_text())["config"]["participants"][0]["component_version"] == number


@pytest.mark.parametrize("options", [("--to", "autogen-json", "--version", "0.4"), ("--to", "nothing"), ("--to", "json", "--version", "3")])
def test_targets_that_there_are_not_are_bad_input(convene: Convene, options: tuple[str, ...]) -> None:
    refused = convene("export", "debate", *options)
    assert refused.status == 2
    assert "Known targets: convene, autogen" in refused.err


def test_what_is_no_flow_is_bad_input(convene: Convene, tmp_path: Path) -> None:
    for content in (b"hello", b'{"a": 1}', b"SQLite format 3\x00broken", b""):
        file = tmp_path / "x"
        file.write_bytes(content)
        assert convene("import", file).status == 2
    assert convene("import", tmp_path / "nothing").status == 2
    assert convene("import", tmp_path).status == 2


def test_what_is_written_of_a_database_is_told_with_what_is_not(convene: Convene, tmp_path: Path) -> None:
    rows = conversation(team(assistant("ann"))) | {"settings": [{"id": 1, "user_id": "guest", "config": {"environment": []}}]}
    file = database(tmp_path / "autogen04203.db", rows)
    done = convene("import", str(file), "-o", str(tmp_path / "crew.json"))
    assert done.status == 0
    assert (tmp_path / "crew.json").exists()
    assert "The settings of AutoGen Studio" in done.err
    assert "Runs that were not written: 2." in done.err
    gone = database(tmp_path / "gone.db", rows | {"team": []})
    refused = convene("import", gone, "-o", tmp_path / "gone.json")
    assert refused.status == 2
    assert "no flow in this file" in refused.err
