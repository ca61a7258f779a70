"""Files come in as they were pasted: within fences of Markdown, quoted, line by line, with comments; their lines stay where they were."""

from __future__ import annotations

import json

import pytest
from autogen_samples import assistant, function_tool, team, workbench, written

from studio.engine.errors import ConveneError
from studio.flow.findings import ForeignFileError
from studio.formats.recognise import Brought, read_bytes
from studio.formats.wrapped import unwrapped

TOOL = function_tool("def add(a: int) -> int:\n    return a + 1\n")
CREW = written(team(assistant("ann", workbench=workbench(TOOL)))).decode()
PAIR = written(team(assistant("bea"), assistant("carl"))).decode()


def brought(text: str) -> Brought:
    return read_bytes(text.encode(), "pasted")


def members(found: Brought) -> list[list[str]]:
    return [[node.name for node in flow.document.nodes if node.kind == "assistant"] for flow in found.flows]


def line_of_code(found: Brought) -> int | None:
    return next(finding.place.line for flow in found.flows for finding in flow.report.findings if finding.code == "code_runs")


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{CREW}\n```",
        f"Here is my team:\n\n~~~\n{CREW}\n~~~\n\nDoes it open?\n",
        f"# Team\n\n```bash\npip install something\n```\n\n```json\n{CREW}\n```\n",
        f"// my team\n/* of\ntwo lines */ {CREW}",
        CREW.replace('"participants": [', '"participants": [ // who takes part'),
        CREW.removesuffix("}") + ",}",
        CREW.replace("  ", "\u00a0\u00a0", 5),
    ],
    ids=["fence", "prose", "second fence", "comments above", "comment within", "last comma", "blanks of a web page"],
)
def test_what_lies_around_a_team_does_not_matter_and_lines_stay(text: str) -> None:
    found = brought(text)
    assert members(found) == [["ann"]]
    line = line_of_code(found)
    assert line is not None
    assert '"source_code"' in text.split("\n")[line - 1]


def test_several_fenced_teams_or_lines_are_a_flow_each() -> None:
    fenced = f"One:\n```json\n{CREW}\n```\nTwo:\n```json\n{PAIR}\n```\n"
    assert members(brought(fenced)) == [["ann"], ["bea", "carl"]]
    assert '"source_code"' in fenced.split("\n")[(line_of_code(brought(fenced)) or 0) - 1]
    lines = "\n".join(json.dumps(json.loads(each)) for each in (PAIR, CREW)) + "\n"
    assert members(brought(lines)) == [["bea", "carl"], ["ann"]]
    assert line_of_code(brought(lines)) == 2


@pytest.mark.parametrize("times", [1, 2])
def test_json_within_a_json_text_is_opened(times: int) -> None:
    text = CREW
    for _ in range(times):
        text = json.dumps(text)
    assert members(brought(text)) == [["ann"]]


def test_a_script_within_fences_is_read_as_a_script() -> None:
    script = 'from autogen_agentchat.agents import AssistantAgent\n\nann = AssistantAgent("ann", model_client=None)\n'
    assert members(brought(f"Try this:\n\n```python\n{script}```\n\nIt should work.\n")) == [["ann"]]


def test_a_script_within_the_fences_of_a_list_is_read_with_its_lines() -> None:
    script = "from autogen_agentchat.agents import AssistantAgent\nann = AssistantAgent(\n    'ann',\n    model_client=client,\n)\n"
    block = "".join(f"   {line}\n" for line in script.splitlines())
    pasted = f"1. Install it.\n2. Write this:\n   ```python\n{block}   ```\n"
    found = brought(pasted)
    assert members(found) == [["ann"]]
    (line,) = [each.place.line for each in found.flows[0].report.findings if each.code == "model_elsewhere"]
    assert "model_client=client" in pasted.split("\n")[(line or 0) - 1]


def test_json_of_something_else_does_not_hide_what_stands_beside_it() -> None:
    other = '```json\n{"event": "done", "tags": [1]}\n```\n'
    script = "from autogen_agentchat.agents import AssistantAgent\nann = AssistantAgent('ann', model_client=None)\n"
    assert members(brought(f"{other}Then:\n```python\n{script}```\n")) == [["ann"]]
    assert members(brought(f"{other}Then:\n```json\n{CREW}\n```\n")) == [["ann"]]


def test_a_script_whose_texts_hold_fences_stays_a_script() -> None:
    script = f'from autogen_agentchat.agents import AssistantAgent\n\nann = AssistantAgent("ann", model_client=None, system_message="""\n```json\n{PAIR}\n```\n""")\n'
    assert unwrapped(script.encode()) == script.encode()
    assert unwrapped((script + "\nbroken(").encode()) == (script + "\nbroken(").encode()


def test_comments_within_texts_are_text() -> None:
    text = CREW.replace("You are ann.", "See https://example.org /* not a comment */ ,}") + "// the end"
    (flow,) = brought(text).flows
    (ann,) = (node for node in flow.document.nodes if node.kind == "assistant")
    assert ann.config["system_message"] == "See https://example.org /* not a comment */ ,}"


@pytest.mark.parametrize(
    "text", ['{"a": 1', "```\nnothing\n```", "{} junk", '"words"', "[1, 2,, 3]", "// only a comment", "```", '{"a": /*']
)
def test_what_holds_no_file_is_left_as_it_is(text: str) -> None:
    assert unwrapped(text.encode()) == text.encode()
    with pytest.raises(ConveneError):
        brought(text)


def test_an_address_is_not_fetched_and_says_so() -> None:
    with pytest.raises(ForeignFileError, match="nothing is fetched"):
        brought("https://example.org/gallery.json\n")


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff\n"])
def test_an_empty_file_says_so(text: str) -> None:
    with pytest.raises(ForeignFileError, match="nothing in this file"):
        brought(text)


@pytest.mark.parametrize("piece", ["/*", '\\"', '"', ",\n", "```\n", "{}", "//", " \t", "~~~json\n{}\n"])
def test_hostile_wrappings_are_gone_through_once(piece: str) -> None:
    data = ("{" + piece * (100_000 // len(piece))).encode()
    assert isinstance(unwrapped(data), bytes)
