"""An agent that looks at a video which a person gave with the task: the picture that it took is seen in the conversation."""

from __future__ import annotations

import base64
from pathlib import Path

from e2e_flows import assistant, node, team
from films import colour, film
from model_server import Call, ModelServer
from patience import within
from playwright.sync_api import expect
from visitor import Visitor


def test_what_an_agent_took_of_a_video_is_seen_in_the_conversation(visitor: Visitor, model: ModelServer, tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", size=(320, 240))
    model.script({"You watch": [Call("get_screenshot_at", {"video_path": "film.mp4", "timestamps": [1.5]}), "All is green. DONE"]})
    flow = team("Watching", assistant("ann", "You watch."))
    flow["nodes"].append(node("n_video", "video", "videos", 700, 600, parent=None))
    flow["edges"].append({"id": "e_video", "kind": "tool", "source": "n_video", "target": "n_ann"})
    visitor.import_flow(flow)
    visitor.choose("videos")
    expect(visitor.field("language")).to_be_visible()
    visitor.find("attach-input").set_input_files(str(path))
    expect(visitor.find("attached-file")).to_have_count(1)
    visitor.run("What do you see?")
    visitor.ends("done")
    expect(visitor.find("transcript")).not_to_contain_text("left out")
    picture = visitor.page.locator("[data-testid=attachment][alt='What get_screenshot_at showed']")
    expect(picture).to_be_visible(timeout=1_000 * within(10))
    source = picture.get_attribute("src") or ""
    assert colour(base64.b64decode(source.partition("base64,")[2])) == "green"
