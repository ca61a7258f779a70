"""What importing the engine brings along: nothing that only some conversations need."""

from __future__ import annotations

import subprocess
import sys


def test_a_script_that_talks_imports_no_executor_and_no_sdk() -> None:
    code = "import sys; from studio.engine import Assistant, Human, OpenAIModel, Team, run; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    imported = set(done.stdout.split())
    assert "studio.engine.advance" in imported
    heavy = {"openai", "aiohttp", "networkx", "cryptography", "rich", "studio.engine.code.docker_executor", "studio.engine.functions"}
    assert not imported & heavy
