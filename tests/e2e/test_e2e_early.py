"""Who is faster than the page: what is clicked and pressed before the bundles have come is done once they are there."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, WebSocketRoute, expect
from visitor import Visitor


class Late:
    """The bundles whose names begin with `part` do not come before they are `let` through, as on a slow line or a busy machine."""

    def __init__(self, page: Page, part: str) -> None:
        self._held: list[Route] = []
        self._through = False
        page.route(re.compile(rf"/assets/{part}[^/]*\.js"), self._take)

    def _take(self, route: Route) -> None:
        if self._through:
            route.continue_()
        else:
            self._held.append(route)

    def let(self) -> None:
        self._through = True
        for route in self._held:
            route.continue_()


class Unheard:
    """The server is not heard before it is `let`: the page is there, and what it is about is not."""

    def __init__(self, page: Page) -> None:
        self._held: list[WebSocketRoute] = []
        self._through = False
        page.route_web_socket(re.compile("/_event/"), self._take)

    def _take(self, socket: WebSocketRoute) -> None:
        if self._through:
            socket.connect_to_server()
        else:
            self._held.append(socket)

    def let(self) -> None:
        self._through = True
        for socket in self._held:
            socket.connect_to_server()


class Silent:
    """The server hears the page, and what it says is kept back between `hold` and `let`."""

    def __init__(self, page: Page) -> None:
        self._held: list[tuple[WebSocketRoute, str | bytes]] = []
        self._holds = False
        page.route_web_socket(re.compile("/_event/"), self._take)

    def _take(self, socket: WebSocketRoute) -> None:
        socket.connect_to_server().on_message(lambda said: self._say(socket, said))

    def _say(self, socket: WebSocketRoute, said: str | bytes) -> None:
        if self._holds:
            self._held.append((socket, said))
        else:
            socket.send(said)

    def hold(self) -> None:
        self._holds = True

    def let(self) -> None:
        self._holds = False
        for socket, said in self._held:
            socket.send(said)


def arrives_early(visitor: Visitor, path: str = "/", part: str = "") -> Late:
    """Opens a page again and looks at it before its scripts are there."""
    late = Late(visitor.page, part)
    visitor.page.goto(visitor.studio.origin + path, wait_until="commit")
    return late


def arrives_before_the_editor(visitor: Visitor, flow: str) -> Late:
    """Opens a flow whose page is still empty."""
    late = arrives_early(visitor, f"/flow/{flow}", "room")
    visitor.page.wait_for_load_state("domcontentloaded")
    assert visitor.page.locator("button").count() == 0
    return late


def is_alive(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.hasAttribute('data-alive')"))


def test_a_click_before_the_page_is_alive_is_done_once(visitor: Visitor) -> None:
    flow = visitor.new_flow()
    visitor.home()
    expect(visitor.find("flow-card").locator(f"a[href*='{flow}']").first).to_be_visible()
    flows = visitor.find("flow-card").count()
    late = arrives_early(visitor, part="entry.client")
    visitor.find("new-flow").click()
    assert not is_alive(visitor.page)
    late.let()
    visitor.in_editor()
    visitor.home()
    expect(visitor.find("flow-card")).to_have_count(flows + 1)


def test_text_after_the_key_of_the_command_box_waits_for_the_box(visitor: Visitor) -> None:
    late = arrives_early(visitor, part="entry.client")
    expect(visitor.find("new-flow")).to_be_visible()
    visitor.page.keyboard.press("Control+k")
    visitor.page.keyboard.type("models")
    assert not is_alive(visitor.page)
    visitor.page.keyboard.press("Enter")
    late.let()
    visitor.page.wait_for_url("**/accounts")


def test_text_after_the_key_of_the_command_box_is_not_lost_on_a_living_page_either(visitor: Visitor) -> None:
    visitor.page.keyboard.press("Control+k")
    visitor.page.keyboard.type("runs")
    expect(visitor.page.get_by_role("combobox", name="Search or do")).to_have_value("runs")


def test_the_palette_is_searched_by_who_types_before_it_has_come(visitor: Visitor) -> None:
    flow = visitor.new_flow()
    late = arrives_before_the_editor(visitor, flow)
    visitor.page.keyboard.press("/")
    visitor.page.keyboard.type("round  robin")
    visitor.page.keyboard.press("Backspace")
    visitor.page.keyboard.press("Enter")
    late.let()
    expect(visitor.nodes).to_have_count(1)
    expect(visitor.node("team")).to_be_visible()


def test_an_entry_that_is_clicked_before_the_drawing_has_come_is_added_once(visitor: Visitor) -> None:
    flow = visitor.new_flow()
    unheard = Unheard(visitor.page)
    visitor.page.goto(f"{visitor.studio.origin}/flow/{flow}")
    visitor.find("palette-assistant").click()
    assert not is_alive(visitor.page)
    unheard.let()
    expect(visitor.nodes).to_have_count(1)
    visitor.reload()
    expect(visitor.nodes).to_have_count(1)


def test_nothing_of_the_flow_before_is_seen_at_the_address_of_another(visitor: Visitor) -> None:
    other = visitor.new_flow()
    visitor.home()
    silent = Silent(visitor.page)
    visitor.home()
    visitor.use_template("writing-room")
    visitor.page.get_by_role("link", name="Flows").first.click()
    card = visitor.find("flow-card").locator(f"a[href*='{other}']").first
    expect(card).to_be_visible()
    silent.hold()
    card.click()
    visitor.page.wait_for_url(re.compile(other))
    shown = "() => [...document.querySelectorAll('.react-flow__node, [data-testid=flow-name]')].map((one) => one.checkVisibility({opacityProperty: true}))"
    expect(visitor.find("flow-name")).to_have_value("Writing room")
    assert not any(visitor.page.evaluate(shown))
    silent.let()
    visitor.in_editor()
    expect(visitor.find("flow-name")).not_to_have_value("Writing room")
    assert all(visitor.page.evaluate(shown))


def test_a_dialog_that_is_asked_for_before_the_server_is_heard_stays_open(visitor: Visitor) -> None:
    visitor.accounts()
    unheard = Unheard(visitor.page)
    visitor.page.reload()
    visitor.find("add-account").click()
    assert not is_alive(visitor.page)
    unheard.let()
    expect(visitor.find("accounts")).to_be_visible()
    visitor.find("account-dialog").get_by_role("button", name="Another server").click()
    expect(visitor.find("account-name")).to_be_visible()


def test_run_is_asked_for_by_key_before_the_conversation_has_come(visitor: Visitor) -> None:
    flow = visitor.use_template("writing-room")
    late = arrives_before_the_editor(visitor, flow)
    visitor.page.keyboard.press("Control+Enter")
    visitor.page.keyboard.type("Say hello")
    late.let()
    expect(visitor.find("task-input")).to_have_value("Say hello")


def test_a_key_right_after_a_dialog_was_closed_is_not_lost(visitor: Visitor) -> None:
    visitor.page.keyboard.press("Control+k")
    expect(visitor.page.get_by_role("combobox", name="Search or do")).to_be_focused()
    visitor.page.keyboard.press("Escape")
    visitor.page.keyboard.press("?")
    expect(visitor.find("help")).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(visitor.find("help")).to_be_hidden()
    visitor.page.keyboard.press("Control+k")
    expect(visitor.page.get_by_role("combobox", name="Search or do")).to_be_focused()
