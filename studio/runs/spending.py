"""What all runs together have cost, by account and model: folds over their logs, kept so that only new events are read again."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import text as sql

from studio.engine.errors import ConveneError
from studio.engine.memory.embedding import AccountEmbedding
from studio.flow.document import Node
from studio.flow.kinds import drawn_class
from studio.flow.wires import Drawing
from studio.runs.override import GIVEN
from studio.store.database import Database
from studio.store.documents import read_stored

BATCH = 250
"""Runs that are folded in one go; between two of them others may write."""

MOST_DRAWINGS = 64
"""Drawings that are kept while folding: most runs are of few flows."""

_STALE = """
SELECT run.id, run.last_seq, COALESCE(run_spending.upto, 0), COALESCE(run_spending.lines, '[]')
FROM run LEFT JOIN run_spending ON run_spending.run_id = run.id
WHERE run.last_seq > COALESCE(run_spending.upto, 0) AND run.id > :after ORDER BY run.id LIMIT :batch
"""
# The first and the last event repeat what others say: earlier tasks of the session, and the total.
_SPENT = """
SELECT payload FROM run_event
WHERE run_id = :run AND seq > :after AND seq <= :upto AND type NOT IN ('run_started', 'run_finished') AND instr(payload, '"calls":') > 0
"""
_KEEP = """
INSERT INTO run_spending (run_id, upto, lines) SELECT id, :upto, :lines FROM run WHERE id = :run
ON CONFLICT (run_id) DO UPDATE SET upto = excluded.upto, lines = excluded.lines WHERE excluded.upto > run_spending.upto
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one model of one account has been asked in all runs. `cost` is in US dollars, None where no call's price is known.

    `unpriced` calls are those without a known price, which `cost` leaves out. An `account` is "" where no drawing names one any more.
    """

    account: str
    model: str
    runs: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cost: float | None = None
    unpriced: int = 0


def spending(database: Database) -> list[Spent]:
    """All accounts and models, the most expensive first. Blocks: reads what was logged since the last time, and keeps the sums."""
    _catch_up(database)
    sums: dict[tuple[str, str], list[Any]] = {}
    with database.read() as connection:
        for (lines,) in connection.execute(sql("SELECT lines FROM run_spending WHERE lines <> '[]'")):
            for account, model, *figures in json.loads(lines):
                into = sums.setdefault((account, model), [0, 0, 0, 0, 0, None, 0])
                into[0] += 1
                _add(into, figures, 1)
    found = [Spent(account, model, *figures) for (account, model), figures in sums.items()]
    return sorted(found, key=lambda each: (-(each.cost or 0.0), -(each.prompt_tokens + each.completion_tokens), each.account, each.model))


def _catch_up(database: Database) -> None:
    drawings = _Drawings(database)
    after = ""
    while True:
        with database.read() as connection:
            stale = connection.execute(sql(_STALE), {"after": after, "batch": BATCH}).all()
            folded = [
                {"run": run, "upto": upto, "lines": _folded(lines, connection.execute(sql(_SPENT), _span(run, known, upto)), run, drawings)}
                for run, upto, known, lines in stale
            ]
        if not folded:
            return
        with database.write() as connection:
            connection.execute(sql(_KEEP), folded)
        after = str(stale[-1][0])


def _span(run: str, after: int, upto: int) -> dict[str, Any]:
    return {"run": run, "after": after, "upto": upto}


def _folded(lines: str, events: Any, run: str, drawings: _Drawings) -> str:
    """The lines of a run with what its new events have cost."""
    sums: dict[tuple[str, str], list[Any]] = {(account, model): figures for account, model, *figures in json.loads(lines)}
    for (payload,) in events:
        event = json.loads(payload)
        usage = event.get("usage") or {}
        if not usage.get("calls") or event.get("practice") or event.get("model") == "practice":
            continue
        model = str(event.get("model") or "")
        account, model = drawings.of(run).served_by(str(event.get("source") or ""), model)
        cost = usage.get("cost")
        figures = [usage["calls"], usage["prompt_tokens"], usage["completion_tokens"], usage.get("cached_tokens", 0), cost]
        _add(
            sums.setdefault((account, model), [0, 0, 0, 0, None, 0]),
            [*figures, usage["calls"] if cost is None else usage.get("unpriced", 0)],
            0,
        )
    return json.dumps([[*place, *figures] for place, figures in sums.items()], ensure_ascii=False)


def _add(into: list[Any], figures: list[Any], offset: int) -> None:
    """Add counts to counts, and money to money where it is known."""
    for place, figure in enumerate(figures, offset):
        into[place] = figure if into[place] is None else into[place] if figure is None else into[place] + figure


class _Servers:
    """Whose account answers for whom in one drawing."""

    def __init__(self, drawing: Drawing | None, options: dict[str, Any]) -> None:
        self._drawing = drawing
        self._given = bool(options.get("base_url"))
        self._override = str(options.get("model") or "")
        self._by_name: dict[str, tuple[Node, ...]] = {}
        self._comparing: dict[str, str] = {}
        if drawing is not None:
            self._comparing = dict(found for node in drawing.nodes if (found := _comparing(node)) is not None)
            for node in (*drawing.of("agent"), *drawing.teams):
                asked = drawing.team_model(node) if drawing.categories[node.id] == "team" else drawing.model_for(node)
                self._by_name.setdefault(node.name, tuple(_leaves(drawing, asked)) if asked is not None else ())

    def served_by(self, source: str, model: str) -> tuple[str, str]:
        """The account and the model of a call that `source` made, as far as the drawing tells."""
        if model in self._comparing:
            return self._comparing[model], model
        if self._given:
            return GIVEN, model or self._override
        if self._drawing is None:
            return "", model
        serving = self._by_name.get(source) or tuple(node for node in self._drawing.of("model") if _account_of(node) is not None)
        named = [node for node in serving if _is_asked(str(node.config.get("model") or ""), model)]
        chosen = next(iter(named or serving), None)
        if chosen is None:
            return "", model
        return _account_of(chosen) or "", model or self._override or str(chosen.config.get("model") or "")


class _Drawings:
    """The drawings of runs, each distinct one read once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[tuple[str, str], _Servers] = OrderedDict()
        self._last: tuple[str, _Servers] | None = None

    def of(self, run: str) -> _Servers:
        if self._last is None or self._last[0] != run:
            self._last = (run, self._read(run))
        return self._last[1]

    def _read(self, run: str) -> _Servers:
        with self._database.read() as connection:
            found = connection.execute(sql("SELECT document, options FROM run_document WHERE run_id = :run"), {"run": run}).first()
        if found is None:
            return _Servers(None, {})
        place = (str(found[0]), str(found[1]))
        if place not in self._known:
            self._known[place] = _servers(*place)
            if len(self._known) > MOST_DRAWINGS:
                self._known.popitem(last=False)
        self._known.move_to_end(place)
        return self._known[place]


def _servers(document: str, options: str) -> _Servers:
    try:
        started = json.loads(options or "{}")
        return _Servers(Drawing(read_stored(document)), started if isinstance(started, dict) else {})
    except (ConveneError, ValidationError, ValueError):
        return _Servers(None, {})


def _leaves(drawing: Drawing, model: Node, depth: int = 0) -> Iterator[Node]:
    """The models that have an account: the model itself, or those that it chooses from."""
    if _account_of(model) is not None:
        yield model
    elif depth < 10:
        for inner in drawing.into(model, "model"):
            yield from _leaves(drawing, inner, depth + 1)


def _account_of(node: Node) -> str | None:
    found = drawn_class(node.kind)
    field = found.model_fields.get("account") if found is not None else None
    return None if field is None else str(node.config.get("account", field.default))


def _comparing(node: Node) -> tuple[str, str] | None:
    """The model by which a memory or a search compares texts, and its account."""
    held = node.config.get("embedding")
    if not isinstance(held, Mapping) or held.get("kind") != AccountEmbedding.kind:
        return None
    fields = AccountEmbedding.model_fields
    return str(held.get("model", fields["model"].default)), str(held.get("account", fields["account"].default))


def _is_asked(named: str, answered: str) -> bool:
    """Whether a server that calls itself `answered` was asked for `named`: the same, or the same with a date."""
    return bool(named) and (answered == named or answered.startswith(f"{named}-") or answered.endswith(f"/{named}"))
