"""Writing who speaks next in a group chat of AutoGen 0.2."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio.engine.agents.agent import Agent
from studio.engine.models.base import Model
from studio.engine.teams.follow_edges import FollowEdges
from studio.engine.teams.function_choice import FunctionChoice
from studio.engine.teams.graph import Graph
from studio.engine.teams.manual import Manual
from studio.engine.teams.model_choice import ModelChoice
from studio.engine.teams.planner import Planner
from studio.engine.teams.random_choice import RandomChoice
from studio.engine.teams.round_robin import RoundRobin
from studio.engine.teams.selection import Selection
from studio.engine.teams.sequential import Sequential
from studio.engine.teams.swarm import Swarm
from studio.engine.teams.team import Team
from studio.formats.classic_python.agents import AgentWriting
from studio.formats.python_text.arrows import arrow_test
from studio.formats.python_text.literals import quoted, text_literal
from studio.formats.python_text.stop_rules import Ends
from studio.formats.python_text.transitions import barred_after

OUTSIDE = "if last_speaker not in group_chat.agents:"
"""The test whether nobody has spoken yet."""

Members = list[tuple[Agent, str]]
"""Participants and their variables."""


@dataclass(slots=True)
class Choosing:
    """Who speaks next: `method` as AutoGen names it, the lines of a function where that says too little, and what it does in words.

    With `begins` the lines say as well who speaks first where arrows lead from one to the next.
    """

    method: str = "round_robin"
    lines: list[str] = field(default_factory=list)
    words: str = "Everybody in turn."
    arguments: dict[str, str] = field(default_factory=dict)
    model: Model | None = None
    begins: bool = False


class ChoosingWriting(AgentWriting):
    """Writes strategies too."""

    def choosing(self, team: Team, model: Model | None, members: Members, ends: Ends) -> Choosing:
        found = self._strategy(team.selection, team, model, members, ends)
        allowed = team.transitions
        if not allowed or isinstance(team.selection, Graph):
            return found
        if team.transitions_type == "disallowed":
            allowed = barred_after(team)
        pairs = [(before, [self.variables[after] for after in allowed[before] if after in self.variables]) for before in allowed]
        known = [f"{self.variables[before]}: [{', '.join(after)}]" for before, after in pairs if before in self.variables and after]
        found.arguments.pop("allow_repeat_speaker", None)  # the arrows say it, and AutoGen takes only one of both
        found.arguments["allowed_or_disallowed_speaker_transitions"] = f"{{{', '.join(known)}}}"
        found.arguments["speaker_transitions_type"] = quoted(team.transitions_type)
        if team.transitions_type == "disallowed" or found.begins or found.lines[:1] == [OUTSIDE]:
            return found
        reached = {after for names in allowed.values() for after in names}
        begins = next((variable for agent, variable in members if agent.name not in reached), members[0][1])
        if found.lines or found.method != "round_robin" or begins != members[0][1]:
            found.lines[:0] = [OUTSIDE, f"    return {begins}"]
            if len(found.lines) == 2:
                found.lines.append(f"return {quoted(found.method)}")
        return found

    def _strategy(self, selection: Selection, team: Team, model: Model | None, members: Members, ends: Ends) -> Choosing:
        self.losses.said(selection)
        first = members[0][1]
        match selection:
            case RoundRobin():
                return Choosing()
            case Sequential():
                ends.turns = min(ends.turns, len(members))
                return Choosing(words="Everybody once, in order.")
            case ModelChoice():
                return self._model_choice(selection, model)
            case RandomChoice():
                return self._random(selection, team)
            case Manual():
                lines = [
                    *(self._may_speak(team) if team.transitions else ["agents = group_chat.agents"]),
                    *(["if len(agents) == 1:", "    return agents[0]"] if team.transitions else []),
                    "names = [agent.name for agent in agents]",
                    "said = input(f\"Who speaks next ({', '.join(names)})? \").strip()",
                    "return group_chat.agent_by_name(said if said in names else names[0])",
                ]
                return Choosing(lines=lines, words="You choose.", begins=True)
            case FollowEdges():
                return self._follow_edges(team)
            case Swarm():
                return self._swarm(selection, members, model)
            case FunctionChoice() if selection.function is None and self.take_function(selection.source) is not None:
                return self._function_choice(selection, team, model, members, ends)
            case Graph():
                return self._graph(selection, members, first)
            case Planner():
                self.losses.lose("planner", selection, *Planner.model_fields, level="decision")
                ends.turns = min(ends.turns, selection.max_rounds)
                return self._model_choice(ModelChoice(), model)
        self.losses.lose("selection", selection, *type(selection).model_fields, level="decision")
        return Choosing()

    def _random(self, selection: RandomChoice, team: Team) -> Choosing:
        self.losses.said(selection, "seed", "allow_repeat")
        if selection.seed is None:
            return Choosing("random", words="Somebody, at random.", arguments={"allow_repeat_speaker": repr(selection.allow_repeat)})
        self.script.module("random")
        spoke = 'spoke = [each for each in group_chat.messages[1:] if not (each.get("tool_calls") or each.get("tool_responses"))]'
        but = "" if selection.allow_repeat else " if agent is not last_speaker"
        if not team.transitions:
            lines = [f"agents = [agent for agent in group_chat.agents{but}]"]
        else:
            lines = [*self._may_speak(team), *([f"agents = [agent for agent in agents{but}] or agents"] if but else [])]
        lines += [spoke, f'return random.Random(f"{selection.seed}:{{len(spoke)}}").choice(agents)']
        return Choosing(lines=lines, words="Somebody, at random, in the same order every time.", begins=True)

    def _may_speak(self, team: Team) -> list[str]:
        """Lines that leave in `agents` those who may speak now, and end the talk where there are none."""
        begins = "group_chat.agents"
        if team.transitions_type == "allowed":
            first = ", ".join(self.variables[name] for name in team.beginners if name in self.variables)
            begins = f"[] if last_speaker in group_chat.agents else [{first}]"
        return [
            f"allowed = group_chat.allowed_speaker_transitions_dict.get(last_speaker, {begins})",
            "agents = [agent for agent in group_chat.agents if agent in allowed]",
            "if not agents:",
            "    return None",
        ]

    def _model_choice(self, selection: ModelChoice, model: Model | None) -> Choosing:
        self.losses.said(selection, "instruction", "allow_repeat", "max_attempts")
        if model is None:
            self.losses.lose("no_choice", selection)
            return Choosing()
        told = (
            "Several agents work on a task together. You say who speaks next. The agents are:\n\n{roles}\n\n"
            "Read the conversation, then choose one of {agentlist}. Answer with the name only."
        )
        if selection.instruction:
            plain = selection.instruction.replace("{", "{{").replace("}", "}}")
            told = told.replace("Answer with", f"{plain} Answer with")
        arguments = {
            "allow_repeat_speaker": repr(selection.allow_repeat),
            "max_retries_for_selecting_speaker": str(selection.max_attempts - 1),
            "select_speaker_message_template": text_literal(told),
        }
        return Choosing("auto", words="A model chooses.", arguments=arguments, model=model)

    def _follow_edges(self, team: Team) -> Choosing:
        if all(len(after) < 2 for after in (team.transitions or {}).values()):
            return Choosing()
        lines = [
            *self._may_speak(team),
            "spoke = [message['name'] for message in group_chat.messages]",
            "silent = {agent: spoke[::-1].index(agent.name) if agent.name in spoke else len(spoke) for agent in agents}",
            "return max(agents, key=lambda agent: silent[agent])",
        ]
        return Choosing(lines=lines, begins=True, words="Of those who may speak now, the one who has been silent longest.")

    def _swarm(self, selection: Swarm, members: Members, model: Model | None) -> Choosing:
        self.losses.said(selection, "after_work", "after", "first")
        if selection.rules:
            self.losses.lose("rules", selection, "rules", level="decision")
        begins = self.variables.get(selection.first, members[0][1])
        lines = [OUTSIDE, f"    return {begins}"]
        words, arguments = "Whoever was handed the conversation speaks.", {}
        by_model = [
            after for after in (*selection.after.values(), selection.after_work) if after == "model" and after not in self.variables
        ]
        if by_model and model is not None:
            arguments = self._model_choice(ModelChoice(), model).arguments
        elif by_model:
            self.losses.lose("after_work", selection)
        for before, after in selection.after.items():
            goes_on = self.variables.get(after) or self._after_work(after, members, model)
            if before in self.variables and goes_on:
                lines += [f"if last_speaker is {self.variables[before]}:", f"    return {goes_on}"]
        lines.append(f"return {self._after_work(selection.after_work, members, model)}")
        if by_model and model is not None:
            return Choosing("auto", lines, words, arguments, model)
        return Choosing(lines=lines, words=words)

    def _after_work(self, word: str, members: Members, model: Model | None) -> str:
        """Who speaks when nobody was handed the conversation; empty for no such word."""
        first = members[0][1]
        heard = 'agent for said in reversed(group_chat.messages) if (agent := group_chat.agent_by_name(said["name"]))'
        return {
            "end": "None",
            "stay": "last_speaker",
            "first": first,
            "back": f"next(({heard} not in (None, last_speaker)), {first})",
            "model": first if len(members) == 1 else quoted("auto") if model is not None else "None",
        }.get(word, "")

    def _function_choice(self, selection: FunctionChoice, team: Team, model: Model | None, members: Members, ends: Ends) -> Choosing:
        self.losses.lose("function_here", selection, "source", "executor", "timeout")
        asked = self.ask_now(selection.source, self.transcript("group_chat"), "group_chat.agent_names")
        name = self.take_function(selection.source)
        lines = [f"name = {asked}"]
        if selection.fallback is None:
            return Choosing(lines=[*lines, "return group_chat.agent_by_name(name) if name else None"], words=f"Whom {name} names.")
        other = self._strategy(selection.fallback, team, model, members, ends)
        lines += ["if name:", "    return group_chat.agent_by_name(name)", *(other.lines or [f"return {quoted(other.method)}"])]
        return Choosing(other.method, lines, f"Whom {name} names.", other.arguments, other.model)

    def _graph(self, selection: Graph, members: Members, first: str) -> Choosing:
        self.losses.lose("graph", selection, "edges", "start")
        there = {agent.name: variable for agent, variable in members}
        rows: dict[str, list[str]] = {}
        for edge in selection.edges:
            if edge.source in there and edge.target in there:
                awaited = (
                    sorted(there[name] for name in selection.awaited(edge) if name in there) if edge.join == "all" else [there[edge.source]]
                )
                rows.setdefault(there[edge.source], []).append(
                    f"({there[edge.target]}, [{', '.join(awaited)}], {arrow_test(self, edge, selection)})"
                )
        reached = {edge.target for edge in selection.edges if edge.source != edge.target}
        begins = (
            [there[name] for name in selection.start if name in there] or [there[name] for name in there if name not in reached] or [first]
        )
        agent = self.script.use("Agent", self.package)
        function = f"{self.script.use('Callable', 'collections.abc')}[[str], bool]"
        said = ", ".join(f"{source}: [{', '.join(arrows)}]" for source, arrows in rows.items())
        self.group_statements.append(
            "# Who comes after whom, who must have spoken before, and what the message must be.\n"
            f"arrows: dict[{agent}, list[tuple[{agent}, list[{agent}], {function}]]] = {{{said}}}"
        )
        self.group_statements.append(f"ready: list[{agent}] = [{', '.join(begins)}]")
        self.group_statements.append(f"arrived: dict[{agent}, list[{agent}]] = {{}}")
        lines = [
            'text = group_chat.messages[-1]["content"] or ""',
            "for target, awaited, holds in arrows.get(last_speaker, []):",
            "    if holds(text):",
            "        arrived.setdefault(target, []).append(last_speaker)",
            "        if all(agent in arrived[target] for agent in awaited):",
            "            arrived[target] = []",
            "            ready.append(target)",
            "return ready.pop(0) if ready else None",
        ]
        return Choosing(lines=lines, words="Along the arrows of the graph, one branch after the other.")
