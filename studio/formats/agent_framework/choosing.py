"""Writing who speaks next in a group chat of Agent Framework, and when nobody does."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio.engine.agents.agent import Agent
from studio.engine.agents.assistant import Assistant
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
from studio.formats.agent_framework.agents import AgentWriting
from studio.formats.agent_framework.models import CORE
from studio.formats.python_text.arrows import arrow_test
from studio.formats.python_text.literals import literal, quoted, text_literal
from studio.formats.python_text.stop_rules import Ends
from studio.formats.python_text.transitions import without_repeats

NAMES = "names = list(state.participants)"
LONGEST_ORDER = 55
"""Characters of the names in turn that stand on the line that chooses among them."""
ALONE = ["if len(names) == 1:", "    return names[0]"]
LAST = 'last = state.conversation[-1].author_name or ""'


@dataclass(slots=True)
class Choosing:
    """The lines of a function of `state` that gives a name; `line` is the same as one expression where that is all.

    `over` are the lines that go before the tests of whether a talk is over, which may add to them; with `ends` it is over when nobody
    hands over.
    """

    lines: list[str]
    words: str
    line: str = ""
    over: list[str] = field(default_factory=list)
    asks: bool = False
    ends: bool = False


class ChoosingWriting(AgentWriting):
    """Writes strategies too."""

    def choosing(self, team: Team, prefix: str, model: Model | None, members: list[Agent], ends: Ends) -> Choosing:
        """Who speaks next in a team; `prefix` begins the names of what it needs."""
        names = [self.called(agent) for agent in members]
        after = self._after(team, names, prefix)
        found = self._strategy(team.selection, team, prefix, model, members, ends, after)
        handoffs = [target for agent in members if isinstance(agent, Assistant) for target in agent.handoffs]
        if team.selection.eager and not isinstance(team.selection, Swarm):
            # This one goes by something else; a rule looks at the last hand-over alone.
            if handoffs and ends.targets:
                found.lines[:0] = ["handed_to.clear()"]
                found.line = ""
        elif handoffs:
            outside = sorted({self.called(target) for target in handoffs} - {*names, *(self.called(each) for each in ends.targets)})
            follow = ["name = handed_to[0]", "handed_to.clear()", "return name"]
            if outside:
                follow[2:] = ["if name in state.participants:", "    return name"]
            found.lines[:0] = ["if handed_to:", *(f"    {line}" for line in follow)]
            found.line = ""
            if outside and found.ends:
                ends.tests.append(handed_over(outside))
        return found

    def _after(self, team: Team, names: list[str], prefix: str) -> str:
        """The variable that says who may speak after whom; empty where everybody may."""
        followers = without_repeats(team)
        if not followers or isinstance(team.selection, Graph):
            return ""
        rows: dict[str, list[str]] = {name: [] for name in names} | {
            self.called(before): [self.called(name) for name in after if self.called(name) in names]
            for before, after in followers.items()
            if self.called(before) in names
        }
        variable = self.names.new(f"{prefix}after", "after").upper()
        self.team_statements.append(f"{variable} = {literal(rows)}")
        return variable

    def _strategy(
        self, selection: Selection, team: Team, prefix: str, model: Model | None, members: list[Agent], ends: Ends, after: str
    ) -> Choosing:
        self.losses.said(selection)
        may = self._may_speak(team, members, after, ends)
        match selection:
            case RoundRobin():
                return self._in_turn(may, members)
            case Sequential():
                ends.turns = min(ends.turns, len(members))
                line = "list(state.participants)[state.current_round]"
                return Choosing([f"return {line}"], "Everybody once, in order.", line)
            case ModelChoice():
                return self._model_choice(selection, prefix, model, members, may)
            case RandomChoice():
                return self._random(selection, may)
            case Manual():
                self.script.module("asyncio")
                lines = [
                    *may,
                    *(ALONE if len(may) > 1 else []),
                    "said = await asyncio.to_thread(input, f\"Who speaks next ({', '.join(names)})? \")",
                ]
                lines.append("return said.strip() if said.strip() in names else names[0]")
                return Choosing(lines, "You choose.", asks=True)
            case FollowEdges():
                return self._follow_edges(team, may)
            case Swarm():
                return self._swarm(selection, members, ends)
            case FunctionChoice() if selection.function is None and self.take_function(selection.source) is not None:
                return self._function_choice(selection, prefix, members, ends)
            case Graph():
                return self._graph(selection, prefix, members, ends)
            case Planner():
                self.losses.lose("planner", selection, *Planner.model_fields, level="decision")
                ends.turns = min(ends.turns, selection.max_rounds)
                return self._model_choice(ModelChoice(), prefix, model, members, may)
        self.losses.lose("selection", selection, *type(selection).model_fields, level="decision")
        return self._in_turn(may, members)

    def _may_speak(self, team: Team, members: list[Agent], after: str, ends: Ends) -> list[str]:
        """Lines that leave in `names` those who may speak now."""
        if not after:
            return [NAMES]
        names = [self.called(agent) for agent in members]
        begins = [self.called(name) for name in team.beginners if self.called(name) in names] or names[:1]
        followers = without_repeats(team) or {}
        for agent in members:
            if isinstance(agent, Assistant) and agent.handoffs and not followers.get(agent.name):
                self.losses.lose("hand_over_at_end", agent)
        if any(not followers.get(agent.name) for agent in members):
            ends.tests.append(f"(last.author_name is not None and not {after}[last.author_name])")
        return [LAST, f"names = {after}.get(last, {literal(begins)})"]

    def _in_turn(self, may: list[str], members: list[Agent]) -> Choosing:
        if len(may) == 1 and not any(isinstance(agent, Assistant) and agent.handoffs for agent in members):
            if len(members) == 1:
                line = quoted(self.called(members[0]))
                return Choosing([f"return {line}"], "Everybody in turn.", line)
            names = literal([self.called(agent) for agent in members])
            line = f"{names}[state.current_round % {len(members)}]"
            if len(line) > LONGEST_ORDER:
                line = "list(state.participants)[state.current_round % len(state.participants)]"
            return Choosing([f"return {line}"], "Everybody in turn.", line)
        if len(may) == 1:
            return Choosing(
                [*may, LAST, "return names[(names.index(last) + 1) % len(names) if last in names else 0]"], "Everybody in turn."
            )
        lines = [*may, "order = list(state.participants)", "at = order.index(last) + 1 if last in order else 0"]
        return Choosing([*lines, "return next(name for name in order[at:] + order[:at] if name in names)"], "Everybody in turn.")

    def _random(self, selection: RandomChoice, may: list[str]) -> Choosing:
        self.losses.said(selection, "seed", "allow_repeat")
        self.script.module("random")
        lines = list(may)
        if not selection.allow_repeat and len(may) == 1:
            lines += [LAST, "names = [name for name in names if name != last]"]
        if selection.seed is None:
            return Choosing([*lines, "return random.choice(names)"], "Somebody, at random.")
        drawn = f'return random.Random(f"{selection.seed}:{{state.current_round}}").choice(names)'
        return Choosing([*lines, drawn], "Somebody, at random, in the same order every time.")

    def _follow_edges(self, team: Team, may: list[str]) -> Choosing:
        if len(may) > 1 and all(len(after) < 2 for after in (team.transitions or {}).values()):
            return Choosing([*may, "return names[0]"], "Along the arrows.")
        lines = [
            *may,
            "spoke = [message.author_name for message in state.conversation]",
            "silent = {name: spoke[::-1].index(name) if name in spoke else len(spoke) for name in names}",
            "return max(names, key=lambda name: silent[name])",
        ]
        if len(may) == 1:
            return Choosing(lines, "The one who has been silent longest.")
        return Choosing(lines, "Of those who may speak now, the one who has been silent longest.")

    def _model_choice(self, selection: ModelChoice, prefix: str, model: Model | None, members: list[Agent], may: list[str]) -> Choosing:
        self.losses.said(selection, "instruction", "allow_repeat")
        if selection.max_attempts > 1:
            self.losses.lose("attempts", selection, "max_attempts")
        if model is None:
            self.losses.lose("no_choice", selection)
            return self._in_turn(may, members)
        roles = "\n".join(f"{self.called(agent)}: {' '.join(agent.description.split())}" for agent in members)
        told = f"Several agents work on a task together. You say who speaks next. The agents are:\n\n{roles}"
        told = f"{told}\n\n{selection.instruction}" if selection.instruction else told
        message = self.script.use("Message", CORE)
        chooser = self.names.new(f"{prefix}chooser", "chooser")
        options = self.options(model)
        more = f", default_options={options}" if options else ""
        made = f'{chooser} = {self.client(model)}.as_agent(name="chooser", instructions={text_literal(told)}{more})'
        self.team_statements.append(made)
        lines = list(may)
        if not selection.allow_repeat and len(may) == 1:
            lines += [LAST, "names = [name for name in names if name != last] or names"]
        lines += [
            "if len(names) == 1:",
            "    return names[0]",
            "question = f\"Who speaks next? Answer with one name: {', '.join(names)}.\"",
            f'answer = await {chooser}.run([*state.conversation, {message}("user", [question])])',
            "return next((name for name in names if name in answer.text), names[0])",
        ]
        return Choosing(lines, "A model chooses.", asks=True)

    def _swarm(self, selection: Swarm, members: list[Agent], ends: Ends) -> Choosing:
        self.losses.said(selection, "after_work", "after", "first")
        if selection.rules:
            self.losses.lose("rules", selection, "rules", level="decision")
        names = [self.called(agent) for agent in members]
        begins = self.called(selection.first) if self.called(selection.first) in names else names[0]
        words = "Whoever was handed the conversation speaks."
        after: dict[str, str] = {}
        for before, then in selection.after.items():
            name = self.called(before)
            goes_on = {"stay": name, "first": names[0]}.get(then, "") if self.called(then) not in names else self.called(then)
            if name in names and goes_on:
                after[name] = goes_on
            elif name in names and then != selection.after_work:
                self.losses.lose("after_work", selection, "after_work", "after")
        lines = [LAST, *([f"after = {literal(after)}", "if last in after:", "    return after[last]"] if after else [])]
        if selection.after_work == "stay":
            return Choosing([*lines, f"return last or {quoted(begins)}"], words)
        if selection.after_work == "first":
            return Choosing([*lines, f"return {quoted(names[0])} if last else {quoted(begins)}"], words)
        if selection.after_work != "end":
            self.losses.lose("after_work", selection, "after_work")
        may = any(isinstance(agent, Assistant) and agent.handoffs for agent in members)
        spoke = f"last.author_name not in {literal((None, *after))}" if after else "last.author_name is not None"
        ends.tests.append(f"({spoke} and not handed_to)" if may else spoke)
        return Choosing([*(lines if after else []), f"return {quoted(begins)}"], words, ends=True)

    def _function_choice(self, selection: FunctionChoice, prefix: str, members: list[Agent], ends: Ends) -> Choosing:
        self.losses.lose("function_here", selection, "source", "executor", "timeout")
        self.lose_thoughts(selection)
        if selection.fallback is not None:
            self.losses.lose("fallback_choice", selection, "fallback")
            self.losses.said(selection.fallback, *type(selection.fallback).model_fields)
        chosen = self.names.new(f"{prefix}chosen", "chosen")
        names = literal([self.called(agent) for agent in members])
        self.team_statements.append(f"{chosen}: list[str | None] = []")
        ends.tests.append(f"{chosen}[-1] is None")
        over = [f"{chosen}.append({self.ask(selection.source, self.transcript, names)})"]
        return Choosing([f'return {chosen}[-1] or ""'], f"Whom {self.take_function(selection.source)} names.", over=over)

    def _graph(self, selection: Graph, prefix: str, members: list[Agent], ends: Ends) -> Choosing:
        self.losses.lose("graph", selection, "edges", "start")
        names = [self.called(agent) for agent in members]
        rows: dict[str, list[str]] = {}
        for edge in selection.edges:
            source, to = self.called(edge.source), self.called(edge.target)
            if source in names and to in names:
                meeting = selection.awaited(edge) if edge.join == "all" else {edge.source}
                awaited = sorted(self.called(name) for name in meeting if self.called(name) in names)
                rows.setdefault(source, []).append(f"({quoted(to)}, {literal(awaited)}, {arrow_test(self, edge, selection)})")
        reached = {self.called(edge.target) for edge in selection.edges if edge.source != edge.target}
        begins = [self.called(name) for name in selection.start if self.called(name) in names]
        begins = begins or [name for name in names if name not in reached] or names[:1]
        arrows, ready, arrived = (self.names.new(f"{prefix}{name}", name) for name in ("arrows", "ready", "arrived"))
        self.script.use("Callable", "collections.abc")
        said = ", ".join(f"{quoted(source)}: [{', '.join(several)}]" for source, several in rows.items())
        self.team_statements += [
            "# Who comes after whom, who must have spoken before, and what the message must be.\n"
            f"{arrows}: dict[str, list[tuple[str, list[str], Callable[[str], bool]]]] = {{{said}}}",
            f"{ready}: list[str] = {literal(begins)}",
            f"{arrived}: dict[str, list[str]] = {{}}",
        ]
        ends.tests.append(f"not {ready}")
        over = [
            f'for target, awaited, holds in {arrows}.get(last.author_name or "", []):',
            "    if holds(last.text):",
            f"        {arrived}.setdefault(target, []).append(last.author_name or '')",
            f"        if all(name in {arrived}[target] for name in awaited):",
            f"            {arrived}[target] = []",
            f"            {ready}.append(target)",
        ]
        return Choosing([f"return {ready}.pop(0)"], "Along the arrows of the graph, one branch after the other.", over=over)


def handed_over(names: list[str]) -> str:
    """A test whether the conversation was handed over to one of these: of two hand-overs in one answer the first counts."""
    return f"handed_to[:1] == {literal(names)}" if len(names) == 1 else f"(bool(handed_to) and handed_to[0] in {literal(names)})"
