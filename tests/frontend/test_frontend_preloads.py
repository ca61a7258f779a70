"""What the page of a flow or a run says ahead of time that it will ask for."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from studio.frontend.preloads import PAGE, preload


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """A small build: a page with an id, one without, a chunk that waits for a click."""
    routes = {
        "run": {
            "path": "run/:run_id",
            "module": "/assets/run-1.js",
            "imports": ["/assets/shared-1.js"],
            "css": [],
        },
        "runs": {"path": "runs", "module": "/assets/runs-1.js", "imports": [], "css": []},
        "missing": {"path": "*", "module": "/assets/missing-1.js", "imports": [], "css": []},
    }
    files = {
        "manifest-1.js": f"window.__reactRouterManifest={json.dumps({'routes': routes})};",
        "run-1.js": 'import{a}from"./shared-1.js";const later=()=>import("./editor-1.js");',
        "shared-1.js": 'import{b as c}from"./deep-1.js";import"./gone-1.js";',
        "deep-1.js": "export const b=1",
        "runs-1.js": "",
        "editor-1.js": "",
    }
    (tmp_path / "assets").mkdir()
    for name, text in files.items():
        (tmp_path / "assets" / name).write_text(text)
    (tmp_path / PAGE).write_text('<html><head><link rel="modulepreload" href="/assets/shared-1.js"/></head><body></body></html>')
    (tmp_path / f"{PAGE}.gz").write_bytes(b"")
    return tmp_path


def test_a_page_with_an_id_names_all_that_it_loads_at_once_and_nothing_else(client: Path):
    assert preload(client) == 2
    text = (client / PAGE).read_text()
    assert re.findall(r'href="/assets/([^"]+)"', text) == ["shared-1.js", "run-1.js", "deep-1.js"]
    assert gzip.decompress((client / f"{PAGE}.gz").read_bytes()).decode() == text


def test_a_page_with_an_id_begins_at_once_and_no_other(client: Path):
    preload(client)
    begun = re.findall(r"<script[^>]*>const page=(.*?)\[location", (client / PAGE).read_text())
    assert [json.loads(pages) for pages in begun] == [{"run": "/assets/run-1.js"}]


def test_doing_it_again_adds_nothing(client: Path):
    preload(client)
    assert preload(client) == 0


def test_a_build_that_looks_otherwise_stays_as_it_is(client: Path):
    before = (client / PAGE).read_text()
    next((client / "assets").glob("manifest-*")).write_text("export default {}")
    assert preload(client) == 0
    assert (client / PAGE).read_text() == before
