"""Limits of model accounts, and the order in which models are asked."""

from __future__ import annotations

from e2e_flows import assistant, node, team
from model_server import ModelServer
from playwright.sync_api import Locator, expect
from visitor import Visitor


def test_the_limits_of_an_account_are_entered_and_shown_again(visitor: Visitor, model: ModelServer) -> None:
    model.script({"*": "Hello."})
    visitor.add_account("slow", model.base_url, "sk-limited-0123456789")
    visitor.find("account-requests-per-minute").fill("60")
    visitor.find("account-tokens-per-minute").fill("many")
    visitor.find("account-save").click()
    expect(visitor.find("account-dialog").get_by_role("alert")).to_contain_text("whole number")
    visitor.find("account-tokens-per-minute").fill("100,000")
    visitor.find("account-save").click()
    expect(visitor.find("test-result")).to_be_visible()
    expect(visitor.find("account-tokens-per-minute")).to_have_value("100000")
    visitor.close_dialog()
    visitor.reload()
    visitor.page.get_by_title("Edit slow").click()
    expect(visitor.find("account-requests-per-minute")).to_have_value("60")
    expect(visitor.find("account-requests-at-once")).to_have_value("")


def test_which_model_is_asked_first_is_seen_on_the_wires_and_changed(visitor: Visitor) -> None:
    flow = team("Spare", assistant("ann", "You are ann."))
    models = [node("n_first", "practice", "first", 0, 500, None), node("n_second", "practice", "second", 260, 500, None)]
    models.append(node("n_list", "fallback", "safe", 130, 660, None))
    wires = [{"id": f"e_{name}", "kind": "model", "source": f"n_{name}", "target": "n_list"} for name in ("first", "second")]
    flow["nodes"] += models
    flow["edges"] += wires
    visitor.import_flow(flow)

    def label(name: str) -> Locator:
        return visitor.find(f"edge-{name}-safe").locator(".cv-wire-label text")

    expect(label("first")).to_have_text("1")
    expect(label("second")).to_have_text("2")
    visitor.choose("safe")
    order = visitor.find("turns")
    order.get_by_role("button", name="second is asked one place earlier").click()
    expect(label("second")).to_have_text("1")
    expect(label("first")).to_have_text("2")
