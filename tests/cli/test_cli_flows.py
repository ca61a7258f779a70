"""Finding, checking, exporting and importing flows on the command line, and its lists."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from command_line import Convene
from flow_files import agent, flow_file, pair
from patience import within
from studio_command import studio_command

from studio import __version__
from studio.formats.targets import offered
from studio.library.templates import templates
from studio.texts import catalogue


def one_sentence(err: str) -> bool:
    return err.startswith("convene: ") and err.count("\n") == 1 and "Traceback" not in err


def test_every_template_is_listed_with_what_it_is_for(convene: Convene) -> None:
    listed = convene("templates")
    assert listed.status == 0
    for template in templates():
        assert template.id in listed.out
    rows = json.loads(convene("templates", "--json").out)
    assert [row["name"] for row in rows] == [template.id for template in templates()]


@pytest.mark.parametrize(
    "arguments", [("templates",), ("check", "debate", "--json"), ("export", "debate", "--to", "json")], ids=lambda arguments: arguments[0]
)
def test_who_reads_no_further_gets_no_traceback(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    command, needs = studio_command()
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(
            [*command, *arguments],
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            timeout=within(30),
            # Only what is written at the end, after the last command, meets the closed pipe there.
            env={**os.environ, **needs, "CONVENE_DATA": str(tmp_path), "PYTHONUNBUFFERED": ""},
        )
    assert done.stderr == ""
    assert done.returncode in (0, 1)


@pytest.mark.skipif(os.name == "nt", reason="closes streams as a shell of Unix does")
@pytest.mark.parametrize(("arguments", "status"), [(["import", "-"], 2), (["templates"], 0)], ids=["reading", "writing"])
def test_streams_that_are_closed_are_no_mistake(tmp_path: Path, arguments: list[str], status: int) -> None:
    command, needs = studio_command()
    closing = ["sh", "-c", 'exec "$@" <&- >&-', "sh", *command, *arguments]
    environment = {**os.environ, **needs, "CONVENE_DATA": str(tmp_path)}
    done = subprocess.run(closing, stderr=subprocess.PIPE, text=True, timeout=within(30), env=environment)
    assert done.returncode == status
    assert one_sentence(done.stderr) if status else not done.stderr


def test_a_flow_is_a_template_a_file_or_a_saved_one(convene: Convene, tmp_path: Path) -> None:
    template = templates()[0]
    imported = convene("import", pair(tmp_path))
    assert imported.status == 0
    flow_id = imported.out.split()[-1].rstrip(".")
    for name in (template.id, template.title.upper(), pair(tmp_path), flow_id, "Two of them"):
        assert convene("export", name, "--to", "convene").status == 0, name


@pytest.mark.parametrize("name", ["nothing", "", "no/such/file.json", "\x00", "x" * 5000, ".", "~"])
def test_what_is_no_flow_is_bad_input(convene: Convene, name: str) -> None:
    refused = convene("check", name)
    assert refused.status == 2
    assert one_sentence(refused.err)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[]", b'{"format": "other"}', b'{"format": "convene.flow", "nodes": [{"id": 1}]}', b"[" * 90_000]
)
def test_a_broken_file_says_where(convene: Convene, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "broken.json"
    file.write_bytes(content)
    for command in (["check", file], ["import", file], ["run", file, "--task", "x"], ["export", file, "--to", "convene"]):
        refused = convene(*command)
        assert refused.status == 2
        assert one_sentence(refused.err)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("script.py", b"import autogen\n", "convene import"),
        ("flow.json", b" " * 5_000_001, "5 MB"),
        ("flow.json", b'{"version": ' + b"9" * 5_000 + b"}", "more digits"),
        ("flow.json", b'{"version": NaN}', "NaN is no number"),
        ("flow.json", b"[" * 90_000, "The file is nested"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_words_of_its_own(
    convene: Convene, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    refused = convene("check", tmp_path / name)
    assert (refused.status, one_sentence(refused.err)) == (2, True)
    assert says in refused.err


def test_a_folder_is_called_one_and_a_pipe_is_read(convene: Convene, tmp_path: Path) -> None:
    assert "Is a directory" in convene("check", f"{tmp_path}/").err
    flow = Path(pair(tmp_path)).read_bytes()
    reading, writing = os.pipe()
    os.write(writing, flow)
    os.close(writing)
    try:
        assert convene("check", f"/dev/fd/{reading}").status == 0
    finally:
        os.close(reading)


def test_a_flow_in_the_encoding_of_a_shell_comes_in(convene: Convene, tmp_path: Path) -> None:
    """PowerShell redirects into UTF-16 with its mark."""
    (tmp_path / "flow.json").write_bytes(Path(pair(tmp_path)).read_text("utf-8").encode("utf-16"))
    assert convene("check", tmp_path / "flow.json").status == 0
    assert convene("import", tmp_path / "flow.json").status == 0


def test_a_check_lists_problems_with_their_codes(convene: Convene, tmp_path: Path) -> None:
    bad = flow_file(tmp_path, agent("ann"), {**agent("bob"), "name": "ann"}, script={})
    told = convene("check", bad, "--json")
    assert told.status == 1
    report = json.loads(told.out)
    assert report["ok"] is False
    assert any(problem["level"] == "error" for problem in report["problems"])
    assert all({"code", "level", "text", "hint", "nodes", "field"} <= problem.keys() for problem in report["problems"])
    assert report["problems"][0]["code"] in convene("check", bad).out


@pytest.mark.parametrize("template", [template.id for template in templates()])
def test_every_template_passes_its_check(convene: Convene, template: str) -> None:
    assert convene("check", template).status == 0


def test_an_export_is_a_program_a_project_or_a_document(convene: Convene, tmp_path: Path) -> None:
    ast.parse(convene("export", pair(tmp_path), "--to", "convene").out)
    assert convene("export", pair(tmp_path), "--to", "convene", "-o", tmp_path / "flow.zip").status == 0
    assert "main.py" in "".join(zipfile.ZipFile(tmp_path / "flow.zip").namelist())
    assert convene("export", pair(tmp_path), "--to", "json", "-o", tmp_path / "flow.json").status == 0
    assert json.loads((tmp_path / "flow.json").read_text())["name"] == "Two of them"
    assert not list(tmp_path.glob(".flow*"))


@pytest.mark.parametrize("target", [each.name for each in offered()])
def test_every_target_is_written_and_told_of_in_the_help(convene: Convene, tmp_path: Path, target: str) -> None:
    file = tmp_path / f"flow.{target}"
    done = convene("export", pair(tmp_path), "--to", target, "-o", file)
    assert done.status == 0, done.err
    assert file.stat().st_size > 100
    assert re.search(rf"\b{target}\b", catalogue()["cli.opt.to"])


@pytest.mark.parametrize("target", [each.name for each in offered() if each.project is not None])
def test_a_path_that_ends_in_zip_makes_a_project_of_any_program(convene: Convene, tmp_path: Path, target: str) -> None:
    assert convene("export", pair(tmp_path), "--to", target, "-o", tmp_path / "flow.zip").status == 0
    assert {"main.py", "test_smoke.py"} <= {name.rpartition("/")[2] for name in zipfile.ZipFile(tmp_path / "flow.zip").namelist()}


def test_what_a_target_cannot_express_is_said_beside_the_export(convene: Convene, tmp_path: Path) -> None:
    done = convene("export", pair(tmp_path), "--to", "mermaid")
    assert done.out.startswith("---\n")
    assert "the diagram does not show" in done.err
    assert convene("export", pair(tmp_path), "--to", "convene").err == ""


def test_a_picture_comes_in_again(convene: Convene, tmp_path: Path) -> None:
    for target in ("svg", "svg-dark", "png"):
        picture = tmp_path / f"picture.{target[:3]}"
        assert convene("export", pair(tmp_path), "--to", target, "-o", picture).status == 0
        back = convene("import", picture, "-o", "-")
        assert json.loads(back.out)["name"] == "Two of them"


def test_an_export_to_nowhere_or_to_nothing_known_is_bad_input(convene: Convene, tmp_path: Path) -> None:
    for arguments in (["--to", "perl"], ["--to", "convene", "-o", tmp_path / "no" / "where.py"], ["--to", "json", "-o", "x" * 5000]):
        refused = convene("export", pair(tmp_path), *arguments)
        assert refused.status == 2
        assert one_sentence(refused.err)


def test_in_a_folder_an_export_is_called_as_its_flow(convene: Convene, tmp_path: Path) -> None:
    assert convene("export", pair(tmp_path), "--to", "Autogen", "-o", tmp_path).status == 0
    ast.parse((tmp_path / "two-of-them.py").read_text("utf-8"))
    refused = convene("export", pair(tmp_path), "--to", "json", "-o", f"{tmp_path}/nowhere/")
    assert (refused.status, (tmp_path / "nowhere").exists()) == (2, False)


def test_what_has_no_projects_is_not_written_into_a_zip(convene: Convene, tmp_path: Path) -> None:
    refused = convene("export", pair(tmp_path), "--to", "json", "-o", tmp_path / "flow.zip")
    assert (refused.status, (tmp_path / "flow.zip").exists()) == (2, False)
    assert one_sentence(refused.err)


def test_an_export_leaves_pipes_and_links_what_they_are(convene: Convene, tmp_path: Path) -> None:
    kept = tmp_path / "kept.py"
    kept.write_text("old", "utf-8")
    kept.chmod(0o640)
    (tmp_path / "link.py").symlink_to(kept)
    assert convene("export", pair(tmp_path), "--to", "convene", "-o", tmp_path / "link.py").status == 0
    assert (tmp_path / "link.py").is_symlink()
    assert kept.read_text("utf-8").startswith('"""')
    assert kept.stat().st_mode & 0o777 == 0o640
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert convene("export", pair(tmp_path), "--to", "mermaid", "-o", pipe).status == 0
        assert os.read(reader, 100).startswith(b"---")
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_an_import_can_be_written_to_a_file_instead(convene: Convene, tmp_path: Path) -> None:
    assert convene("import", "-", "-o", tmp_path / "clean.json", stdin=pair(tmp_path).read_bytes()).status == 0
    assert json.loads((tmp_path / "clean.json").read_text())["name"] == "Two of them"
    assert not (tmp_path / "data").exists()


def test_checking_and_exporting_keep_nothing(convene: Convene, tmp_path: Path) -> None:
    convene("check", pair(tmp_path))
    convene("export", pair(tmp_path), "--to", "convene")
    convene("check", "nothing")
    assert not (tmp_path / "data").exists()


def test_past_runs_are_listed_and_shown(convene: Convene, tmp_path: Path) -> None:
    assert "no runs" in convene("runs").out
    ran = convene("run", pair(tmp_path), "--task", "Go on, [bold]please[/bold].", "--json")
    run = ran.err.split()[1]
    listed = convene("runs")
    assert run in listed.out
    assert "[bold]please[/bold]" in listed.out
    assert convene("show", run, "--json").out == ran.out
    shown = convene("show", run)
    assert "[bold]please[/bold]" in shown.out
    assert "four" in shown.out


def test_the_files_of_a_run_are_listed_with_the_place_where_they_lie(convene: Convene, tmp_path: Path) -> None:
    run = convene("run", pair(tmp_path), "--task", "Go on.", "--json").err.split()[1]
    assert convene("show", run, "--files").out == "This run left no files.\n"
    folder = tmp_path / "data" / "work" / run
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ü.csv").write_text("a,b\n")
    listed = convene("show", run, "--files").out
    assert "ü.csv" in listed
    assert str(folder) in listed.replace("\n", "")
    (row,) = json.loads(convene("show", run, "--files", "--json").out)
    assert (row["name"], row["size"], row["path"]) == ("ü.csv", 4, str(folder / "ü.csv"))


def test_a_run_that_is_not_there_is_bad_input(convene: Convene) -> None:
    refused = convene("show", "nothing")
    assert refused.status == 2
    assert one_sentence(refused.err)


def test_a_directory_or_database_that_cannot_be_used_is_bad_input(convene: Convene, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("this is no database " * 100)
    for arguments in (
        ["--data-dir", tmp_path / "file" / "deep"],
        ["--database", "nonsense"],
        ["--database", f"sqlite:///{tmp_path}/file"],
    ):
        refused = convene("runs", *arguments)
        assert refused.status == 2, arguments
        assert one_sentence(refused.err)


def test_a_directory_without_a_name_is_the_usual_one(convene: Convene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `--data-dir "$UNSET"` says it: nothing is put into the folder that one happens to be in."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert convene("runs", "--data-dir", "").status == 0
    assert not list((tmp_path / "here").iterdir())


def test_options_stand_before_or_after_the_command(convene: Convene, tmp_path: Path) -> None:
    convene("--data-dir", tmp_path / "other", "import", pair(tmp_path))
    assert convene("check", "Two of them", "--data-dir", tmp_path / "other").status != 2
    assert convene("check", "Two of them").status == 2


def test_help_and_version_are_told(convene: Convene) -> None:
    assert convene("--version").out == f"convene {__version__}\n"
    assert "doctor" in convene("--help").out


@pytest.mark.parametrize(
    "arguments", [["run"], ["run", "debate"], ["frob"], ["--port", "x"], ["runs", "--limit", "0"], ["export", "debate"]]
)
def test_a_mistyped_command_ends_with_2(convene: Convene, arguments: list[str]) -> None:
    refused = convene(*arguments)
    assert refused.status == 2
    assert "Traceback" not in refused.err


def test_the_version_is_the_same_wherever_it_is_written() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == __version__
