"""Teams: who takes part, who speaks next, and when it is over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from studio.flow.kinds import drawn_class, parts
from studio.formats.autogen_json.agents import read_agent
from studio.formats.autogen_json.conditions import read_conditions
from studio.formats.autogen_json.envelope import Envelope, envelope
from studio.formats.autogen_json.mapping import class_map
from studio.formats.autogen_json.models import read_model
from studio.formats.autogen_json.reading import Reading
from studio.texts import text

MOST_TURNS = 10_000
"""AutoGen has no limit of its own; ours must have one."""

WITHOUT_END = 50
_USUAL_PROMPT = re.compile(r"^You are in a role play game\. The following roles are available:\s*\{roles\}")
_PLACEHOLDER = re.compile(r"\{(?:roles|participants|history)\}")

_ASKING = (
    "You follow a conversation and decide who speaks next. You never take part in it.\n\nWho can speak:\n{roles}\n\n",
    "The conversation so far:\n{history}\n\nWho speaks next? Answer with one of these names and nothing else: {participants}",
)


def asking(instruction: str) -> str:
    """The prompt that a choosing model of AutoGen is given, around what the drawing tells it."""
    before, after = _ASKING
    # AutoGen fills in its own words with str.format, which braces of ours must survive.
    told = instruction.strip().replace("{", "(").replace("}", ")")
    return f"{before}{told}\n\n{after}" if told else before + after


def read_team(reading: Reading, found: Envelope) -> str:
    """Draws a team with everything in it and gives its node's id; one of an unknown class is kept as it stands."""
    table = class_map(found.name, found.provider, found.type)
    participants = found.config.get("participants")
    if table is None or table.type != "team" or not isinstance(participants, list):
        return reading.unknown(found, found.raw, found.pointer)
    chosen, lost = reading.plain(table, found, table.kind, nested=True)
    config: dict[str, Any] = {"selection": {"kind": table.kind, **chosen}}
    description = found.config.get("description")
    if isinstance(description, str) and description and description not in ("A team of agents.", "A team of agents"):
        config["description"] = description
    own = found.config.get("name")
    name = next((each for each in (own, found.label) if isinstance(each, str) and each and each != found.name), text("kind.team.name"))
    team = reading.node("team", name, what=text("autogen.what.team", name=name[:80]), at=found.pointer)
    members = [_member(reading, value, found.at("participants", index), team) for index, value in enumerate(participants)]
    if "selector_prompt" in table.wired:
        _instruction(reading, found, team, config["selection"])
    stop = found.config.get("termination_condition")
    if stop is not None:
        for rule in read_conditions(reading, stop, found.at("termination_condition")):
            reading.wire("stop", rule, team)
    config["max_turns"] = _max_turns(reading, found, team, stop is not None)
    _wire_models(reading, found, team, members)
    _keep(reading, team, config)
    reading.tell_losses(lost, found, (team,), name)
    if table.differs:
        reading.say("approximated", table.differs, found.pointer, (team,))
    return team


def _member(reading: Reading, value: Any, at: str, team: str) -> str:
    found = envelope(value, at)
    if found is None:
        return reading.unknown(None, value, at, team)
    return read_agent(reading, found, team)


def _max_turns(reading: Reading, found: Envelope, team: str, stops: bool) -> int:
    given = found.config.get("max_turns")
    if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= MOST_TURNS:
        return given
    if stops:
        return MOST_TURNS
    reading.say("decision", "no_end", found.pointer, (team,), remedy=True, limit=WITHOUT_END)
    return WITHOUT_END


def _instruction(reading: Reading, found: Envelope, team: str, selection: dict[str, Any]) -> None:
    """A choosing prompt of one's own becomes the instruction, without the places where AutoGen puts names and history."""
    prompt = found.config.get("selector_prompt")
    if not isinstance(prompt, str) or not prompt.strip() or _USUAL_PROMPT.match(prompt):
        return
    before, after = _ASKING
    if prompt.startswith(before) and prompt.endswith(after):
        if told := prompt[len(before) : len(prompt) - len(after)].strip():
            selection["instruction"] = told
        return
    kept = [line for line in prompt.split("\n") if not _PLACEHOLDER.fullmatch(line.strip().strip("."))]
    selection["instruction"] = _PLACEHOLDER.sub("…", "\n".join(kept)).strip()
    reading.say("approximated", "prompt", found.at("selector_prompt"), (team,))


def _wire_models(reading: Reading, found: Envelope, team: str, members: list[str]) -> None:
    """The team's own model; and the one that all members share is wired to the team, once, instead of to each of them."""
    value, at = found.config.get("model_client"), found.at("model_client")
    own = None
    if value is not None:
        model = envelope(value, at)
        own = read_model(reading, model) if model is not None else reading.unknown(None, value, at)
        reading.wire("model", own, team)
    using = reading.wires("model", set(members))
    sources = {source for source, _ in using}
    if len(sources) == 1 and own in (None, *sources) and all(reading.kind_of(target) == "assistant" for _, target in using):
        (shared,) = sources
        reading.unwire("model", shared, members)
        reading.wire("model", shared, team)


def _keep(reading: Reading, team: str, config: Mapping[str, Any]) -> None:
    index = next(index for index, node in enumerate(reading.nodes) if node.id == team)
    component = drawn_class("team")
    known = parts(component) if component is not None else {}
    kept = {name: value for name, value in config.items() if name in known}
    reading.nodes[index] = reading.nodes[index].model_copy(update={"config": kept})
