"""`convene doctor`: findings with remedies, and an exit status that tells whether the studio can work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Convene

from studio.api.services import open_services
from studio.cli.doctor import _nothing_compiles
from studio.frontend.toolchain import ToolchainMissing
from studio.settings import Settings


def findings(out: str) -> dict[str, dict[str, str]]:
    return {finding["what"]: finding for finding in json.loads(out)["findings"]}


def test_the_doctor_names_what_is_missing_with_its_remedy(convene: Convene) -> None:
    told = findings(convene("doctor", "--json").out)
    assert told["Data directory"]["level"] == "good"
    assert told["Database"]["level"] == "good"
    assert told["Docker"]["level"] == "missing"
    assert "Docker" in told["Docker"]["remedy"]
    assert all(finding["remedy"] for finding in told.values() if finding["level"] != "good" and finding["what"] != "Disk space")


def test_a_data_directory_that_cannot_be_written_is_essential(convene: Convene, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    told = convene("doctor", "--json", "--data-dir", tmp_path / "file" / "deep")
    assert told.status == 1
    assert findings(told.out)["Data directory"]["level"] == "broken"
    assert findings(told.out)["Data directory"]["remedy"]
    readable = convene("doctor", "--data-dir", tmp_path / "file" / "deep")
    assert readable.status == 1
    assert "✗" in readable.out


@pytest.mark.parametrize("name", ["work", "token"])
def test_a_data_directory_with_something_else_in_it_is_told_of(convene: Convene, tmp_path: Path, name: str) -> None:
    place = tmp_path / "odd" / name
    place.parent.mkdir()
    place.write_text("x") if name == "work" else place.mkdir()
    told = convene("doctor", "--json", "--data-dir", place.parent)
    assert told.status == 1
    assert str(place) in findings(told.out)["Data directory"]["says"]


def test_a_data_directory_whose_name_is_too_long_is_told_of(convene: Convene) -> None:
    told = convene("doctor", "--json", "--data-dir", "/x" + "x" * 5_000)
    assert (told.status, findings(told.out)["Data directory"]["level"]) == (1, "broken")


def test_a_front_end_that_is_compiled_is_not_said_to_need_compiling() -> None:
    assert _nothing_compiles(ToolchainMissing(), compiled=False).level == "broken"
    ready = _nothing_compiles(ToolchainMissing(), compiled=True)
    assert ready.level == "missing"
    assert "has to be compiled" not in ready.says


async def test_an_account_that_does_not_answer_is_found(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database=f"sqlite:///{tmp_path / 'convene.db'}")
    services = open_services(settings)
    services.accounts.save(
        "lab", provider="openai", base_url="http://127.0.0.1:9/v1", default_model="m", key="sk-a-secret-that-nobody-sees"
    )
    await services.close()

    from studio.cli.doctor import _models

    told = {finding.what: finding for finding in await _models(settings)}
    assert told["Account lab"].level == "missing"
    assert told["Account lab"].remedy
    assert "sk-a-secret" not in str(told)
