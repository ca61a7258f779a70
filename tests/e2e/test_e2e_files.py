"""Files that code wrote: pictures in the conversation, a list with previews beside it, downloads; a page of code never runs."""

from __future__ import annotations

import base64
import zipfile
from pathlib import Path
from typing import Any

from e2e_flows import assistant, node, team
from model_server import ModelServer
from playwright.sync_api import expect
from visitor import Visitor

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
CODE = f"""Here it is.

```python
import base64
open('plot ü.png', 'wb').write(base64.b64decode('{PIXEL}'))
open('table.csv', 'w').write('city,people\\nOslo,709037\\nBergen,291940\\n')
open('page.html', 'w').write('<script>document.title = "owned"</script><h1>Page</h1>')
open('notes.md', 'w').write('# Notes')
```"""


def drawn() -> dict[str, Any]:
    runner = node("n_runner", "code_runner", "runner", 300, 60, executor={"kind": "local"})
    return team("Files", assistant("coder", "You write code."), runner, stop="DONE")


def test_what_code_wrote_is_seen_looked_into_and_taken_along(visitor: Visitor, model: ModelServer, tmp_path: Path) -> None:
    model.script({"You write code": [CODE, "DONE"]})
    visitor.import_flow(drawn())
    visitor.run("Make some files")
    visitor.find("answer-approve").click()
    visitor.ends("done")
    picture = visitor.find("code-picture").locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 1
    assert visitor.find("code-file").all_text_contents() == ["notes.md", "page.html", "plot ü.png", "table.csv"]
    visitor.find("files-tab").click()
    expect(visitor.find("run-file")).to_have_count(4)

    visitor.find("run-file").filter(has_text="table.csv").click()
    preview = visitor.find("file-preview")
    expect(preview).to_have_attribute("data-kind", "table")
    assert preview.locator("tbody tr").first.locator("td").all_text_contents() == ["Oslo", "709037"]
    visitor.find("run-file").filter(has_text="plot").click()
    expect(preview).to_have_attribute("data-kind", "picture")
    visitor.find("run-file").filter(has_text="page.html").click()
    expect(preview).to_contain_text("<script>document.title")
    assert "owned" not in visitor.page.title()

    with visitor.page.expect_download() as one:
        visitor.find("file-download").click()
    assert one.value.suggested_filename == "page.html"
    with visitor.page.expect_download() as all_:
        visitor.find("files-zip").click()
    all_.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.namelist() == ["notes.md", "page.html", "plot ü.png", "table.csv"]
        assert archive.read("plot ü.png") == base64.b64decode(PIXEL)


def test_a_run_without_files_says_where_they_would_appear(visitor: Visitor) -> None:
    visitor.import_flow(drawn())
    visitor.find("files-tab").click()
    expect(visitor.page.get_by_text("Files of a run appear here once one is shown.")).to_be_visible()
