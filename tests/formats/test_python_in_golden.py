"""Every sample script and notebook gives the document and the report that were once looked at."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from studio.formats.recognise import read_bytes

DATA = Path(__file__).parent.parent / "data" / "python_in"
GOLDEN = Path(__file__).parent.parent / "golden" / "python_in"
SAMPLES = sorted((*DATA.glob("*/*.py"), *DATA.glob("*/*.ipynb")))


def reduced(path: Path) -> list[dict[str, Any]]:
    """What counts of the flows of a file: their nodes without positions, their wires, and their reports."""
    flows = []
    for imported in read_bytes(path.read_bytes(), path.stem).flows:
        document = json.loads(imported.document.model_dump_json())
        for node in document["nodes"]:
            del node["position"], node["size"]
        findings = [[each.level, each.code, str(each.place), each.text, list(each.nodes)] for each in imported.report.findings]
        flows.append({"document": document, "form": imported.report.format, "findings": findings})
    return flows


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_sample_gives_what_it_gave_when_it_was_looked_at(path: Path) -> None:
    golden = GOLDEN / f"{path.parent.name}-{path.stem}.json"
    found = reduced(path)
    if os.environ.get("CONVENE_WRITE_GOLDEN") == "1":
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    assert found == json.loads(golden.read_text())


def test_there_are_at_least_twenty_samples_of_both_families() -> None:
    folders = [path.parent.name for path in SAMPLES]
    assert len(folders) >= 20
    assert min(folders.count("autogen"), folders.count("classic")) >= 10
