"""What AutoGen's choosing model is asked, and how long a team may talk."""

from __future__ import annotations

MOST_TURNS = 10_000
"""AutoGen has no limit of its own; ours must have one."""

ASKING = (
    "You follow a conversation and decide who speaks next. You never take part in it.\n\nWho can speak:\n{roles}\n\n",
    "The conversation so far:\n{history}\n\nWho speaks next? Answer with one of these names and nothing else: {participants}",
)


def asking(instruction: str) -> str:
    """The prompt that a choosing model of AutoGen is given, around what the drawing tells it."""
    before, after = ASKING
    # AutoGen fills in its own words with str.format, which braces of ours must survive.
    told = instruction.strip().replace("{", "(").replace("}", ")")
    return f"{before}{told}\n\n{after}" if told else before + after
