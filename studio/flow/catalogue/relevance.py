"""Fields that mean something only while another field of their component has a certain value: forms leave them out otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.engine.component import kinds
from studio.flow.kinds import parts

MEANT: Mapping[tuple[str, str], tuple[str, tuple[Any, ...]]] = {
    ("human", "choices"): ("form", ("choice",)),
    ("human", "fields"): ("form", ("form",)),
    ("human", "max_auto_replies"): ("input_mode", ("terminate", "never")),
    ("chat", "summary_prompt"): ("summarised", ("model",)),
    ("chat", "summary_source"): ("summarised", ("function",)),
    ("filter", "selection"): ("selection", ()),
    ("filter", "transitions_type"): ("transitions_type", ()),
    ("", "approval_pattern"): ("approval", ("matching",)),
}
"""(kind, field): the other field, and the values with which it means something; none at all for a field that a kind only inherits.
The kind "" stands for all."""


def irrelevant(kind: str, field: str, config: Mapping[str, Any]) -> bool:
    """Whether a form may leave a field out. One that holds something is always shown, so that nothing is hidden."""
    meant = MEANT.get((kind, field)) or MEANT.get(("", field))
    if meant is None or field in config:
        return False
    other, values = meant
    found = kinds().get(kind)
    part = parts(found).get(other) if found is not None else None
    if part is None:
        return False
    return config.get(other, part.info.default) not in values
