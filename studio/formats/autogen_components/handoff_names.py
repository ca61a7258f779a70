"""What the tool of AutoGen is called that hands a conversation over."""

from __future__ import annotations

import re

from studio.engine.agents.offers import transfer

_LONGEST = 60
"""Characters; servers of models take 64."""


def handoff_name(target: str) -> str:
    """AutoGen's own name for a target in the letters that servers of models take; it may be that of another target too."""
    return re.sub(r"[^0-9a-z_]", "_", transfer(target))[:_LONGEST]


def is_usual(name: object, target: str) -> bool:
    """Whether a hand-over has the name that AutoGen gives it by itself, or one that only makes it fit for servers and unlike others."""
    if name in (None, "", f"transfer_to_{target}".lower()):
        return True
    return isinstance(name, str) and re.fullmatch(f"{re.escape(handoff_name(target))}(_[0-9]+)?", name) is not None
