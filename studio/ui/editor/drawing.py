"""The drawing as the canvas gets it: views of a flow's states, and what changed between the one that a tab shows and the newest."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from studio.api.documents import shelf
from studio.flow.checks import check
from studio.flow.checks.problem import Problem
from studio.flow.document import FlowDocument
from studio.flow.view import graph_view, patch

KEPT = 32
"""Views that are remembered, of all flows and tabs together: what tabs show is nearly always one of the last few."""

MOST_PATCHES = 3
"""Patches that go down together: the browser may draw updates that come fast as one and would miss the others."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A state of a flow: what the canvas draws, and its problems, the worst first."""

    view: dict[str, Any]
    problems: tuple[Problem, ...]


_drawn: OrderedDict[tuple[str, int], Drawn] = OrderedDict()


def drawn(flow: str, rev: int, document: FlowDocument) -> Drawn:
    """The drawing of `document`, which is revision `rev` of `flow`."""
    key = (flow, rev)
    if key not in _drawn:
        problems = check(document, shelf())
        _drawn[key] = Drawn(graph_view(document, problems, flow, rev), problems)
        while len(_drawn) > KEPT:
            _drawn.popitem(last=False)
    _drawn.move_to_end(key)
    return _drawn[key]


def patch_between(flow: str, shown: int, newest: int, seq: int, *, others: bool = False) -> dict[str, Any] | None:
    """What leads from revision `shown` to `newest`; None when one of them is not remembered and the whole graph has to be sent.

    A patch by `others` says so: it answers no edit of the tab that gets it.
    """
    before, after = _drawn.get((flow, shown)), _drawn.get((flow, newest))
    if before is None or after is None:
        return None
    found = patch(before.view, after.view, seq, newest)
    return {**found, "others": True} if others else found
