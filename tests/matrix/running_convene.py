"""Runs exported programs on Convene's own engine, one after the other, and prints what happened as JSON lines.

Standard input: a JSON list of {id, folder, file, base_url, task, typed}.
"""

import builtins
import contextlib
import io
import json
import os
import runpy
import sys
import traceback
from pathlib import Path

from matrix_rows import rows_of_events


def main():
    orders = json.load(sys.stdin)
    out = sys.stdout
    for order in orders:
        log = Path(order["folder"]) / "events.jsonl"
        os.environ |= {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": order["base_url"], "CONVENE_EVENTS": str(log)}
        os.environ["CONVENE_ALLOW_LOCAL_CODE"] = "1"
        os.chdir(order["folder"])
        typed = iter(order["typed"])
        builtins.input = lambda prompt="", typed=typed: next(typed)
        sys.argv = [order["file"], order["task"]]
        error = ""
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                runpy.run_path(order["file"], run_name="__main__")
        except SystemExit as left:
            error = "" if left.code in (None, 0) else f"exit status {left.code}"
        except BaseException as mistake:
            error = "".join(traceback.format_exception_only(mistake)).strip()[-1_500:]
        said = rows_of_events([json.loads(line) for line in log.read_text("utf-8").splitlines()]) if log.exists() else []
        print(json.dumps({"id": order["id"], "said": said, "error": error}), file=out, flush=True)


if __name__ == "__main__":
    main()
