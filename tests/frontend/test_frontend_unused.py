"""What a serving process leaves out, looked at in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SERVING = """
import sys
from studio.frontend.unused import without_clients, without_redis
without_redis()
with without_clients():
    import studio.app
"""


def after_loading(question: str) -> str:
    """What a process that has loaded the pages for serving answers."""
    done = subprocess.run(
        [sys.executable, "-c", f"{SERVING}\n{question}"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


@pytest.fixture(scope="module")
def loaded() -> frozenset[str]:
    """The modules of a process that has loaded the pages for serving."""
    return frozenset(json.loads(after_loading("import json; print(json.dumps(list(sys.modules), separators=(',', ':')))")))


@pytest.mark.parametrize("module", ["redis.client", "aiohttp", "requests", "openai", "docker", "networkx", "alembic"])
def test_serving_loads_nothing_that_it_does_not_need_yet(module: str, loaded: frozenset[str]) -> None:
    assert "studio.app" in loaded
    assert module not in loaded


def test_what_was_left_out_can_be_imported_later() -> None:
    assert after_loading("import aiohttp, requests; print(aiohttp.ClientSession is not None)") == "True"


def test_reflex_believes_that_redis_is_not_installed() -> None:
    assert after_loading("from reflex.utils.prerequisites import get_redis; print(get_redis())") == "None"


def test_a_package_that_is_in_use_stays() -> None:
    asked = "import json; from studio.frontend import unused; unused.CLIENTS = ('json',)\nwith unused.without_clients():\n    import json\nprint(json.dumps(1))"
    assert after_loading(asked) == "1"
