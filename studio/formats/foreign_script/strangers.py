"""Calls of methods of what is not known: which of them ask or tell somebody who takes part."""

from __future__ import annotations

from collections.abc import Collection

from studio.formats.foreign_script.decorated import called_on, maker
from studio.formats.foreign_script.functions import is_framework
from studio.formats.python_reading.values import Record

ALWAYS_TELLING = frozenset(
    "initiate_chat a_initiate_chat initiate_chats a_initiate_chats register_reply register_hook register_nested_chats register_for_llm "
    "register_for_execution update_system_message run_stream add_to_agent register_hand_off add_llm_conditions set_after_work".split()
)
"""Methods of nobody else's objects: called on something that is not known, they are told too."""

_SENDS = ("send", "a_send")
_RUNS = ("run", "a_run", "generate_reply", "a_generate_reply", "on_messages", "on_messages_stream")
_ASKED = frozenset(("task", "message", "messages", "session", "thread", "recipient"))
"""How agents are asked, and what is said of that: methods of things that are not known, and their arguments."""


def asks_somebody(record: Record, modules: Collection[str]) -> bool:
    """Whether a method of something that is not known asks or tells somebody, as agents are asked and told."""
    if record.method in ALWAYS_TELLING:
        return True
    if record.callee.partition(".")[0] in modules:
        return False
    if (function := called_on(record)) is not None:
        return any(map(maker, function.decorators))
    given = [*record.args, *record.kwargs.values()]
    if record.method in _SENDS:
        return bool({"recipient", "request_reply"} & set(record.kwargs)) or any(
            isinstance(each, Record) and is_framework(each.callee) for each in given
        )
    return record.method in _RUNS and (bool(_ASKED & set(record.kwargs)) or isinstance(next(iter(record.args), None), str))


def called(record: Record) -> str:
    """What is called, as the script writes it."""
    if (function := called_on(record)) is not None:
        return f"{function.name}.{record.method}"
    return record.callee if len(record.callee) <= 80 and "(" not in record.callee else record.method
