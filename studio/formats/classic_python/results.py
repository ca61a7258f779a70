"""The reply of an agent of AutoGen 0.2 that says what its tools gave, in place of an answer of its model: written, and recognised."""

from __future__ import annotations

import ast

from studio.engine.parsing import parsed
from studio.formats.python_reading.values import Function, Record

NAME = "results_as_answer"
SOURCE = f'''def {NAME}(
    recipient: ConversableAgent, messages: list[dict[str, Any]], sender: Agent, config: Any
) -> tuple[bool, str]:
    """What the tools gave is the answer, where they were called."""
    results = [each["content"] for each in messages[-1].get("tool_responses") or []]
    return bool(results), "\\n".join(results)'''
"""It wants the names Agent, Any and ConversableAgent."""


def says_results(record: Record) -> Record | None:
    """The call that gives an agent of a script this reply, taken; None where there is none."""
    for call in record.calls:
        function = call.look("reply_func", 1)
        if call.method == "register_reply" and isinstance(function, Function) and _body(function.source) == _body(SOURCE):
            call.take("trigger", "reply_func", 0, 1)
            function.taken = True
            return call
    return None


def _body(source: str) -> str:
    """What a function does, whatever its layout; empty for a text that is no function."""
    try:
        (function,) = parsed(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    return ast.dump(ast.Module(body=function.body[1:], type_ignores=[])) if isinstance(function, ast.FunctionDef) else ""
