"""Who may speak after whom, as targets are told it that know one list of names and no rule about speaking twice."""

from __future__ import annotations

from collections.abc import Mapping

from studio.engine.teams.team import Team


def without_repeats(team: Team) -> Mapping[str, tuple[str, ...]] | None:
    """The followers of each member; not itself where nobody may speak twice in a row and others may. None where everybody may follow."""
    found, names = team.followers, [agent.name for agent in team.participants]
    if not found:
        return found
    found = {before: tuple(name for name in names if name in after) for before, after in found.items()}
    if getattr(team.selection, "allow_repeat", True):
        return found
    return {before: tuple(name for name in after if name != before) or after for before, after in found.items()}


def barred_after(team: Team) -> dict[str, tuple[str, ...]]:
    """Who may not speak after each member, whichever way the transitions are given."""
    found, names = without_repeats(team) or {}, [agent.name for agent in team.participants]
    barred = {before: tuple(name for name in names if name not in after) for before, after in found.items()}
    return {before: after for before, after in barred.items() if after}
