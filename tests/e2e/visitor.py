"""A person at the studio in a real browser: what they do by mouse and keyboard, and whatever their browser complains about."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from patience import within
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from studio_process import StudioProcess

SOON = 1_000 * within(10)
"""Milliseconds that the page may take for anything but a run."""
expect.set_options(timeout=SOON)

NOTICED = """
document.addEventListener("securitypolicyviolation", (event) => console.error(`CSP refused ${event.violatedDirective} ${event.blockedURI}`));
"""


class Visitor:
    """One browser with its own cookies, on one page of the studio.

    `complaints` collects console errors, exceptions, failed and foreign requests; a test that causes one on purpose says so
    with `expecting`.
    """

    def __init__(self, browser: Browser, studio: StudioProcess, **options: Any) -> None:
        self.studio = studio
        self.complaints: list[str] = []
        self._allowed: list[str] = []
        self.context: BrowserContext = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        self.context.set_default_timeout(SOON)
        self.context.add_init_script(NOTICED)
        self.context.on("request", lambda request: self._watch_host(request.url))
        self.page: Page = self._new_page()

    def in_another_tab(self) -> Visitor:
        """The same person in a second tab of the same browser, on the same page."""
        other = copy.copy(self)
        other.page = other._new_page()
        other.page.goto(self.page.url)
        other.in_editor()
        return other

    def _new_page(self) -> Page:
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self._complain(f"console: {message.text}") if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self._complain(f"exception: {error}"))
        self.page.on("requestfailed", lambda request: self._complain(f"failed: {request.url} {request.failure}"))
        self.page.on("websocket", lambda socket: self._watch_host(socket.url))
        return self.page

    def _watch_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != f"127.0.0.1:{self.studio.port}":
            self._complain(f"foreign request: {url}")

    def _complain(self, text: str) -> None:
        # A page that is left takes its unfinished requests with it.
        if not any(part in text for part in self._allowed) and "net::ERR_ABORTED" not in text:
            self.complaints.append(text)

    @contextmanager
    def expecting(self, *parts: str) -> Iterator[None]:
        """Complaints with one of these parts are expected from now on, until the end of the block and what it caused."""
        self._allowed += parts
        yield
        self.page.wait_for_timeout(50)
        for part in parts:
            self._allowed.remove(part)

    def leave(self) -> None:
        self.context.close()

    # Going places -------------------------------------------------------------------------------------------------------

    def enter(self) -> Visitor:
        """Opens the first page by the address that the studio printed."""
        self.page.goto(self.studio.url)
        return self._at_home()

    def home(self) -> Visitor:
        self.page.goto(self.studio.origin)
        return self._at_home()

    def _at_home(self) -> Visitor:
        expect(self.find("templates").get_by_role("button").first).to_be_visible()
        return self

    def accounts(self) -> Visitor:
        self.page.goto(self.studio.origin + "/accounts")
        expect(self.find("add-account")).to_be_visible()
        return self

    def add_account(self, name: str, base_url: str, key: str) -> None:
        """Makes a model account on its page; saving it tests it."""
        self.accounts()
        self.find("add-account").click()
        self.find("account-dialog").get_by_role("button", name="Another server").click()
        self.find("account-name").fill(name)
        self.find("account-url").fill(base_url)
        self.find("account-key").fill(key)
        self.find("account-model").fill("test-model")
        self.find("account-save").click()
        expect(self.find("test-result")).to_be_visible()

    def close_dialog(self) -> None:
        self.page.keyboard.press("Escape")
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def visit(self, path: str) -> None:
        self.page.goto(self.studio.origin + path)

    def reload(self) -> None:
        self.page.reload()
        if "/flow/" in self.page.url:
            self.in_editor()

    def find(self, test_id: str) -> Locator:
        return self.page.get_by_test_id(test_id)

    def new_flow(self) -> str:
        """A new empty flow; returns its id."""
        self.find("new-flow").click()
        return self.in_editor()

    def use_template(self, name: str) -> str:
        self.find(f"template-{name}").click()
        return self.in_editor()

    def import_flow(self, document: dict[str, Any]) -> str:
        """Imports a flow file on the first page; returns the flow's id."""
        data = json.dumps({"format": "convene.flow", "version": 1, **document}).encode()
        self.find("import-file").set_input_files({"name": "flow.json", "mimeType": "application/json", "buffer": data})
        return self.in_editor()

    def in_editor(self) -> str:
        self.page.wait_for_url(re.compile(r"/flow/[^/?]+"), timeout=SOON)
        expect(self.find("run-button")).to_be_visible(timeout=SOON)
        expect(self.page.locator("html[data-alive] .react-flow__pane")).to_be_visible()
        return urlsplit(self.page.url).path.rsplit("/", 1)[-1]

    # Drawing ------------------------------------------------------------------------------------------------------------

    def node(self, name: str) -> Locator:
        return self.find(f"node-{name}")

    @property
    def nodes(self) -> Locator:
        return self.page.locator(".react-flow__node")

    def edges(self, kind: str) -> Locator:
        return self.page.locator(f".cv-wire[data-kind={kind}]")

    def drag_in(self, entry: str, x: float, y: float) -> None:
        """Drags an entry of the palette to a point of the canvas, in its pixels."""
        self._drag(entry, self.find("canvas"), x, y)

    def drag_onto(self, entry: str, team: str, x: float, y: float) -> None:
        """Drags an entry of the palette into a team, to a point in its pixels."""
        self._drag(entry, self.node(team), x, y)

    def _drag(self, entry: str, target: Locator, x: float, y: float) -> None:
        before = self.nodes.count()
        self.unfold(entry)
        self.find(f"palette-{entry}").drag_to(target, target_position={"x": x, "y": y})
        expect(self.nodes).to_have_count(before + 1)
        self.inspects(self.page.locator(".react-flow__node.selected"))

    def unfold(self, entry: str) -> None:
        """Unfolds the groups of the palette until an entry is seen that is not among those used most."""
        expect(self.find("palette-assistant")).to_be_visible()
        folded = self.page.locator(".pl-fold[aria-expanded=false]")
        while not self.find(f"palette-{entry}").count() and folded.count():
            folded.first.click()

    def inspects(self, node: Locator) -> None:
        """Waits until the inspector shows the form of a node."""
        expect(self.find("inspector")).to_have_attribute("data-node", str(node.get_attribute("data-id")))

    def choose(self, name: str) -> None:
        """Clicks a node, so that its form comes."""
        node = self.node(name)
        expect(node).to_be_visible()
        header = node.locator(".cv-team-name")
        if header.count():
            header.click()
        else:
            node.click()
        self.inspects(node)

    def grab_wire(self, source: str) -> None:
        """Presses the mouse on the port at the right side of a node and begins to drag."""
        self.node(source).hover()
        port = self.node(source).locator(".cv-port.react-flow__handle-right")
        x, y = middle(port)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + 12, y + 12, steps=3)

    def wire(self, source: str, target: str) -> None:
        """Draws a wire from port to port."""
        self.grab_wire(source)
        self.move_to(target)
        self.page.mouse.up()

    def move_to(self, target: str) -> None:
        """Moves the mouse onto the port that takes the wire, or onto the node where there is none."""
        x, y = middle(self.node(target))
        self.page.mouse.move(x, y, steps=4)
        port = self.node(target).locator(".cv-target")
        if port.count():
            x, y = middle(port)
            self.page.mouse.move(x, y, steps=4)

    def field(self, name: str) -> Locator:
        return self.find("inspector").get_by_test_id(f"field-{name}")

    def fill(self, name: str, value: str) -> None:
        """Types into a field of the inspector and leaves it."""
        self.field(name).fill(value)
        self.field(name).blur()

    # Running ------------------------------------------------------------------------------------------------------------

    def name_flow(self, name: str) -> None:
        self.find("flow-name").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(name)
        self.page.keyboard.press("Enter")

    def show_conversation(self) -> None:
        self.find("tab-conversation").click()

    def run(self, task: str) -> None:
        """Types the task into the box of the conversation and presses Run."""
        self.show_conversation()
        self.find("task-input").fill(task)
        self.find("run-button").click()

    def ends(self, status: str = "done", seconds: float = 20) -> Locator:
        """Waits for the end of the run that is shown."""
        end = self.find("run-finished").last
        expect(self.find("run-status")).to_have_attribute("data-status", status, timeout=1_000 * within(seconds))
        expect(end).to_have_attribute("data-status", status)
        return end

    @property
    def messages(self) -> Locator:
        return self.find("transcript").get_by_test_id("message")

    def speakers(self) -> list[str]:
        return [str(message.get_attribute("data-source")) for message in self.messages.all()]

    def message(self, source: str) -> Locator:
        """The messages of one speaker."""
        return self.find("transcript").locator(f"[data-testid=message][data-source='{source}']")

    @property
    def question(self) -> Locator:
        return self.find("question")

    def answer(self, text: str) -> None:
        self.find("answer-input").fill(text)
        self.find("answer-send").click()


def middle(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None, f"{locator} is not to be seen"
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
