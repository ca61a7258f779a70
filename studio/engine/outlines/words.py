"""What an outline's agents are told, and when its arrows are taken, as a team needs it."""

from __future__ import annotations

from typing import Any

from studio.engine.outlines.outline import Outline, OutlinedAgent, OutlinedArrow
from studio.texts import text


def system_message(agent: OutlinedAgent, outline: Outline) -> str:
    """The system message, with the words that others wait for where it does not mention them."""
    told = agent.system_message
    if outline.speaking == "graph":
        for arrow in outline.arrows:
            if arrow.source == agent.name and arrow.when and arrow.when not in told:
                told += "\n\n" + text("draw.told.way", word=arrow.when, agent=arrow.target)
    if agent.name == outline.ends and outline.stop_word not in told:
        told += "\n\n" + text("draw.told.end", word=outline.stop_word)
    return told


def arrow_config(arrow: OutlinedArrow, outline: Outline) -> dict[str, Any]:
    """When an arrow is taken, in the fields of a GraphEdge. One without a word beside others with one: when none of those was said."""
    if outline.speaking != "graph":
        return {}
    siblings = [each for each in outline.arrows if each.source == arrow.source]
    meeting = [each for each in outline.arrows if each.target == arrow.target]
    config: dict[str, Any] = {}
    if arrow.when:
        config["condition"] = arrow.when
    elif any(each.when for each in siblings):
        config["how"] = "otherwise"
    if len(meeting) > 1 and (config or any(_leads(outline, arrow.target, each.source) for each in meeting)):
        # In a loop, or where a way is not always taken, nobody can wait for all.
        config["join"] = "any"
    return config


def _leads(outline: Outline, start: str, end: str) -> bool:
    """Whether a way along the arrows leads from one agent to another."""
    reached, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for arrow in outline.arrows:
            if arrow.source == here and arrow.target not in reached:
                reached.add(arrow.target)
                waiting.append(arrow.target)
    return end in reached
