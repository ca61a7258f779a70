"""Writing group chats for AutoGen 0.2: who is in them, when they are over, and the function that says who speaks next."""

from __future__ import annotations

from studio.engine.agents.assistant import Assistant
from studio.engine.agents.python_agent import PythonAgent
from studio.engine.conditions.text_mention import TextMention
from studio.engine.models.base import Model
from studio.engine.teams.chat import Chat
from studio.engine.teams.selection import Selection
from studio.engine.teams.society import Society
from studio.engine.teams.swarm import Swarm
from studio.engine.teams.team import Team
from studio.formats.classic_python.choosing import Choosing, ChoosingWriting, Members
from studio.formats.python_text.literals import docstring, literal, quoted
from studio.formats.python_text.stop_rules import Ends, any_of, leaves

CALLS_IN_A_TURN = 20
"""Messages that hold calls and results which a turn may need: the room that a chat's limit of messages leaves for them."""

BARE_WORD = "TERMINATE"
"""The message that agents of AutoGen 0.2 do not answer."""


class GroupWriting(ChoosingWriting):
    """Writes group chats too."""

    def chat(self, team: Team, model: Model | None, named: str = "") -> str | None:
        """Writes the group chat of a team, and gives the variable of its manager; None when nobody is in it."""
        model = team.model or model
        self.losses.said(team, "model", "selection", "stop", "transitions", "transitions_type", "max_turns", "heard")
        if named:
            self.losses.said(team, "description")
        if team.variables:
            self.losses.lose("variables", team, "variables")
        members = [(agent, variable) for agent in team.participants if (variable := self.member(agent, model)) is not None]
        if not members:
            return None
        chat = self.names.new(f"{named}_chat" if named else "group_chat", "chat")
        manager = self.names.new(f"{named}_manager" if named else "manager", "manager")
        tools = any(isinstance(agent, Assistant) and (agent.tools or agent.handoffs) for agent in team.participants)
        ends = self.ends(team, chat, tools)
        choosing = self.choosing(team, model, members, ends)
        if tools and len(members) > 1:
            self.losses.lose("calls_heard", team)
        told = [each.system_message if isinstance(each, Assistant) else each.source for each in _who_may_say_it(team)]
        if any(BARE_WORD in words for words in told) and not self._ends_at(BARE_WORD, team):
            self.losses.lose("bare_word_ends", team)
        function = self._next_speaker(team, chat, members, ends, choosing, tools)
        arguments = {"messages": "[]"}
        arguments["max_round"] = str(ends.turns + 1 if not tools else ends.turns * CALLS_IN_A_TURN)
        arguments["speaker_selection_method"] = function or quoted(choosing.method)
        arguments |= choosing.arguments
        said = ", ".join(f"{name}={value}" for name, value in arguments.items())
        inside = ", ".join(variable for _, variable in members)
        asked = choosing.model or (model if (isinstance(team, Chat) and team.summarised == "model") or isinstance(team, Society) else None)
        parts = [chat, *([f"name={quoted(manager)}"] if named else [])]
        if asked is not None:
            parts.append(f"llm_config={self.config(asked)}")
        if ends.tests:
            parts.append(f"is_termination_msg={self._over(ends.tests, manager)}")
        made = f"{chat} = {self.script.use('GroupChat', self.package)}([{inside}], {said})"
        self.group_statements.append(f"{made}\n{manager} = {self.script.use('GroupChatManager', self.package)}({', '.join(parts)})")
        return manager

    def _ends_at(self, said: str, team: Team) -> bool:
        """Whether a rule ends the talk of a team at this message, whoever says it."""
        return any(isinstance(rule, TextMention) and not rule.sources and rule.text in said for rule in leaves(team.stop))

    def _over(self, tests: list[str], manager: str) -> str:
        """The function of a message that says whether a chat is over."""
        if len(tests) == 1:
            return f"lambda message: {tests[0]}"
        name = self.names.new("is_over" if manager == "manager" else f"{manager}_is_over", "rule")
        self.script.use("Any", "typing")
        body = "\n".join(f"    {line}" for line in ['"""Whether this message ends the conversation."""', *any_of(tests)])
        self.group_statements.append(f"def {name}(message: dict[str, Any]) -> bool:\n{body}")
        return name

    def _next_speaker(self, team: Team, chat: str, members: Members, ends: Ends, choosing: Choosing, tools: bool) -> str | None:
        """The name of the function that says who speaks next; None where AutoGen's own way says it all."""
        if not tools and not choosing.lines and len(members) > 1:
            return None
        last, agent, group = (self.script.use(name, self.package) for name in ("Agent", "Agent", "GroupChat"))
        name = self.names.new("next_speaker" if chat == "group_chat" else f"{chat}_next", "choice")
        handoffs = sorted({target for each, _ in members if isinstance(each, Assistant) for target in each.handoffs})
        lines: list[str] = []
        if tools:
            limit = [*self._turns(bool(handoffs)), f"if turns >= {ends.turns}:", "    return None"]
            lines.append("message = group_chat.messages[-1]")
            lines += self._after_a_call(handoffs, team.selection, ends, limit)
        default = [f"return {quoted(choosing.method)}"] if len(members) > 1 else [f"return {members[0][1]}"]
        lines += choosing.lines or default
        words = choosing.words if not tools else f"{choosing.words.removesuffix('.')}; who calls a tool first hears what it gives."
        body = "\n".join(f"    {line}" for line in [docstring(words, ""), *lines])
        self.group_statements.append(f"def {name}(last_speaker: {last}, group_chat: {group}) -> {agent} | str | None:\n{body}")
        return name

    def _after_a_call(self, handoffs: list[str], selection: Selection, ends: Ends, limit: list[str]) -> list[str]:
        """Who goes on after a call and its result: the caller, or whoever was handed the conversation; `limit` looks at the turns.

        A hand-over that is not followed, because its target is not here or somebody else chooses, leaves it to the strategy.
        """
        if not handoffs:
            return ['if message.get("tool_calls") or message.get("tool_responses"):', "    return last_speaker", *limit]
        over = [self.transfer(target) for target in ends.targets if target in handoffs]
        followed = isinstance(selection, Swarm) or not selection.eager
        targets = {self.transfer(name): self.variables[name] for name in handoffs if name in self.variables} if followed else {}
        passed = [name for target in handoffs if (name := self.transfer(target)) not in (*targets, *over)]
        lines = [
            'if message.get("tool_calls"):',
            "    return last_speaker",
            *limit,
            'if message.get("tool_responses"):',
            '    called = [call["function"]["name"] for call in group_chat.messages[-2]["tool_calls"]]',
        ]
        for name in over:
            lines += [f"    if {quoted(name)} in called:", "        return None"]
        if targets:
            lines.append(f"    handed_to = {{{', '.join(f'{quoted(name)}: {variable}' for name, variable in targets.items())}}}")
        if targets and not passed:
            return [*lines, "    return next((handed_to[name] for name in called if name in handed_to), last_speaker)"]
        if targets:
            lines += ["    for name in called:", "        if name in handed_to:", "            return handed_to[name]"]
        return [*lines, f"    if not any(name in {literal(passed)} for name in called):", "        return last_speaker"]

    def _turns(self, handoffs: bool) -> list[str]:
        """Lines that count the turns so far; the first message is the task."""
        if handoffs:
            return [f"turns = sum({self.turn_test()}(each) for each in group_chat.messages) - 1"]
        spoken = '[each for each in group_chat.messages if not (each.get("tool_calls") or each.get("tool_responses"))]'
        return [f"spoken = {spoken}", "turns = len(spoken) - 1"]


def _who_may_say_it(team: Team) -> list[Assistant | PythonAgent]:
    """Those whose own words tell what they are to say."""
    return [agent for agent in team.participants if isinstance(agent, Assistant | PythonAgent)]
