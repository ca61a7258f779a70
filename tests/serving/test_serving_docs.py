"""What docs/serving.md says: its programs run, its addresses and options are there."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from served_flows import TOKEN, Served, asking, pair
from studio_command import ROOT

from studio.cli.commands import app

Serve = Callable[..., Served]
PAGE = (ROOT / "docs" / "serving.md").read_text("utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_there_are_programs_to_run() -> None:
    assert len(PROGRAMS) >= 2


@pytest.mark.parametrize("program", PROGRAMS)
def test_its_programs_run(serve: Serve, program: str, capsys: pytest.CaptureFixture[str]) -> None:
    door = serve(asking() if "question" in program else pair())
    exec(compile(program.replace("http://127.0.0.1:8100", door.url), "docs/serving.md", "exec"), {"TOKEN": TOKEN})
    assert capsys.readouterr().out.split("\n")[:-1] in (["done Fine."], ["two of bob", "four"])


def test_every_address_that_it_names_is_in_the_openapi_document(serve: Serve) -> None:
    known = set(serve(pair()).stranger.get("/openapi.json").json()["paths"])
    named = {found.replace("RUN", "{run}") for found in re.findall(r"`(?:GET |POST )?(/(?:api|v1|mcp)[\w/]*)", PAGE)}
    assert named - {"/v1"} <= known
    assert len(named) >= 9


@pytest.mark.parametrize("page", ["/", "/docs"])
def test_whatever_a_page_loads_is_there_without_the_token(serve: Serve, page: str) -> None:
    stranger = serve(pair()).stranger
    loaded = re.findall(r'(?:<link[^>]* href|<script[^>]* src)="([^"]+)"', stranger.get(page).text)
    assert any(name.endswith(".svg") for name in loaded), "A browser asks for an icon of its own where none is named."
    assert [stranger.get(f"/{name}").status_code for name in loaded] == [200] * len(loaded)


def test_every_option_that_it_names_is_one_of_the_command() -> None:
    (command,) = [each for each in app.registered_commands if each.callback is not None and each.callback.__name__ == "serve"]
    import inspect

    assert command.callback is not None
    parameters = inspect.signature(command.callback, eval_str=True).parameters
    known = {f"--{name.replace('_', '-')}" for name in parameters} | {"--money-in-all"}
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE)) <= known


def test_the_command_says_that_only_saved_flows_are_served() -> None:
    (command,) = [each for each in app.registered_commands if each.callback is not None and each.callback.__name__ == "serve"]
    import inspect

    assert command.callback is not None
    told = str(inspect.signature(command.callback, eval_str=True).parameters["flow"].annotation.__metadata__[0].help)
    assert "saved" in told
    assert "template" not in told
