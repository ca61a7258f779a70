"""Stop rules that AgentChat has no class for, as functions of the script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studio.formats.autogen_components.envelopes import envelope_of
from studio.formats.autogen_python.calls import Source
from studio.formats.autogen_python.functions import as_function, asked
from studio.formats.autogen_python.program import Program
from studio.formats.python_text.literals import literal

_CONDITIONS = "autogen_agentchat.conditions"
MESSAGES = "autogen_agentchat.messages"

_RULE = '''
{define} {rule}(messages: Sequence[BaseAgentEvent | BaseChatMessage]) -> bool:
    """What {function} says of all that was said so far."""
    {heard}.extend({{"source": each.source, "text": each.to_text()}} for each in messages if {words})
    return len({heard}) > 1 and {call} is True
'''

_DEAD_END = '''
def {rule}(messages: Sequence[BaseAgentEvent | BaseChatMessage]) -> bool:
    """Whether no arrow leads on from whoever spoke last."""
    return not {arrows}.get(messages[-1].source, {names})
'''


def counted(messages: int) -> dict[str, Any]:
    """A limit on messages."""
    return envelope_of(f"{_CONDITIONS}.MaxMessageTermination", "termination", {"max_messages": messages})


def function_rule(program: Program, source: str) -> dict[str, Any] | None:
    """A rule that asks a function of {source, text}; AgentChat tells it only what is new, so the rest is kept. None as for `asked`."""
    name = as_function(program, source)
    heard = program.names.new(f"heard_by_{name}", "messages")
    found = asked(program, source, heard)
    if found is None:
        return None
    rule = program.names.new(f"{found.name}_rule", "rule")
    typed(program)
    program.choice.append(f"{heard}: list[dict[str, str]] = []")
    program.choice.append(
        _RULE.format(rule=rule, function=found.name, heard=heard, define=found.define, call=found.call, words=words(program)).strip()
    )
    return _asks(rule)


def no_arrow_leads_on(program: Program, names: Sequence[str], after: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The rule that ends a conversation after somebody whom nobody follows."""
    typed(program)
    rule = program.names.new("nobody_follows", "rule")
    held, arrows = constant_names(program, names), constant_arrows(program, after)
    program.choice.append(_DEAD_END.format(rule=rule, arrows=arrows, names=held).strip())
    return _asks(rule)


def constant_names(program: Program, names: Sequence[str]) -> str:
    """The members' names as a constant of the script."""
    return program.constant("NAMES", literal(list(names)))


def constant_arrows(program: Program, after: Mapping[str, Sequence[str]]) -> str:
    """Who may speak after whom as a constant of the script."""
    return program.constant("AFTER", literal({name: list(then) for name, then in after.items()}))


def typed(program: Program) -> None:
    """What a function of messages has in its signature."""
    program.use("Sequence", "collections.abc")
    program.use("BaseAgentEvent", MESSAGES)
    program.use("BaseChatMessage", MESSAGES)


def words(program: Program) -> str:
    """The condition of `each` message that a function of a flow hears: a hand-over is none of them."""
    if not program.hands_over:
        return "isinstance(each, BaseChatMessage)"
    return f"isinstance(each, BaseChatMessage) and not isinstance(each, {program.use('HandoffMessage', MESSAGES)})"


def _asks(function: str) -> dict[str, Any]:
    return envelope_of(f"{_CONDITIONS}.FunctionalTermination", "termination", {"func": Source(function)})
