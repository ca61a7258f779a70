"""Whatever a model, a flow file or a program's output says, nothing of it runs, loads or leads away."""

from __future__ import annotations

from e2e_flows import assistant, human, node, team
from model_server import ModelServer, Said
from playwright.sync_api import expect
from visitor import Visitor

SCRIPT = "window.pwned = (window.pwned || 0) + 1"
HOSTILE = f"""# All the tricks

<script>{SCRIPT}</script>
<img src="x" onerror="{SCRIPT}"> <svg onload="{SCRIPT}"></svg>
<iframe srcdoc="<script>parent.{SCRIPT}</script>"></iframe>
<a href="javascript:{SCRIPT}">raw link</a> <b onmouseover="{SCRIPT}">raw bold</b>
<style>@import url("http://evil.example/style.css"); body {{ display: none }}</style>

[markdown link](javascript:{SCRIPT}) [data link](data:text/html,<script>{SCRIPT}</script>) [vb](vbscript:x)
[good link](https://example.org/page "title") ![picture](http://evil.example/picture.png) ![x](x" onerror="{SCRIPT})
<http://example.org/auto> **bold <img src=x onerror={SCRIPT}>** `<script>{SCRIPT}</script>`

| table | <script>{SCRIPT}</script> |
|---|---|
| <img src=x onerror={SCRIPT}> | ![p](//evil.example/p.png) |

```html
<script>{SCRIPT}</script>
</code></pre><img src=x onerror={SCRIPT}>
```
"""

INSPECT = """
() => {
  const all = [...document.querySelectorAll("main *, aside *, [data-testid=transcript] *")];
  const bad = all.filter((element) =>
    ["SCRIPT", "IFRAME", "OBJECT", "EMBED", "STYLE", "LINK", "IMG"].includes(element.tagName) ||
    [...element.attributes].some((one) => one.name.startsWith("on") || /^\\s*(javascript|data|vbscript):/i.test(one.value)));
  const links = [...document.querySelectorAll("[data-testid=transcript] a:not([data-testid=code-file])")].map((link) => ({href: link.href, rel: link.rel, target: link.target}));
  return {pwned: window.pwned ?? 0, bad: bad.map((element) => element.outerHTML.slice(0, 200)), links};
}
"""


def test_nothing_of_a_hostile_conversation_runs_or_loads(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You are hostile": [Said(HOSTILE, each=0.002), HOSTILE + "DONE"]})
    printing = f"```python\nprint({HOSTILE!r})\n```"
    model.script({"You print": [HOSTILE + printing]})
    nodes = (
        assistant("ann", f"You are hostile. {HOSTILE}", description=HOSTILE.splitlines()[0] + f"<img src=x onerror={SCRIPT}>"),
        assistant("bob", "You print.", y=130),
        human("boss", prompt=HOSTILE, input_mode="always", executor={"kind": "local"}),
        node("n_note", "note", "", 700, 0, parent=None, text=HOSTILE),
    )
    visitor.import_flow({**team(f"<img src=x onerror={SCRIPT}>", *nodes), "sample_tasks": [f"<script>{SCRIPT}</script>"]})
    visitor.show_conversation()
    visitor.find("sample-task").click()
    visitor.find("task-run").click()
    expect(visitor.question).to_be_visible()
    visitor.find("answer-input").fill("")
    visitor.find("answer-send").click()
    expect(visitor.find("answer-approve")).to_be_visible()
    check(visitor)
    visitor.find("answer-approve").click()
    visitor.ends("done")
    expect(visitor.find("code-result")).to_contain_text("<script>")
    check(visitor)
    for details in visitor.find("transcript").locator("details").all():
        details.evaluate("element => element.open = true")
    check(visitor)

    link = visitor.message("ann").first.get_by_role("link", name="good link")
    expect(link).to_have_attribute("href", "https://example.org/page")
    for name in ("raw link", "markdown link", "data link"):
        expect(visitor.message("ann").first.get_by_role("link", name=name)).to_have_count(0)

    visitor.choose("ann")
    check(visitor)
    visitor.reload()
    expect(visitor.node("ann")).to_be_visible()
    check(visitor)
    visitor.visit("/runs")
    visitor.find("runs").get_by_role("link", name="<script>").first.click()
    expect(visitor.message("ann").first).to_contain_text("All the tricks")
    check(visitor)
    visitor.home()
    check(visitor)


def check(visitor: Visitor) -> None:
    visitor.page.wait_for_timeout(100)
    found = visitor.page.evaluate(INSPECT)
    assert found["pwned"] == 0
    assert found["bad"] == []
    for link in found["links"]:
        assert link["href"].startswith(("https://", "http://", "mailto:"))
        assert "noopener" in link["rel"]
        assert link["target"] == "_blank"
