"""Drawing by mouse and keyboard: from nothing to a conversation that works, undo and redo, problems and ports."""

from __future__ import annotations

from model_server import ModelServer
from playwright.sync_api import expect
from visitor import Visitor

BROKEN = "Here it is.\n\n```python\nprint(sum([1, 2, 3]\n```"
REPAIRED = "A bracket was missing.\n\n```python\nprint('the sum is', sum([1, 2, 3]))\n```"
FINISHED = "The sum is 6. TERMINATE"


def test_coder_and_executor_are_drawn_from_nothing_and_repair_their_program(visitor: Visitor, model_server: ModelServer) -> None:
    model_server.keys = {"sk-right"}
    model_server.script({"You write Python": [BROKEN, REPAIRED, FINISHED]})
    visitor.add_account("lab", model_server.base_url, "sk-right")
    expect(visitor.find("test-result")).to_have_class("result ok")
    visitor.close_dialog()

    visitor.home()
    visitor.new_flow()
    visitor.drag_in("team", 420, 150)
    visitor.drag_onto("assistant", "team", 130, 120)
    visitor.fill("name", "coder")
    visitor.fill("system_message", "You write Python and repair it.")
    visitor.drag_onto("human", "team", 400, 120)
    visitor.fill("name", "executor")
    visitor.field("input_mode").select_option("never")
    visitor.field("executor.kind").select_option("auto")
    visitor.drag_onto("stop", "team", 130, 230)
    visitor.drag_in("model", 200, 640)
    visitor.field("account").select_option("lab")
    visitor.wire("model", "team")
    expect(visitor.edges("model")).to_have_count(1)

    visitor.run("Add one, two and three.")
    expect(visitor.question).to_contain_text("print(sum([1, 2, 3]")
    visitor.find("answer-approve").click()
    visitor.ends("done")
    assert visitor.speakers() == ["you", "coder", "executor", "coder", "executor", "coder"]
    results = visitor.find("code-result")
    expect(results.nth(0)).to_contain_text("SyntaxError")
    expect(results.nth(1)).to_contain_text("the sum is 6")
