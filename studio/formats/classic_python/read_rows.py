"""Chats in a row and chats within an agent, of classic scripts: each a chat of two or a group, with what it is told of those before."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from studio.formats.classic_python.read_agents import Agents
from studio.formats.classic_python.read_calls import arguments, spot_in
from studio.formats.classic_python.read_groups import is_group
from studio.formats.classic_python.read_roles import is_agent, is_person, mode_of, name_of
from studio.formats.classic_python.read_stops import draw_stops
from studio.formats.foreign_script.asking import chat_summary
from studio.formats.foreign_script.bound import code_of
from studio.formats.foreign_script.reading import ScriptReading, at
from studio.formats.foreign_script.tasks import asked_in
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Function, Record, is_known, plain
from studio.texts import text

MAX_TURNS = 10_000
WITHOUT_LIMIT = 200
"""AutoGen's agents answer a hundred times each."""

_CHAT = frozenset(("recipient", "sender", "message", "max_turns", "summary_method", "summary_args", "summary_prompt", "prerequisites"))
"""What a chat of a row says that is read."""

_SPEAK = ("assistant", "chat", "team")
"""Kinds for whom the model of the team around them speaks as well as one of their own."""

MAX_CHATS = 100


class Rows:
    """Draws rows of chats."""

    def __init__(self, reading: ScriptReading, agents: Agents) -> None:
        self.reading = reading
        self.agents = agents

    @abstractmethod
    def member(self, value: Any, parent: str | None) -> str:
        """Draws whoever takes part: an agent, an agent with chats of its own, or a group."""

    @abstractmethod
    def group(self, manager: Record, sender: Record | None, parent: str | None = None, called: str = "") -> str:
        """Draws a group chat."""

    def row(self, call: Record, queue: list[Mapping[Any, Any]], sender: Record | None) -> str:
        """Chats one after the other, each with the summaries of those before it."""
        team = self.reading.node(
            "team", text("kind.team.name"), {"selection": {"kind": "sequence"}}, what=text("autogen.what.team", name=""), at=at(call.spot)
        )
        chats = []
        for index, each in enumerate(self.reading.first(queue, MAX_CHATS, at(call.spot), (team,), what="chat_queue")):
            begins = each.get("sender", sender)
            chats.append(self._chat(each, begins if isinstance(begins, Record) else sender, team, call, first=index == 0))
            if each.get("prerequisites"):
                self.reading.tell("approximated", "prerequisites", call.spot, (team,))
        self._share_model(team, chats, None)
        return team

    def nested(self, agent: Record, chats: list[tuple[Record, list[Mapping[Any, Any]]]], parent: str | None, *, called: str = "") -> str:
        """An agent whose answers come of chats within it: a team of these chats under its name.

        With `called` it is nobody's but a target that holds chats, and called so.
        """
        reading = self.reading
        self.agents.taken.add(id(agent))
        # Who is never asked and runs nothing says only what its chats say.
        agent.take("name", *["human_input_mode"] * (mode_of(agent) == "NEVER"))
        if arguments(agent).looked("code_execution_config") is False:
            agent.take("code_execution_config")
        name = reading.agent_name(called or name_of(agent), "team", at(agent.spot), who=id(agent))
        self.agents.names.setdefault(id(agent), name)
        config = {"selection": {"kind": "sequence"}, "heard": "last"}
        node = reading.node("team", name, config, parent, what=text("autogen.what.team", name=name), at=at(agent.spot))
        drawn = []
        for call, queue in chats:
            call.take("trigger", 1)
            for each in reading.first(queue, MAX_CHATS, at(call.spot), (node,), what="chat_queue"):
                begins = each.get("sender") or (agent if not called else None)
                sender = begins if isinstance(begins, Record) else None
                drawn.append(self._chat(each, sender, node, call, first=False, inside=agent if not called else None))
            reading.tell("approximated", "differs_nested", call.spot, (node,), name=name)
        self._share_model(node, drawn, None)
        return node

    def _chat(
        self, said: Mapping[Any, Any], sender: Record | None, team: str, call: Record, *, first: bool, inside: Record | None = None
    ) -> str:
        reading = self.reading
        recipient = said.get("recipient")
        spot = call.spot
        if not isinstance(recipient, Record):
            return reading.keep("chat", spot, parent=team)
        turns = plain(said.get("max_turns"))
        turns = turns if isinstance(turns, int) and not isinstance(turns, bool) else None
        config: dict[str, Any] = {"max_turns": self._turns(turns, recipient, sender or recipient, spot_in(said, "max_turns", spot))}
        message = said.get("message")
        asked = asked_in(message, spot_in(said, "message", spot))
        words = asked.words
        if not first:
            self.agents.taken |= reading.pictured(asked.images)
        more = said.get("carryover")
        if words and isinstance(more, str) and more.strip():
            words = f"{words}\n\n{more}"
            more = None
        if words and not first:
            config["message"] = words
        method, function, alone = plain(said.get("summary_method")), None, None
        if method == "reflection_with_llm":
            config["summarised"] = "model"
            options = said.get("summary_args")
            prompt = said.get("summary_prompt", options.get("summary_prompt") if isinstance(options, Mapping) else None)
            if isinstance(prompt, str):
                config["summary_prompt"] = str(prompt)
        elif (function := code_of(said.get("summary_method"))) is not None:
            options = said.get("summary_args")
            known = repr(plain(options)) if isinstance(options, Mapping) and is_known(options) else "{}"
            begins = name_of(sender) if sender is not None else ""
            alone = chat_summary(reading.script, said["summary_method"], begins, name_of(recipient), known)
            config |= {"summarised": "function", "summary_source": alone.source}
        name = reading.agent_name(f"{name_of(recipient)} chat", "chat", at(spot), own=False)
        chat = reading.node("chat", name, config, team, what=text("script.what.chat", name=name), at=at(spot))
        if function is not None and alone is not None:
            reading.tell("decision", "summary_runs", function.spot, (chat,), remedy=True, name=function.name or "lambda")
            if alone.missing:
                missing = ", ".join(alone.missing)[:200]
                reading.tell("decision", "names_missing", function.spot, (chat,), remedy=True, name=alone.name, missing=missing)
        if isinstance(message, Function):
            source = " ".join(message.source.split())[:160]
            reading.tell("decision", "message_function", message.spot, (chat,), remedy=True, source=source)
        self._tell_chat(said, config, bool(more), message is not None and not words, chat, spot)
        if is_group(recipient):
            self._share_model(chat, [self.group(recipient, sender, chat)], None)
            reading.put(chat, {**config, "max_turns": 1})
            return chat
        members = [self._within(recipient, inside, chat)]
        # One who only begins says nothing in a chat of one turn.
        if sender is not None and sender is not recipient and config["max_turns"] > 1:
            members.append(self._within(sender, inside, chat))
            if sender is inside:
                reading.tell("approximated", "within_itself", spot, (members[-1],), name=name_of(sender))
        elif sender is not None and is_agent(sender) and id(sender) not in self.agents.taken:
            self.agents.taken.add(id(sender))
            reading.tell("approximated", "begins_only", sender.spot, (chat,), name=name_of(sender))
        if config["max_turns"] > 1:
            draw_stops(self.reading, chat, [recipient, *([sender] if sender is not None else [])])
        self._share_model(chat, members, None)
        return chat

    def _within(self, record: Record, inside: Record | None, chat: str) -> str:
        """Who takes part in a chat; one whose own chat it is answers there without them."""
        return self.agents.draw(record, chat) if record is inside else self.member(record, chat)

    def _tell_chat(self, said: Mapping[Any, Any], config: Mapping[str, Any], carried: bool, unsaid: bool, chat: str, spot: Spot) -> None:
        """What a chat of a row says and nothing here takes."""
        fields = [str(name) for name, value in said.items() if str(name) not in _CHAT and name != "carryover" and value]
        fields += ["carryover"] * carried + ["clear_history"] * (said.get("clear_history") is False and "clear_history" not in fields)
        options = said.get("summary_args")
        read = {"summary_prompt"} if "summary_prompt" in config else set()
        if config.get("summarised") == "function" and isinstance(options, Mapping) and is_known(options):
            read |= {str(each) for each in options}
        if isinstance(options, Mapping) and set(options) - read:
            fields.append("summary_args")
        if said.get("summary_prompt") and not read:
            fields.append("summary_prompt")
        if said.get("max_turns") is not None and not isinstance(said.get("max_turns"), int):
            fields.append("max_turns")
        if unsaid and not isinstance(said.get("message"), Function):
            fields.append("message")
        for field in fields:
            self.reading.tell("approximated", "chat_field", spot_in(said, field, spot), (chat,), field=field)

    # What ends them, and whom models speak for -------------------------------------------------------------------------

    def _share_model(self, team: str, members: list[str], own: str | None) -> None:
        """A team's own model; and the one that all its members share is wired to the team, once."""
        using = self.reading.wires("model", set(members))
        sources = {source for source, _ in using}
        if own is not None:
            self.reading.wire("model", own, team)
        if len(sources) == 1 and own in (None, *sources) and all(self.reading.kind_of(target) in _SPEAK for _, target in using):
            (shared,) = sources
            self.reading.unwire("model", shared, members)
            self.reading.wire("model", shared, team)

    # How long they talk ------------------------------------------------------------------------------------------------

    def _turns(self, given: int | None, recipient: Record, sender: Record, spot: Spot) -> int:
        """A round is a message of the sender and an answer, and the sender's first message is the task."""
        if given is not None and given > 0:
            return self._bounded(2 * given - 1, "max_turns · 2 − 1", spot)
        return _replies(recipient, sender)

    def _bounded(self, turns: int, field: str, spot: Spot) -> int:
        return self.reading.within(turns, 1, MAX_TURNS, at(spot), name=text("kind.team.name"), field=field)


def _replies(recipient: Record, sender: Record) -> int:
    """How many turns two have who may answer so often each."""
    limits = [WITHOUT_LIMIT]
    for record, more in ((recipient, 0), (sender, 1)):
        replies = None if is_person(record) else plain(arguments(record).looked("max_consecutive_auto_reply"))
        if isinstance(replies, int) and not isinstance(replies, bool) and 0 <= 2 * replies + more < WITHOUT_LIMIT:
            record.take("max_consecutive_auto_reply")
            limits.append(2 * replies + more)
    return max(1, min(limits))
