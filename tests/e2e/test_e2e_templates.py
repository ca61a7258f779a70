"""Every template opens from the gallery and plays to its end, with no model but the practice model."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from visitor import Visitor

from studio.library.templates import Template, templates


@pytest.mark.parametrize("template", [pytest.param(each, id=each.id) for each in templates()])
def test_a_template_plays_to_its_end(visitor: Visitor, template: Template) -> None:
    visitor.use_template(template.id)
    for name in (node.name for node in template.document.nodes if node.kind == "practice"):
        visitor.choose(name)
        visitor.fill("words_per_second", "0")
    visitor.show_conversation()
    visitor.find("sample-task").first.click()
    visitor.find("task-run").click()
    finished = visitor.find("run-finished")
    for _ in range(10):
        expect(visitor.question.first.or_(finished)).to_be_visible()
        if finished.count():
            break
        asked = visitor.question.first.element_handle()
        if visitor.find("answer-approve").count():
            visitor.find("answer-approve").first.click()
        else:
            visitor.answer("Go on.")
        asked.wait_for_element_state("hidden")
    visitor.ends("done")
    assert set(visitor.speakers()) - {"you"} <= {node.name for node in template.document.nodes}
    assert len(visitor.speakers()) > 1
    expect(visitor.find("error")).to_have_count(0)
    expect(visitor.find("transcript").get_by_text("practice", exact=True).first).to_be_visible()
