"""Documents: dropped into a node, answered from, cited, and the passage behind a number."""

from __future__ import annotations

import json

from e2e_flows import assistant, node, team
from model_server import ModelServer
from playwright.sync_api import expect
from visitor import Visitor

HOURS = "# Handbook\n\n## Opening hours\n\nThe office in Lisbon opens at nine in the morning.\n\n## Holidays\n\nThirty days a year.\n"
PRICES = "thing,price\nlamp,12 euros\ntable,80 euros\n"

DROP = """(zone, [name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name));
  for (const type of ["dragenter", "dragover", "drop"]) zone.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: carried }));
}"""


def test_documents_are_dropped_into_the_form_and_onto_the_agent(visitor: Visitor) -> None:
    visitor.import_flow(team("Reference desk", assistant("bob", "You listen.")))
    visitor.unfold("retrieval_agent")
    visitor.find("palette-retrieval_agent").click()
    expect(visitor.edges("memory")).to_have_count(1)
    visitor.choose("documents")
    expect(visitor.find("field-documents")).to_be_visible()
    visitor.find("field-documents").evaluate(DROP, ["handbook.md", HOURS])
    expect(visitor.find("document")).to_contain_text("handbook.md")
    visitor.find("add-documents").set_input_files({"name": "prices.csv", "mimeType": "text/csv", "buffer": PRICES.encode()})
    expect(visitor.find("document")).to_have_count(2)
    expect(visitor.node("documents")).to_contain_text("handbook.md, prices.csv")
    visitor.node("assistant").evaluate(DROP, ["late.txt", "Whoever is late pays ten euros."])
    expect(visitor.find("document")).to_have_count(3)
    expect(visitor.node("documents")).to_contain_text("late.txt")
    with visitor.expecting("422"):
        visitor.find("add-documents").set_input_files({"name": "empty.txt", "mimeType": "text/plain", "buffer": b"  "})
        expect(visitor.find("field-documents").get_by_role("alert")).to_contain_text("there is no text in it")
    visitor.find("document").nth(1).get_by_role("button", name="Remove prices.csv").click()
    expect(visitor.find("document")).to_have_count(2)


def test_a_number_leads_to_its_passage_and_one_without_a_passage_is_marked(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You answer": "The office opens at nine [1], on Mondays too [8]. DONE"})
    held = node("n_docs", "documents", "documents", 400, 700, parent=None, documents=[{"name": "handbook.md", "text": HOURS}])
    flow = team("Opening hours", assistant("ann", "You answer."), held)
    flow["edges"].append({"id": "e_docs", "kind": "memory", "source": "n_docs", "target": "n_ann"})
    visitor.import_flow(flow)
    visitor.run("When does the Lisbon office open?")
    visitor.ends("done")
    said = visitor.message("ann")
    passage = visitor.find("passage").first
    expect(passage).to_be_hidden()
    said.get_by_role("button", name="[1]").click()
    expect(passage).to_be_visible()
    expect(passage).to_contain_text("handbook.md, Handbook › Opening hours")
    expect(passage.get_by_text("The office in Lisbon opens at nine in the morning.")).to_be_visible()
    expect(said.locator(".tr-cite[data-bad]")).to_have_text("[8]")
    expect(said).to_contain_text("ann cites [8], but was told no such passage.")
    assert "The office in Lisbon" in json.dumps(model.asked("You answer")[-1].messages)
