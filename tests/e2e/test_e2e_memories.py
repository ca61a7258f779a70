"""Memories: what an agent noted, seen on its page, searched, forgotten and brought back."""

from __future__ import annotations

import json

from e2e_flows import assistant, node, team
from model_replies import Seen
from model_server import ModelServer, Said
from playwright.sync_api import expect
from visitor import Visitor


def test_what_an_agent_noted_is_seen_searched_and_forgotten(visitor: Visitor, model: ModelServer) -> None:
    def say(seen: Seen) -> Said | None:
        if "notes about a person" in seen.system:
            return Said(json.dumps({"remember": ["Likes short answers.", "Lives in Lisbon."], "forget": []}))
        return None

    model.reply = say
    model.script({"You help": "Noted. DONE"})
    flow = team("Notes", assistant("ann", "You help."), node("n_notes", "teachable", "notes", 400, 700, parent=None))
    flow["edges"].append({"id": "e_notes", "kind": "memory", "source": "n_notes", "target": "n_ann"})
    visitor.import_flow(flow)
    visitor.run("I live in Lisbon. Keep it short.")
    visitor.ends("done")
    expect(visitor.find("transcript")).to_contain_text("Likes short answers.")

    visitor.visit("/memories")
    lines = visitor.find("memories").get_by_role("listitem")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("you")
    visitor.page.get_by_role("searchbox", name="Search memories").fill("lisbon")
    expect(lines).to_have_count(1)
    visitor.find("forget").click()
    expect(visitor.page.get_by_text("No memory has these words.")).to_be_visible()
    visitor.page.get_by_role("button", name="Undo").click()
    expect(lines).to_have_count(1)
    visitor.page.get_by_role("searchbox", name="Search memories").fill("")
    expect(lines).to_have_count(2)
    visitor.find("forget-all").click()
    expect(visitor.page.get_by_text("Nothing is remembered yet")).to_be_visible()
