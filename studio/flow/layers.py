"""The column and the row of each agent, by the arrows that say who may speak after whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Cell = tuple[float, float]
"""Column and row; a row may lie between two others."""

MOST_AGENTS = 40
MOST_ARROWS = 80
"""In larger drawings nobody is moved out of the way of an arrow: each arrow is looked at with each agent, a few times."""


def layers(keys: Sequence[str], arrows: Sequence[tuple[str, str]]) -> dict[str, Cell]:
    """Where each key stands: the column is the longest way from a beginning when arrows that lead back are left out.

    An arrow over more than one column keeps clear of those who stand between, as far as moving its ends can do that.
    """
    cells = _in_columns(keys, arrows)
    return _clear(cells, arrows) if len(keys) <= MOST_AGENTS and len(arrows) <= MOST_ARROWS else cells


def _in_columns(keys: Sequence[str], arrows: Sequence[tuple[str, str]]) -> dict[str, Cell]:
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(keys)
    graph.add_edges_from(_forward(keys, arrows))
    order = {key: index for index, key in enumerate(keys)}
    cells: dict[str, Cell] = {}
    columns = [sorted(layer, key=order.__getitem__) for layer in nx.topological_generations(graph)]
    most = max(len(layer) for layer in columns)
    for column, layer in enumerate(columns):
        rows = {key: [cells[before][1] for before in graph.predecessors(key)] for key in layer}
        layer.sort(key=lambda key: (sum(rows[key]) / len(rows[key]) if rows[key] else float("inf"), order[key]))
        for index, key in enumerate(layer):
            cells[key] = (float(column), index + (most - len(layer)) / 2)
    return cells


def _clear(cells: Mapping[str, Cell], arrows: Iterable[tuple[str, str]]) -> dict[str, Cell]:
    """The cells with the ends of long arrows moved up or down where somebody stood on the arrow."""
    placed = dict(cells)
    long = [arrow for arrow in arrows if abs(placed[arrow[0]][0] - placed[arrow[1]][0]) > 1]
    for key in sorted(placed, key=lambda each: placed[each], reverse=True):
        own = [arrow for arrow in long if key in arrow]
        if not own or not _stood_on(placed, own):
            continue
        column, row = placed[key]
        others = [other for name, (beside, other) in placed.items() if beside == column and name != key]
        free = [
            candidate for candidate in (row, row + 1, row - 1, row + 2, row - 2) if all(abs(candidate - other) >= 1 for other in others)
        ]
        placed[key] = min(((column, candidate) for candidate in free or [row]), key=lambda cell: _stood_on(placed | {key: cell}, long))
    top = min(row for _, row in placed.values())
    return {key: (column, row - top) for key, (column, row) in placed.items()}


def _stood_on(cells: Mapping[str, Cell], arrows: Iterable[tuple[str, str]]) -> int:
    """How often somebody stands on one of these arrows: less than half a row from its line."""
    count = 0
    for before, after in arrows:
        (start, start_row), (end, end_row) = sorted((cells[before], cells[after]))
        for column, row in cells.values():
            if start < column < end:
                count += abs(start_row + (end_row - start_row) * (column - start) / (end - start) - row) < 0.5
    return count


def _forward(keys: Sequence[str], arrows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The arrows without those that lead back to where a walk in the order of the drawing is coming from."""
    after: dict[str, list[str]] = {key: [] for key in keys}
    reached = set()
    for before, follower in arrows:
        after[before].append(follower)
        reached.add(follower)
    done: set[str] = set()
    on_way: set[str] = set()
    kept = []
    for start in [*(key for key in keys if key not in reached), *keys]:
        if start in done:
            continue
        walk = [(start, iter(after[start]))]
        on_way.add(start)
        while walk:
            key, rest = walk[-1]
            target = next(rest, None)
            if target is None:
                walk.pop()
                on_way.discard(key)
                done.add(key)
            elif target not in on_way:
                kept.append((key, target))
                if target not in done:
                    on_way.add(target)
                    walk.append((target, iter(after[target])))
    return kept
