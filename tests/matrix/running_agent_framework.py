"""Runs programs for Agent Framework in an environment that has it, one after the other, and prints what was said as JSON lines.

Standard input: a JSON list of {id, folder, file, base_url, task, typed}. Only Agent Framework and the standard library are imported here.
"""

import builtins
import contextlib
import io
import json
import os
import re
import runpy
import sys
import traceback
import warnings

warnings.simplefilter("ignore")

from agent_framework import Workflow, tools  # noqa: E402


def main():
    orders = json.load(sys.stdin)
    out = sys.stdout
    os.environ |= {"USE_DOCKER": "0", "PATH": f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}"}
    tools.DockerShellTool = shell_on_this_machine
    for order in orders:
        said, error = [], ""
        os.environ |= {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": order["base_url"]}
        os.chdir(order["folder"])
        typed = iter(order["typed"])
        builtins.input = lambda prompt="", typed=typed: next(typed)
        sys.argv = [order["file"], order["task"]]
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), recorded(said):
                runpy.run_path(order["file"], run_name="__main__")
        except BaseException as mistake:
            error = "".join(traceback.format_exception_only(mistake)).strip()[-1_500:]
        print(json.dumps({"id": order["id"], "said": said, "error": error}), file=out, flush=True)


def shell_on_this_machine(image, workdir, timeout):
    """What a program has for a shell in a container here: the matrix runs without Docker."""
    return tools.LocalShellTool(workdir=os.getcwd(), timeout=timeout, approval_mode="never_require", acknowledge_unsafe=True)


@contextlib.contextmanager
def recorded(said):
    """Writes down what is said in the first workflow that is run; those that run within it are its own business.

    A program without a workflow says it all with `print`.
    """
    run, depth, shows = Workflow.run, [0], builtins.print

    def shown(*words, **options):
        told = re.fullmatch(r"\n([^\s:]+): (.*)", words[0], re.DOTALL) if words and not depth[1:] else None
        if told is not None:
            said.append(["said", told[1], told[2]])
        shows(*words, **options)

    def watched(workflow, *arguments, **options):
        async def events():
            depth[0] += 1
            depth[1:] = ["a workflow ran"]
            outer = depth[0] == 1
            try:
                async for event in run(workflow, *arguments, **options):
                    if outer and event.type == "executor_completed":
                        for each in event.data or ():
                            said.extend(rows_of(event.executor_id, each))
                    yield event
            finally:
                depth[0] -= 1

        return events()

    Workflow.run, builtins.print = watched, shown
    try:
        yield
    finally:
        Workflow.run, builtins.print = run, shows


def rows_of(source, each):
    """What compares of one turn: what was said, which tools were called with what, and what they gave."""
    response = getattr(each, "agent_response", None)
    if response is None:
        told = getattr(each, "message", None)
        return [["said", source, told.text]] if told is not None and told.text else []
    rows, names, called = [], {}, set()
    for message in response.messages:
        contents = [content for content in message.contents if content.type in ("text", "function_call", "function_result")]
        text = "".join(content.text or "" for content in contents if content.type == "text")
        calls = [content for content in contents if content.type == "function_call"]
        if text:
            rows.append(["thought" if calls else "said", source, text])
        for content in calls:
            names[content.call_id] = content.name
            over = content.name.startswith("transfer_to_")
            arguments = content.arguments if isinstance(content.arguments, str) else json.dumps(content.arguments or {})
            rows.append(["hand over", source, content.name[12:]] if over else ["call", source, content.name, arguments])
            called.add(content.call_id)
        for content in contents:
            if content.type == "function_result" and not names.get(content.call_id, "").startswith("transfer_to_"):
                rows.append(["result", source, names.get(content.call_id, ""), str(content.result)])
    return rows


if __name__ == "__main__":
    main()
