"""Reading what a model answered as the outline of a team: nothing in it is believed, everything is bounded, nothing is run."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from studio.engine.events import YOU
from studio.engine.outlines.outline import (
    MOST_AGENTS,
    ROLES,
    TOOLS,
    WAYS,
    Outline,
    OutlinedAgent,
    OutlinedArrow,
    Role,
    SafeTool,
    Speaking,
)
from studio.texts import text

LONGEST_NAME = 40
LONGEST_LINE = 200
LONGEST_MESSAGE = 8_000
LONGEST_TASK = 2_000
MOST_ARROWS = 60
MOST_TASKS = 5
FEWEST_TURNS, MOST_TURNS = 2, 100
STOP_WORD = "TERMINATE"
LONGEST_WORD = 40

_ROLES: Mapping[str, Role] = {
    "user": "human",
    "user_proxy": "human",
    "person": "human",
    "executor": "code_runner",
    "code_executor": "code_runner",
    "agent": "assistant",
}
"""Other words for the roles, which models know from elsewhere."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer says. `mistakes` are told to the model; `outline` is there when it can be used all the same.

    `changes` are sentences about what was made otherwise than the model wrote it, for the person.
    """

    outline: Outline | None
    mistakes: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Notes:
    mistakes: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)


def read_outline(data: Any, most: int = MOST_AGENTS, roles: Collection[Role] = ROLES) -> Reading:
    """The outline in an answer's JSON, whatever that is. `most` is how many agents it may have, `roles` are those that they may have."""
    if data is None:
        return Reading(None, (text("engine.outline.no_json"),))
    if not isinstance(data, Mapping):
        return Reading(None, (text("engine.outline.no_object"),))
    notes = _Notes()
    listed = data.get("agents")
    if not isinstance(listed, list) or not listed:
        return Reading(None, (text("engine.outline.no_agents"),))
    most = max(1, min(most, MOST_AGENTS))
    if len(listed) > most:
        notes.mistakes.append(text("engine.outline.too_many_agents", count=len(listed), most=most))
        notes.changes.append(text("engine.outline.first_agents_kept", count=len(listed), most=most))
    named = list(_agents(listed[:most], notes, roles))
    agents = tuple(agent for _, agent in named)
    if not any(agent.role == "assistant" for agent in agents):
        return Reading(None, (*notes.mistakes, text("engine.outline.no_assistant")))
    if any(agent.role == "assistant" and not agent.system_message for agent in agents):
        silent = [agent.name for agent in agents if agent.role == "assistant" and not agent.system_message]
        notes.mistakes.append(text("engine.outline.no_system_message", agents=", ".join(silent)))
        agents = tuple(_with_message(agent) for agent in agents)
    known = {written: agent.name for written, agent in reversed(named)}
    speaking = _speaking(data.get("speaking"), len(agents), notes)
    outline = Outline(
        name=_line(data.get("name"), 80) or text("engine.outline.team"),
        description=_text(data.get("description"), 1_000),
        agents=agents,
        speaking=speaking,
        how_to_choose=_text(data.get("how_to_choose"), 2_000) if speaking == "model_choice" else "",
        arrows=_arrows(data.get("arrows"), known, notes) if speaking != "round_robin" else (),
        stop_word=_word(data.get("stop_word")) or STOP_WORD,
        ends=_ending(data.get("ends"), known, agents),
        turns=_turns(data.get("turns")),
        tasks=_tasks(data.get("tasks")),
    )
    if outline.speaking == "graph" and not outline.arrows:
        notes.mistakes.append(text("engine.outline.no_arrows"))
        notes.changes.append(text("engine.outline.in_turn_without_arrows"))
        outline = replace(outline, speaking="round_robin")
    return Reading(outline, tuple(notes.mistakes), tuple(notes.changes))


def good_name(written: Any, taken: Collection[str] = ()) -> str:
    """A name that a team accepts and that nobody in it has yet, as near to what was written as possible."""
    plain = unicodedata.normalize("NFKC", written[:500]) if isinstance(written, str) else ""
    name = re.sub(r"[^\w-]+", "_", plain).strip("_- ")[:LONGEST_NAME].strip("_- ") or "agent"
    # A person is called so: everybody else would take the task for their own words.
    used = {YOU, *(each.casefold() for each in taken)}
    if name.casefold() not in used:
        return name
    number = 2
    while f"{name}_{number}".casefold() in used:
        number += 1
    return f"{name}_{number}"


def _agents(listed: list[Any], notes: _Notes, roles: Collection[Role]) -> Iterator[tuple[str, OutlinedAgent]]:
    """(the name as it was written, the agent) of everything in a list that can be taken for one."""
    taken: list[str] = []
    for number, each in enumerate(listed, 1):
        if not isinstance(each, Mapping):
            notes.mistakes.append(text("engine.outline.agent_no_object", number=number))
            continue
        written = _line(each.get("name"), LONGEST_LINE)
        name = good_name(written, taken)
        taken.append(name)
        if written and written != name:
            notes.changes.append(text("engine.outline.renamed", written=written, name=name))
        said = str(each.get("role", each.get("kind", "assistant")))[:40].strip().lower().replace(" ", "_").replace("-", "_")
        role = next((role for role in ROLES if role == said), _ROLES.get(said))
        if role is None:
            notes.mistakes.append(text("engine.outline.unknown_role", agent=name, roles=", ".join(ROLES)))
            role = "assistant"
        if role not in roles:
            notes.mistakes.append(text("engine.outline.role_not_allowed", agent=name, role=role))
            notes.changes.append(text("engine.outline.agent_left_out", agent=name, role=role))
            continue
        speaks = role == "assistant"
        yield (
            written or name,
            OutlinedAgent(
                name=name,
                role=role,
                description=_line(each.get("description"), LONGEST_LINE),
                system_message=_text(each.get("system_message"), LONGEST_MESSAGE) if speaks else "",
                tools=_tools(each.get("tools"), name, notes) if speaks else (),
            ),
        )


def _tools(listed: Any, name: str, notes: _Notes) -> tuple[SafeTool, ...]:
    """The safe ones among the tools that an agent was given, each once."""
    wanted = {each for each in listed[:50] if isinstance(each, str)} if isinstance(listed, list) else set()
    if strange := sorted(_line(each, 40) for each in wanted.difference(TOOLS)):
        notes.changes.append(text("engine.outline.tools_left_out", agent=name, tools=", ".join(strange[:5])))
    return tuple(tool for tool in TOOLS if tool in wanted)


def _with_message(agent: OutlinedAgent) -> OutlinedAgent:
    if agent.role != "assistant" or agent.system_message:
        return agent
    what = f" {agent.description.rstrip('.')}." if agent.description else ""
    return replace(agent, system_message=f"You are {agent.name}.{what}")


def _speaking(said: Any, agents: int, notes: _Notes) -> Speaking:
    way = next((way for way in WAYS if way == said), None)
    if way is None and said not in (None, ""):
        notes.mistakes.append(text("engine.outline.unknown_way", ways=", ".join(WAYS)))
    return way if way is not None and agents > 1 else "round_robin"


def _arrows(listed: Any, known: Mapping[str, str], notes: _Notes) -> tuple[OutlinedArrow, ...]:
    """The arrows between agents that are there, each pair once."""
    places = {written.casefold(): name for written, name in known.items()} | {name.casefold(): name for name in known.values()}
    found: dict[tuple[str, str], OutlinedArrow] = {}
    lost = 0
    for each in listed[: 4 * MOST_ARROWS] if isinstance(listed, list) else ():
        ends = [each.get(end) for end in ("source", "target")] if isinstance(each, Mapping) else []
        source, target = (places.get(_line(end, LONGEST_LINE).casefold()) for end in ends) if ends else (None, None)
        if source is None or target is None or source == target or len(found) >= MOST_ARROWS:
            lost += 1
        else:
            found.setdefault((source, target), OutlinedArrow(source, target, _word(each.get("when"))))
    if lost:
        notes.changes.append(text("engine.outline.arrows_left_out", count=lost))
    return tuple(found.values())


def _ending(said: Any, known: Mapping[str, str], agents: tuple[OutlinedAgent, ...]) -> str:
    """The assistant who says the stop word: the one that is named, or the last one."""
    written = _line(said, LONGEST_LINE).casefold()
    assistants = [agent.name for agent in agents if agent.role == "assistant"]
    named = next((name for key, name in known.items() if written in (key.casefold(), name.casefold())), None)
    return named if named in assistants else assistants[-1]


def _turns(said: Any) -> int:
    if isinstance(said, bool) or not isinstance(said, int | float) or said != said:
        return 20
    return int(max(FEWEST_TURNS, min(MOST_TURNS, said)))


def _tasks(listed: Any) -> tuple[str, ...]:
    texts = [_text(each, LONGEST_TASK) for each in listed[: 4 * MOST_TASKS]] if isinstance(listed, list) else []
    return tuple(dict.fromkeys(each for each in texts if each))[:MOST_TASKS]


def _word(said: Any) -> str:
    """A word that somebody says to be heard, without the marks around it."""
    return _line(said, LONGEST_WORD).strip("\"'`“”«»*.,:;!? ")


def _line(said: Any, longest: int) -> str:
    return " ".join(_text(said, 4 * longest).split())[:longest].strip()


def _text(said: Any, longest: int) -> str:
    """Text as it may be kept: no control characters, no halves of characters, no more than so many."""
    if not isinstance(said, str):
        return ""
    shown = "".join(each for each in said[: 2 * longest] if each in "\n\t" or each == " " or each.isprintable())
    return shown.strip()[:longest].strip()
