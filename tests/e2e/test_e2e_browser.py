"""An agent with a web browser: what a person agrees to, and what they see of the pages that it visited."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from e2e_flows import assistant, node, team
from model_server import Call, ModelServer
from patience import within
from playwright.sync_api import expect
from visitor import Visitor

PAGE = b"""<!doctype html><title>Pear shop</title><body style="font: 18px sans-serif; margin: 40px"><h1>Pears of the day</h1>
<p>Fresh from the garden: three for two.</p><form><input name=q placeholder="Find a pear" style="font: inherit"> <button>Search</button></form>
<p><a href="/open">When we are open</a> <a href="/where">Where we are</a></p></body>"""


class _Shop(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is told."""


@pytest.fixture
def shop() -> Iterator[str]:
    """A page on loopback, by its host and port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_the_page_that_an_agent_visited_is_seen_in_the_conversation(visitor: Visitor, model: ModelServer, shop: str) -> None:
    model.script({"You surf": [Call("visit_url", {"url": f"http://{shop}/"}), "They sell pears. DONE"]})
    flow = team("Surfing", assistant("ann", "You surf."))
    flow["nodes"].append(node("n_web", "web_browser", "browser", 700, 600, parent=None, private_hosts=[shop]))
    flow["edges"].append({"id": "e_web", "kind": "tool", "source": "n_web", "target": "n_ann"})
    visitor.import_flow(flow)
    visitor.choose("browser")
    expect(visitor.field("start_page")).to_be_visible()
    visitor.run("What do they sell?")
    expect(visitor.question).to_contain_text("Chromium is started on this machine.")
    visitor.find("answer-approve").click()
    visitor.ends("done")
    picture = visitor.find("attachment")
    expect(picture).to_have_attribute("alt", "What visit_url showed", timeout=1_000 * within(10))
    assert picture.evaluate("image => image.naturalWidth") == 1280
    call = visitor.find("tool-call")
    call.locator("summary").click()
    expect(call).to_contain_text('[1] textbox "Find a pear"')
