"""AutoGen's files and scripts in a browser: dropped, pasted or chosen, they open laid out with a report whose lines lead to their nodes."""

from __future__ import annotations

import re
from pathlib import Path

from autogen_databases import conversation, database
from autogen_samples import assistant, sample, team
from playwright.sync_api import expect
from visitor import Visitor

SCRIPTS = Path(__file__).parent.parent / "data" / "python_in"
PASTE = """text => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
DROP = """texts => {
    const data = new DataTransfer();
    for (const text of texts) data.items.add(new File([text], "selector.json", {type: "application/json"}));
    for (const type of ["dragenter", "dragover", "drop"])
        document.body.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def test_a_pasted_team_opens_with_its_report_and_a_line_leads_to_its_node(visitor: Visitor) -> None:
    visitor.page.evaluate(PASTE, sample("ui-export-roundrobin-team.json").decode())
    visitor.in_editor()
    expect(visitor.node("assistant_agent")).to_be_visible()
    lines = visitor.find("report").locator("[data-testid=report-line]")
    code = lines.filter(has_text="holds Python code")
    expect(code).to_contain_text("line 47")
    code.get_by_role("button").click()
    expect(visitor.field("source")).to_contain_text("def calculator")
    visitor.find("report-aside").click()
    expect(visitor.find("report-tab")).to_have_count(0)
    visitor.reload()
    expect(visitor.find("report-tab")).to_have_count(0)


def test_a_dropped_file_opens_too(visitor: Visitor) -> None:
    visitor.page.evaluate(DROP, [sample("py-0.5.4-selector.json").decode()])
    visitor.in_editor()
    expect(visitor.find("report")).to_contain_text("AutoGen 0.4.4–0.5.4")


def test_several_dropped_files_come_in_and_what_is_pasted_with_its_fences_opens(visitor: Visitor) -> None:
    team_of_two = sample("ui-export-roundrobin-team.json").decode()
    visitor.page.evaluate(DROP, [sample("py-0.5.4-selector.json").decode(), team_of_two])
    expect(visitor.find("notice")).to_contain_text("Brought in: 2 flows.")
    visitor.page.evaluate(PASTE, f"My team:\n\n```json\n{team_of_two}\n```\n")
    visitor.in_editor()
    code = visitor.find("report").locator("[data-testid=report-line]").filter(has_text="holds Python code")
    expect(code).to_contain_text("line 50")


def test_a_pasted_script_opens_with_its_report_and_a_line_leads_to_its_node(visitor: Visitor) -> None:
    visitor.page.evaluate(PASTE, (SCRIPTS / "classic" / "tools.py").read_text())
    visitor.in_editor()
    expect(visitor.node("Assistant")).to_be_visible()
    report = visitor.find("report")
    expect(report).to_contain_text("a script for AutoGen 0.2 or AG2")
    code = report.locator("[data-testid=report-line]").filter(has_text="holds Python code")
    expect(code).to_contain_text("line 11")
    code.get_by_role("button").click()
    expect(visitor.field("source")).to_contain_text("def calculator")


def test_a_notebook_opens_and_says_which_cell_a_line_is_about(visitor: Visitor) -> None:
    visitor.find("import-file").set_input_files(SCRIPTS / "notebooks" / "joke_factory.ipynb")
    visitor.in_editor()
    expect(visitor.node("joker")).to_be_visible()
    expect(visitor.find("report").locator("[data-testid=report-line]").filter(has_text="key of the model")).to_have_count(0)
    command = visitor.find("report").locator("[data-testid=report-line]").filter(has_text="!echo done")
    expect(command).to_contain_text("line 1 · cell 8")


def test_what_is_pasted_and_no_flow_is_told_and_prose_is_left_alone(visitor: Visitor) -> None:
    visitor.page.evaluate(PASTE, "Just some words that somebody copied.")
    with visitor.expecting("422"):
        visitor.page.evaluate(PASTE, '{"hello": "world"}')
        expect(visitor.find("notice")).to_have_count(1)
        expect(visitor.find("notice")).to_contain_text("no flow that Convene knows")
        visitor.find("notice-close").click()
        wrong = [
            {"name": name, "mimeType": "", "buffer": data} for name, data in (("photo.jpg", b"\xff\xd8"), ("cut off.json", b'{"a": [1'))
        ]
        visitor.find("import-file").set_input_files(wrong)
        expect(visitor.find("notice")).to_have_count(1)
        expect(visitor.find("notice")).to_contain_text("2 files were not brought in.photo.jpg: This is no text file")
        expect(visitor.find("notice")).to_contain_text("cut off.json: This is no JSON")
    expect(visitor.page).to_have_url(re.compile(r"/$"))


def test_a_database_of_autogen_studio_brings_flows_and_runs(visitor: Visitor, tmp_path: Path) -> None:
    file = database(tmp_path / "autogen04203.db", conversation(team(assistant("ann"), assistant("bob"), name="kept crew")))
    visitor.find("import-file").set_input_files(file)
    expect(visitor.find("notice")).to_contain_text("Brought in: 1 flow, 2 runs.")
    expect(visitor.find("flow-card").filter(has_text="kept crew")).to_have_count(1)
