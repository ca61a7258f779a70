"""Who answers by a function in our own exports for Agent Framework: people, who runs code, and Python agents."""

from __future__ import annotations

import ast
import re
from typing import Any

from studio.engine.agents.code_turn import NOTHING_TO_RUN
from studio.formats.foreign_script.functions import standing, value_of
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Class, Function, Record, plain

_ASKED = re.compile(r"to_thread\(\s*input,\s*f?(['\"])(.*?) ?(?:\(yes, or no and why\) )?\1", re.DOTALL)
_SOURCES = re.compile(r"each\.author_name in \[([^\]]*)\]")
_SPEAKS = re.compile(r"\btext = str\(\s*(?:await )?(\w+)\(")
_RUNS = re.compile(r"await (\w+)\.answer\(messages\)")
_QUESTIONS = ("What do you say?", "Do you approve?")
LONGEST = 3600.0
"""Seconds that an executor may be given."""

_ONCE_NOTHING_TO_RUN = "There was no code to run. Put complete code into a fenced block that names its language."
"""What exports of earlier versions say."""
_BY_DEFAULT = ("", "Please go on.", "Approved.", NOTHING_TO_RUN, _ONCE_NOTHING_TO_RUN)


def runner_of(record: Record) -> tuple[str, dict[str, Any]] | None:
    """The kind and the fields of one who runs code by the class that our exports bring along; None where its arguments are not plain."""
    if not isinstance(record.definition, Class) or "DockerShellTool(" not in record.definition.source:
        return None
    heard = plain(record.get("sources", 2))
    sources = [each for each in heard if isinstance(each, str)] if isinstance(heard, list | tuple) else []
    config: dict[str, Any] = {"executor": executor_of(record)}
    return ("code_runner", config | {"sources": sources}) if sources else ("human", config | {"input_mode": "never"})


def executor_of(record: Record) -> dict[str, Any]:
    """Where somebody runs code, and how long it may take."""
    image, timeout = plain(record.get("image", 3)), plain(record.get("timeout", 4))
    found: dict[str, Any] = {"kind": "local" if image == "" or record.method == "LocalShellTool" else "docker"}
    if isinstance(image, str) and image:
        found["image"] = image
    if isinstance(timeout, int | float) and 0 < timeout <= LONGEST:
        found["timeout"] = float(timeout)
    return found


def program_of(script: Script, answer: Function) -> str | None:
    """The source of the function that speaks for a Python agent; None for a function that does something else."""
    named = _SPEAKS.search(answer.source)
    function = value_of(answer, named[1]) if named is not None else None
    return standing(script, function).source if isinstance(function, Function) else None


def person_of(answer: Function) -> tuple[str, dict[str, Any]] | None:
    """The kind and the fields of the one whom a function answers for; None for a function that does something else."""
    source = answer.source
    asked = _ASKED.search(source)
    runs = "run_code(" in source
    config: dict[str, Any] = {"executor": {"kind": "docker" if "in_docker(" in source else "local"}} if runs else {}
    if (named := _RUNS.search(source)) is not None and isinstance(runner := value_of(answer, named[1]), Record):
        runner.take("name", "description", 0, 1)
        runs, config = True, {"executor": executor_of(runner)}
    if asked is None and not runs and not _says_always(answer):
        return None
    if asked is None and (named := _SOURCES.search(source)) is not None:
        return "code_runner", config | {"sources": re.findall(r"['\"]([^'\"]+)['\"]", named[1])}
    if asked is None:
        config["input_mode"] = "never"
    else:
        config["input_mode"] = "terminate" if "if not any(" in source else "always"
        config |= {"form": "approve"} if "Approved." in source else {}
        config |= {"prompt": asked[2]} if asked[2] not in _QUESTIONS else {}
    if reply := _reply_of(answer):
        config["default_reply"] = reply
    return "human", config


def _says_always(answer: Function) -> bool:
    """Whether a function does nothing but answer the same words every time."""
    body = answer.node.body if isinstance(answer.node, ast.FunctionDef | ast.AsyncFunctionDef) else []
    statements = [each for each in body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
    return len(statements) == 1 and isinstance(statements[0], ast.Return) and isinstance(statements[0].value, ast.Constant)


def _reply_of(answer: Function) -> str:
    """What somebody says who has nothing else to say; empty for what is said by default."""
    for node in ast.walk(answer.node):
        value = node.value if isinstance(node, ast.Return) else None
        if isinstance(value, ast.BoolOp):
            value = value.values[-1]
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value not in _BY_DEFAULT:
            return value.value
    return ""
