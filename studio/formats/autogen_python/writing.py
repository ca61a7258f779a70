"""Writing teams and stop rules for AgentChat in Python: arrows, lots and rules that are functions of the script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.engine.teams.function_choice import FunctionChoice
from studio.flow.document import Node
from studio.formats.autogen_components.envelopes import component, envelope_of
from studio.formats.autogen_components.mapping import CLASSES, ClassMap
from studio.formats.autogen_python.calls import Source
from studio.formats.autogen_python.conditions import counted, function_rule, no_arrow_leads_on
from studio.formats.autogen_python.graphs import scripted_graph
from studio.formats.autogen_python.speakers import chooser, follows
from studio.formats.autogen_python.writing_agents import PythonAgentWriting

_CHOSEN = ("follow_edges", "random_choice", "manual", "function_choice", "round_robin")
"""Ways of choosing that a function of the script can take over."""

_BY_NOBODY = ("arrows", "selector", "selection")


class PythonWriting(PythonAgentWriting):
    """Writes teams and stop rules too."""

    # Teams ------------------------------------------------------------------------------------------------------------

    def _talk(self, node: Node) -> tuple[ClassMap, dict[str, Any]] | None:
        selection = self.selection(node)
        kind = str(selection.get("kind"))
        members = self._members(node)
        scripted = len(members) > 1 and kind in _CHOSEN and (kind != "round_robin" or bool(self.drawing.speaks(node)))
        if scripted:
            self.says(node, *_BY_NOBODY)
        if kind == "model_choice" and len(members) > 1:
            self.says(node, "arrows")
        found = super()._talk(node)
        if found is None:
            return None
        table, config = found
        if shapes := [shape for each in self._below(node) if (shape := self._shape(each)) is not None]:
            structured = self.program.use("StructuredMessage", "autogen_agentchat.messages")
            config["custom_message_types"] = [Source(f"{structured}[{shape}]") for shape in dict.fromkeys(shapes)]
        names = [str(each["config"]["name"]) for each in config["participants"] if isinstance(each, dict)]
        pairs = [(self.names[a.name.strip()], self.names[b.name.strip()]) for a, b in self.drawing.speaks(node)]
        repeats = kind not in ("model_choice", "random_choice") or bool(selection.get("allow_repeat", False))
        after = follows(names, pairs, self.drawing.excludes(node), repeats)
        if "user" in names and (scripted or after):
            self.lose("called_user", node)
        if scripted and len(names) == len(config["participants"]) > 1:
            table = next(each for each in CLASSES if each.name == "SelectorGroupChat")
            function = chooser(self.program, kind, selection, names, after)
            if function is None:
                self.lose("chooser", node, "decision")
                return found
            config.pop("emit_team_events", None)
            config["model_client"] = config.get("model_client") or self._some_model(node, members)
            config["selector_func"] = Source(function)
            if kind == "function_choice":
                self.lose("told", node)
                self.lose("function_none", node)
        elif after and table.name == "SelectorGroupChat":
            config["candidate_func"] = Source(chooser(self.program, "candidates", selection, names, after) or "")
        if after and table.name != "GraphFlow" and any(not then for then in after.values()):
            rule = no_arrow_leads_on(self.program, names, after)
            stop = config["termination_condition"]
            config["termination_condition"] = self._any_of([each for each in (stop, rule) if each is not None])
        return table, config

    def _below(self, team: Node) -> list[Node]:
        """The assistants that lie in a team, at whatever depth, and those that they call: what these say is heard in the team as well."""
        found: dict[str, Node] = {}
        left = list(self.drawing.inside(team))
        while left:
            node = left.pop(0)
            if node.id not in found and self.drawing.categories[node.id] in ("agent", "team"):
                found[node.id] = node
                left += [*self.drawing.inside(node), *self.drawing.tools_of(node)]
        return [each for each in found.values() if each.kind == "assistant"]

    def selection(self, node: Node) -> Mapping[str, Any]:
        """How a team chooses, with the source of a function that nobody changed."""
        held = self.value(node, "selection")
        own: Mapping[str, Any] = held if isinstance(held, Mapping) else {}
        return {"source": FunctionChoice.model_fields["source"].default, **own} if own.get("kind") == "function_choice" else own

    def _some_model(self, node: Node, members: list[Node]) -> Any:
        """A client for a team that never asks it: AutoGen wants one all the same."""
        own = self.drawing.model_for(node) or self.drawing.team_model(node)
        found = [own, *(self.drawing.model_for(each) for each in members)]
        known = next((each for each in found if each is not None), None)
        client = self.model(known, node.name) if known is not None else None
        nothing = "autogen_ext.models.replay.ReplayChatCompletionClient"
        return client or envelope_of(nothing, "chat_completion_client", {"chat_completions": []})

    def _graph(self, team: Node, members: list[Node], held: Mapping[str, Any]) -> dict[str, Any]:
        for member in members:
            self.says(member, "arrow_condition")
        said = {(edge.source, edge.target): edge.config for edge in self.drawing.document.edges if edge.kind == "speaks"}
        arrows = {
            (self.names[before.name.strip()], self.names[after.name.strip()]): said.get((before.id, after.id), {})
            for before, after in self.drawing.speaks(team)
        }
        graph = super()._graph(team, members, held)
        named = {self.names.get(member.name.strip(), member.name.strip()): member for member in members}
        for source, target in scripted_graph(self.program.script, graph, arrows):
            self.lose("arrow_expression", named[source], "decision", target=target)
        return graph

    def team(self, node: Node) -> Any:
        written = super().team(node)
        if written is not None:
            config = written["config"]
            config["name"] = self.name(node) if self.drawing.team_of(node) is not None else config["name"]
            if not config.get("description"):
                config.pop("description", None)
        return written

    def chat(self, node: Node) -> Any:
        """The team of a chat in a row."""
        found = self._talk(node)
        if found is None:
            return None
        table, config = found
        said = ("message", "carryover", "summarised", "summary_prompt")
        self.leftovers(node, ("selection", "max_turns", "heard", "description", "transitions_type", *said))
        return component(table, {"name": self.name(node), **config}, self.version)

    # Stop rules -------------------------------------------------------------------------------------------------------

    def condition(self, node: Node, above: tuple[str, ...] = ()) -> Any:
        if node.kind == "function_rule":
            self.leftovers(node, ("source", "timeout", "executor"))
            rule = function_rule(self.program, str(self.value(node, "source")))
            self.lose("function", node, "decision") if rule is None else self.lose("told", node)
            return rule
        ours = not self.value(node, "include_task") if node.kind in ("max_messages", "text_mention") else False
        if ours:
            self.says(node, "given.include_task")
            written = super().condition(node, above)
            config = written["config"]
            if node.kind == "max_messages":
                config["max_messages"] += 1
            elif not config.get("sources"):
                config["sources"] = self._speakers()
            return written
        if node.kind == "max_turns":
            self.lose("turns_as_messages", node)
            return counted(int(self.value(node, "max_turns")) + 1)
        return super().condition(node, above)
