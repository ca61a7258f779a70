"""The tools that an assistant's model is offered: its own, those that hand over, and the one that ends the conversation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from studio.engine.events import MessageSaid
from studio.engine.expressions import holds
from studio.engine.models.base import ToolSchema

if TYPE_CHECKING:
    from studio.engine.agents.agent import Turn
    from studio.engine.agents.assistant import Assistant

END = "end_conversation"
"""The tool by which an assistant that may do so says that all is done."""

_END = ToolSchema(
    END,
    "Say that the whole task is done. Call it only then, with your final answer.",
    {
        "type": "object",
        "properties": {"answer": {"type": "string", "description": "Your final answer to everybody."}},
        "required": ["answer"],
    },
)


def transfer(target: str) -> str:
    """The name of the tool that hands over to a target: AutoGen's `transfer_to_<target>` in lower case."""
    return "transfer_to_" + re.sub(r"\W+", "_", target.lower())


def schemas_of(assistant: Assistant, turn: Turn) -> tuple[ToolSchema, ...]:
    """Raises FlowError for a tool without a usable function, or for a condition that cannot be read."""
    own = [schema for tool in assistant.tools for schema in tool.schemas(turn.offered)]
    for target in assistant.handoffs:
        if not _holds(assistant.handoff_while.get(target, ""), turn):
            continue
        when = assistant.handoff_when.get(target, "")
        text = f"Hand the conversation over to {target}. {when}".strip()
        own.append(ToolSchema(transfer(target), text, {"type": "object", "properties": {}}))
    return (*own, _END) if assistant.may_end else tuple(own)


def handed_by_itself(assistant: Assistant, turn: Turn) -> str | None:
    """To whom the assistant hands over without its model being asked: the first whose condition holds. Raises ExpressionError."""
    return next((target for target, condition in assistant.handoff_if.items() if condition and _holds(condition, turn)), None)


def _holds(condition: str, turn: Turn) -> bool:
    """Whether a condition over the context variables holds now; an empty one always does."""
    if not condition:
        return True
    said = next((event for event in reversed(turn.thread) if isinstance(event, MessageSaid)), None)
    return holds(condition, turn.variables, last=said.text if said is not None else "", speaker=said.source if said is not None else "")
