"""Notebooks come in as scripts do; what is said about them names the cell and the line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.flow.findings import ForeignFileError
from studio.formats.recognise import read_bytes, recognise

NOTEBOOKS = Path(__file__).parent.parent / "data" / "python_in" / "notebooks"


def notebook(*cells: tuple[str, str]) -> bytes:
    listed: list[dict[str, Any]] = [{"cell_type": kind, "source": text.splitlines(keepends=True), "metadata": {}} for kind, text in cells]
    return json.dumps({"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


CODE = """from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config={"model": "gpt-4o"})
user = UserProxyAgent("user", code_execution_config=False)
"""


def test_cells_are_one_script_and_findings_name_the_cell() -> None:
    data = notebook(
        ("markdown", "# A chat\n\nTwo of them talk."),
        ("code", "%pip install autogen\n!ls\n"),
        ("code", CODE),
        ("code", "prompt = '''\n!important\n'''\nuser.initiate_chat(bot, message=prompt + 'Go.')\n"),
    )
    assert recognise(data) == "notebook"
    (imported,) = read_bytes(data, "chat").flows
    places = {finding.code: str(finding.place) for finding in imported.report.findings}
    assert places["key_missing"] == "line 2 · cell 3"
    assert places["differs_pair"] == "line 4 · cell 4"
    assert [str(each.place) for each in imported.report.findings if each.code == "magic"] == ["line 1 · cell 2", "line 2 · cell 2"]
    assert imported.document.sample_tasks == ("!important\nGo.",)
    notes = [node for node in imported.document.nodes if node.kind == "note"]
    assert [node.config["text"] for node in notes] == ["# A chat\n\nTwo of them talk."]


def test_top_level_await_and_cells_of_other_languages_do_no_harm() -> None:
    data = notebook(
        ("code", "%%bash\nrm -rf /\n"),
        ("code", "this is no python at all\n"),
        ("code", "from autogen_agentchat.agents import AssistantAgent\nfrom autogen_ext.models.openai import OpenAIChatCompletionClient\n"),
        ("code", "agent = AssistantAgent('ann', OpenAIChatCompletionClient(model='gpt-4o'))\nawait agent.run(task='Hello.')\n"),
    )
    (imported,) = read_bytes(data).flows
    assert imported.document.sample_tasks == ("Hello.",)
    assert [finding.code for finding in imported.report.findings if finding.code in ("magic", "no_python")] == ["no_python", "magic"]


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_sample_notebooks_come_in(path: Path) -> None:
    for imported in read_bytes(path.read_bytes(), path.stem).flows:
        assert all(finding.place.pointer.startswith("cell") for finding in imported.report.findings)
        assert imported.document.sample_tasks


@pytest.mark.parametrize(
    "value",
    [
        {"cells": [], "nbformat": 4},
        {"cells": [None, 3, {"cell_type": "code"}, {"cell_type": "code", "source": [1, {}]}], "nbformat": 4},
        {"cells": [{"cell_type": "code", "source": "import os"}], "nbformat": 4},
        {"cells": [{"cell_type": "code", "source": "x = 1\n" * 200_000}], "nbformat": 4},
        {"cells": [{"cell_type": "markdown", "source": "words"}]},
    ],
)
def test_notebooks_without_agents_are_refused_with_a_sentence(value: Any) -> None:
    with pytest.raises(ForeignFileError) as caught:
        read_bytes(json.dumps(value).encode())
    assert str(caught.value)
