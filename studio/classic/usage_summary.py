"""What models cost, by model and together, as dictionaries that scripts print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from studio.classic.io import show

Summary = dict[str, Any]
"""{"total_cost": dollars, model: {"cost", "prompt_tokens", "completion_tokens", "total_tokens"}, …}"""

COUNTED = ("cost", "prompt_tokens", "completion_tokens", "total_tokens")


def added(summary: Summary | None, model: str, usage: Mapping[str, Any]) -> Summary:
    """A summary with one more call."""
    summary = dict(summary or {"total_cost": 0.0})
    row = summary.get(model, dict.fromkeys(COUNTED, 0))
    summary[model] = {name: row[name] + (usage.get(name) or 0) for name in COUNTED}
    summary["total_cost"] += usage.get("cost") or 0.0
    return summary


def together(summaries: Iterable[Summary | None]) -> Summary:
    """The sum of several."""
    whole: Summary = {"total_cost": 0.0}
    for summary in summaries:
        for model, row in (summary or {}).items():
            if model != "total_cost":
                whole = added(whole, model, row)
    return whole


def gather_usage_summary(agents: Iterable[Any]) -> dict[str, Summary]:
    """What all the agents' models have cost, with and without the answers that a cache gave; each model client counts once."""
    clients = {id(client): client for agent in agents if (client := getattr(agent, "client", None)) is not None}
    return {
        "usage_including_cached_inference": together(client.total_usage_summary for client in clients.values()),
        "usage_excluding_cached_inference": together(client.actual_usage_summary for client in clients.values()),
    }


_TITLES = {"actual": "Spent (without answers from the cache)", "total": "In all (with answers from the cache)"}


def printed(summaries: Mapping[str, Summary | None], wanted: Sequence[str]) -> None:
    """Print the summaries that are wanted: actual, total."""
    for mode in wanted:
        summary = summaries[mode]
        if summary is None:
            show(f"{_TITLES[mode]}: no model was asked.")
            continue
        show(f"{_TITLES[mode]}: {summary['total_cost']:.5f} US dollars")
        for model, row in summary.items():
            if model != "total_cost":
                show(f"  {model}: {row['cost']:.5f}, {row['prompt_tokens']} + {row['completion_tokens']} = {row['total_tokens']} tokens")
