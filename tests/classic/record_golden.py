"""Writes down what AutoGen itself says: `python tests/classic/record_golden.py PYTHON`, an interpreter with autogen-agentchat==0.2.40,
or with ag2==0.9.10 for the scripts whose names begin with ag2_, which are named after it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from classic_scripts import GOLDEN, names, replies_of, served, text_of
from model_server import ModelServer


def main() -> None:
    wanted = sys.argv[2:] or [name for name in names() if not name.startswith("ag2_")]
    for name in wanted:
        text = text_of(name)
        with ModelServer() as server:
            served(server, replies_of(text))
            program = f"{text}\nimport json\nprint('\\nRESULT ' + json.dumps(RESULT))"
            environment = {
                **os.environ,
                "CLASSIC_BASE_URL": server.base_url,
                "AUTOGEN_USE_DOCKER": "0",
                "PYTHONPATH": str(Path(__file__).parent),
            }
            done = subprocess.run([sys.argv[1], "-c", program], capture_output=True, text=True, env=environment, timeout=120, check=False)
        line = next((line for line in done.stdout.splitlines()[::-1] if line.startswith("RESULT ")), None)
        if line is None:
            print(f"{name}: failed\n{done.stdout[-500:]}\n{done.stderr[-1500:]}")
            continue
        written = json.dumps(json.loads(line.removeprefix("RESULT ")), indent=1, ensure_ascii=False)
        (GOLDEN / f"{name}.json").write_text(written + "\n", encoding="utf-8")
        print(f"{name}: written")


if __name__ == "__main__":
    main()
