"""Runs scripts for AutoGen 0.2 in an environment that has it or AG2, one after the other, and prints what was said as JSON lines.

Standard input: a JSON list of {id, folder, file, base_url, task, typed}. Only AutoGen and the standard library are imported here.
"""

import builtins
import contextlib
import io
import json
import os
import runpy
import sys
import traceback
import warnings

warnings.simplefilter("ignore")


def main():
    orders = json.load(sys.stdin)
    out = sys.stdout
    os.environ["AUTOGEN_USE_DOCKER"] = "0"
    for order in orders:
        said, error = [], ""
        os.environ |= {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": order["base_url"]}
        os.chdir(order["folder"])
        typed = iter(order["typed"])
        builtins.input = lambda prompt="", typed=typed: next(typed)
        sys.argv = [order["file"], order["task"]]
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                said = rows_of(runpy.run_path(order["file"], run_name="__main__")["group_chat"].messages)
        except BaseException as mistake:
            error = "".join(traceback.format_exception_only(mistake)).strip()[-1_500:]
        print(json.dumps({"id": order["id"], "said": said, "error": error}), file=out, flush=True)


def rows_of(messages):
    """What compares of a group chat's messages, without the task: who said what, which tools were called with what, and what they gave."""
    names, rows = {}, []
    for message in messages[1:]:
        source, text = message["name"], message.get("content") or ""
        text = "" if text == "None" else text  # AG2 writes a message without words like this
        if message.get("tool_responses"):
            results = [each for each in message["tool_responses"] if not names[each["tool_call_id"]].startswith("transfer_to_")]
            rows += [["result", source, names[each["tool_call_id"]], each["content"]] for each in results]
            continue
        if message.get("tool_calls"):
            if text:
                rows.append(["thought", source, text])
            for call in message["tool_calls"]:
                names[call["id"]] = name = call["function"]["name"]
                over = name.startswith("transfer_to_")
                rows.append(["hand over", source, name[12:]] if over else ["call", source, name, call["function"]["arguments"]])
        else:
            rows.append(["said", source, text])
    return rows


if __name__ == "__main__":
    main()
