"""The Share switch of the studio in a real Chromium: on, the token once, a guest at the address, other limits, off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from patience import within
from playwright.sync_api import Page, expect
from served_flows import pair as counting
from studio_process import StudioProcess
from visitor import Visitor


def pair() -> dict[str, Any]:
    return counting().model_dump(mode="json")


def opened(visitor: Visitor) -> tuple[str, str]:
    """Opens the flow that the visitor is at to others: its address and its token."""
    visitor.find("share-button").click()
    visitor.find("share-switch").click()
    expect(visitor.find("share-token")).to_be_visible()
    return visitor.find("share-address").input_value(), visitor.find("share-token").input_value()


def asked(address: str, token: str, path: str = "api/flow") -> httpx.Response:
    return httpx.get(address + path, headers={"Authorization": f"Bearer {token}"}, timeout=20)


def test_one_switch_opens_a_flow_to_others_and_closes_it(visitor: Visitor, studio: StudioProcess) -> None:
    visitor.import_flow(pair())
    visitor.find("share-button").click()
    expect(visitor.find("share-switch")).not_to_be_checked()
    visitor.close_dialog()
    address, token = opened(visitor)
    assert address.startswith(studio.origin + "/share/")
    assert asked(address, token).status_code == 200
    assert asked(address, token, "../../api/health").status_code != 200
    visitor.find("share-money").fill("0.25")
    visitor.find("share-keep").click()
    expect(visitor.page.get_by_text("The limits are kept")).to_be_visible()
    assert asked(address, token).json()["limits"]["money"] == 0.25
    visitor.find("share-switch").click()
    expect(visitor.find("share-address")).to_have_count(0)
    assert asked(address, token).status_code == 404


def test_a_token_is_shown_once_and_another_one_ends_it(visitor: Visitor) -> None:
    visitor.import_flow(pair())
    address, first = opened(visitor)
    visitor.close_dialog()
    visitor.find("share-button").click()
    expect(visitor.find("share-address")).to_have_value(address)
    expect(visitor.find("share-token")).to_have_count(0)
    assert first not in visitor.page.content()
    visitor.find("share-new-token").click()
    second = visitor.find("share-token").input_value()
    assert asked(address, first).status_code == 401
    assert asked(address, second).status_code == 200
    # The dialog is about this flow: it goes with its page.
    visitor.page.go_back()
    expect(visitor.find("new-flow")).to_be_visible()
    visitor.new_flow()
    expect(visitor.find("tab-inspector")).to_have_attribute("aria-selected", "true")
    expect(visitor.page.get_by_role("dialog")).to_have_count(0)


def test_limits_that_cannot_hold_are_refused_in_the_form(visitor: Visitor) -> None:
    visitor.import_flow(pair())
    opened(visitor)
    for value in ("", "-1", "much"):
        visitor.find("share-money").fill(value)
        visitor.find("share-keep").click()
        expect(visitor.find("share-dialog").get_by_role("alert")).to_be_visible()


def test_a_guest_without_the_studio_talks_to_the_team_at_its_page(visitor: Visitor, browser: Any) -> None:
    visitor.import_flow(pair())
    opened(visitor)
    link = str(visitor.find("share-page").get_attribute("href"))
    guest = browser.new_context()
    try:
        page: Page = guest.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(link)
        page.locator("#task").fill("Hello")
        page.locator("#task").press("Enter")
        expect(page.locator(".end")).to_have_attribute("data-status", "done", timeout=1_000 * within(20))
        assert page.locator("article").count() > 1
        assert guest.cookies() == []
        run = page.evaluate("JSON.parse(sessionStorage.getItem('convene:' + location.pathname)).runs[0]")
        assert complaints == []
        page.goto(visitor.studio.origin)
        expect(page.get_by_role("heading", name="This studio is locked")).to_be_visible()
        visitor.visit(f"/run/{run}")
        expect(visitor.find("guest")).to_contain_text("chat page")
    finally:
        guest.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_dialog_fits_a_narrow_window(arrive: Callable[..., Visitor], studio: StudioProcess, scheme: str) -> None:
    visitor = arrive(studio, viewport={"width": 1000, "height": 640}, color_scheme=scheme)
    visitor.import_flow(pair())
    opened(visitor)
    visitor.page.set_viewport_size({"width": 420, "height": 640})
    dialog = visitor.find("share-dialog")
    expect(dialog).to_be_visible()
    box = dialog.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 420
