"""Taking a flow home: the target switch, what a target cannot express, and pictures that are the flow itself."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from e2e_flows import assistant, interview, team
from playwright.sync_api import expect
from visitor import Visitor

PANE = "code-pane"
PASTE = """text => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def flow_of(visitor: Visitor) -> dict[str, Any]:
    """The flow as the studio has it."""
    address = visitor.page.url.rstrip("/").rsplit("/", 1)[-1].partition("?")[0]
    answer = visitor.page.request.get(f"{visitor.studio.origin}/api/flows/{address}/export?to=json")
    return json.loads(answer.text())


def show(visitor: Visitor, target: str) -> None:
    visitor.find("code-target").select_option(target)
    expect(visitor.find(PANE)).to_have_attribute("data-target", target)
    if target == "convene":
        # The text comes last: whoever leaves before it leaves the studio talking to nobody.
        expect(visitor.find(PANE)).to_contain_text("from studio.engine import")


def drop(visitor: Visitor, file: Path) -> None:
    """Brings a file in by the button of the home page, which takes the same way as a drop."""
    visitor.home()
    visitor.page.locator("input[type=file]").set_input_files(str(file))
    visitor.in_editor()


def test_the_code_pane_writes_for_every_target_and_remembers_which(visitor: Visitor) -> None:
    visitor.import_flow(interview("Targets", "You interview people."))
    visitor.find("code-button").click()
    pane = visitor.find(PANE)
    expect(pane).to_contain_text("from studio.engine import")
    show(visitor, "mermaid")
    expect(pane).to_contain_text("flowchart LR")
    expect(pane.locator(".cd-name")).to_have_text("targets.mmd")
    show(visitor, "autogen")
    expect(pane).to_contain_text("from autogen_agentchat")
    with visitor.page.expect_download() as download:
        visitor.find("code-project").click()
    assert any(name.endswith("/test_smoke.py") for name in zipfile.ZipFile(download.value.path()).namelist())
    show(visitor, "json")
    expect(pane).to_contain_text("convene.flow")
    expect(visitor.find("code-project")).to_have_count(0)
    expect(visitor.find("losses")).to_have_count(0)
    show(visitor, "mermaid")
    visitor.home()
    visitor.import_flow(interview("Others", "You interview people."))
    visitor.find("code-button").click()
    expect(pane).to_contain_text("flowchart LR")
    show(visitor, "convene")
    expect(pane).to_contain_text("from studio.engine import")


def test_what_a_target_cannot_express_stands_above_the_code_and_leads_to_its_node(visitor: Visitor) -> None:
    visitor.import_flow(interview("Losses", "You interview people."))
    visitor.find("export").click()
    visitor.find("export-mermaid").click()
    losses = visitor.find("losses")
    line = losses.get_by_role("button", name="ann: the diagram does not show System message.")
    expect(line).to_be_visible()
    line.click()
    visitor.inspects(visitor.node("ann"))
    visitor.fill("system_message", "")
    expect(line).to_have_count(0)

    visitor.find("export").click()
    count = visitor.find("losses-of-mermaid")
    expect(count).to_have_text(str(losses.get_by_test_id("report-line").count()))
    visitor.page.keyboard.press("Escape")
    show(visitor, "convene")
    expect(losses).to_have_count(0)


def test_a_picture_is_the_flow_and_opens_again(visitor: Visitor, tmp_path: Path) -> None:
    visitor.import_flow(team("评审小组", assistant("研究员", "你负责查找资料。"), assistant("critic", "You object.")))
    before = flow_of(visitor)
    visitor.find("code-button").click()
    for target in ("svg", "png"):
        show(visitor, target)
        picture = visitor.find("code-picture")
        expect(picture).to_be_visible()
        visitor.page.wait_for_function("() => document.querySelector('[data-testid=code-picture]').naturalWidth > 200")
        with visitor.page.expect_download() as download:
            visitor.find("code-download").click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        assert file.name == f"评审小组.{target}"
        assert file.read_bytes().startswith(b"\x89PNG" if target == "png" else b"<svg")
        drop(visitor, file)
        assert flow_of(visitor) == before
        if target == "svg":
            visitor.home()
            visitor.page.evaluate(PASTE, file.read_text("utf-8"))
            visitor.in_editor()
            assert flow_of(visitor) == before
        visitor.find("code-button").click()
    show(visitor, "convene")


def test_the_picture_follows_the_theme_and_the_canvas(visitor: Visitor) -> None:
    visitor.import_flow(team("Seen", assistant("ann", "You are ann.")))
    visitor.find("code-button").click()
    show(visitor, "svg")
    picture = visitor.find("code-picture")

    def drawn() -> str:
        answer = visitor.page.request.get(visitor.studio.origin + str(picture.get_attribute("src")))
        return "".join(ElementTree.fromstring(answer.text()).itertext())

    first = str(picture.get_attribute("src"))
    assert "ann" in drawn()
    visitor.choose("ann")
    visitor.fill("name", "anneliese")
    expect(picture).not_to_have_attribute("src", first)
    assert "anneliese" in drawn()
    visitor.page.evaluate("document.documentElement.classList.add('dark')")
    expect(picture).to_have_attribute("src", str(picture.get_attribute("src")).replace("to=svg&", "to=svg-dark&"))
    visitor.page.evaluate("document.documentElement.classList.remove('dark')")
    show(visitor, "convene")
