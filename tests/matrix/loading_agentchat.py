"""Makes what scripts for AgentChat make, without holding their conversations, and prints what AutoGen has against it as JSON.

Standard input: a JSON list of files. What an environment lacks packages for is left out.
"""

import builtins
import json
import os
import re
import runpy
import sys
import traceback
import warnings
from pathlib import Path

warnings.simplefilter("ignore")


def main():
    os.environ |= {"OPENAI_API_KEY": "x", "ANTHROPIC_API_KEY": "x"}
    builtins.input = lambda prompt="": ""
    refused = {}
    for file in json.load(sys.stdin):
        for name in re.findall(r'environ\["(\w+)"\]', Path(file).read_text("utf-8")):
            os.environ[name] = "http://127.0.0.1:9/v1"
        try:
            runpy.run_path(file, run_name="loaded")
        except ImportError:
            continue
        except Exception as mistake:
            refused[file] = "".join(traceback.format_exception_only(mistake)).strip()[-500:]
    print(json.dumps(refused))


if __name__ == "__main__":
    main()
