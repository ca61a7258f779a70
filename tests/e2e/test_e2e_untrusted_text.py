"""What a model says is never trusted: no HTML of its own, no foreign picture, no link that does something."""

from __future__ import annotations

from e2e_flows import node, talk
from model_server import ModelServer
from playwright.sync_api import expect
from visitor import Visitor

HOSTILE = """<script>window.owned = 1</script><img src=x onerror="window.owned = 2"><svg onload="window.owned = 3"></svg>

![a picture](https://evil.example/pixel.png) ![another](//evil.example/p.gif) ![data](data:image/svg+xml;base64,PHN2Zy8+)

[click me](javascript:window.owned=4) [or me](data:text/html,<script>window.owned=5</script>) [a page](https://example.com/page)

<iframe src="https://evil.example"></iframe><a href="javascript:window.owned=6">raw</a>
<form action="https://evil.example"><button>go</button></form>

`<b onmouseover=window.owned=7>inline</b>`

```html
<img src=x onerror="window.owned = 8">
```

| a | b |
|---|:-:|
| <i>x</i> | **bold** |
"""


def test_nothing_that_a_model_says_runs_loads_or_leads_away(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You are hostile": [HOSTILE + "\n\nDONE"]})
    visitor.import_flow(
        talk("Hostile <img src=x onerror='window.owned=9'>", "You are hostile.") | {"description": "<script>window.owned = 10</script>"}
    )
    visitor.run("Be hostile.")
    visitor.ends("done")
    said = visitor.message("ann")
    for tag in ("script", "svg[onload]", "iframe", "form", "style", "i", "b"):
        expect(said.locator(f".tr-text {tag}")).to_have_count(0)
    expect(said.locator("img")).to_have_count(0)
    expect(said).to_contain_text('<img src=x onerror="window.owned = 2">')

    links = said.locator("a").all()
    addresses = [str(link.get_attribute("href")) for link in links]
    assert {"https://evil.example/pixel.png", "https://example.com/page"} <= set(addresses)
    assert all(address.startswith("https://") for address in addresses)
    for link in links:
        assert link.get_attribute("target") == "_blank"
        assert {"noopener", "noreferrer"} <= set((link.get_attribute("rel") or "").split())
    expect(said.locator("table strong")).to_have_text("bold")
    expect(said.locator("figure code")).to_contain_text('<img src=x onerror="window.owned = 8">')
    said.hover()
    assert visitor.page.evaluate("window.owned") is None


def test_code_is_copied_as_the_model_wrote_it(visitor: Visitor, model: ModelServer) -> None:
    code = 'def area(r: float) -> float:\n    return 3.14 * r ** 2  # <- "r" & more\n'
    model.script({"You write": [f"Here:\n\n```python\n{code}```\n\nDONE"]})
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.import_flow(talk("Copying", "You write code."))
    visitor.run("Write.")
    visitor.ends("done")
    figure = visitor.message("ann").locator("figure")
    figure.hover()
    figure.get_by_role("button", name="Copy").click()
    expect(figure.get_by_role("button", name="Copied")).to_be_visible()
    assert visitor.page.evaluate("navigator.clipboard.readText()") == code.rstrip("\n")


def test_a_note_shows_markdown_and_nothing_else(visitor: Visitor) -> None:
    flow = talk("Noted", "You are quiet.")
    flow["nodes"].append(
        node(
            "n_note",
            "note",
            "",
            600,
            0,
            parent=None,
            text="**Mind** <img src=x onerror='window.owned=1'>\n\n[x](javascript:window.owned=2)",
        )
    )
    visitor.import_flow(flow)
    note = visitor.page.locator(".react-flow__node-note")
    expect(note.locator("strong")).to_have_text("Mind")
    expect(note.locator("img, a")).to_have_count(0)
    assert visitor.page.evaluate("window.owned") is None
