"""Scripts of AutoGen's core runtime as flows: actors become agents, and what they tell each other the way in which they take turns."""

from __future__ import annotations

from typing import Any

from studio.formats.autogen_components.envelope import envelope
from studio.formats.autogen_components.reading_teams import read_member
from studio.formats.autogen_components.source import below
from studio.formats.autogen_python.actor_asks import prompts_of, tools_of, words_in
from studio.formats.autogen_python.actor_parts import attributes, lineage, records_within, root_of
from studio.formats.autogen_python.actor_shapes import Shape, shape_of
from studio.formats.autogen_python.actors import Actor, Telling, client_of, kind_of, topic_of, type_of
from studio.formats.autogen_python.records import Components
from studio.formats.foreign_script.functions import is_framework
from studio.formats.foreign_script.reading import ScriptReading
from studio.formats.foreign_script.tasks import MAX_TASK
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Function, Instance, Record, Text, is_known
from studio.texts import text

_TEAMS = {"round_robin": "RoundRobinGroupChat", "model_choice": "SelectorGroupChat", "swarm": "Swarm", "graph": "GraphFlow"}
_RUNTIME = frozenset(
    "register register_factory register_closure register_instance register_agent_instance add_subscription publish_message send_message "
    "add_message_serializer try_get_known_serializers_for_type start stop stop_when stop_when_idle stop_when_signal close process_next "
    "TopicId DefaultTopicId AgentId AgentType TypeSubscription DefaultSubscription TypePrefixSubscription type_subscription "
    "default_subscription message_handler event rpc".split()
)
"""Calls that only carry messages."""

_MESSAGES = frozenset(("SystemMessage", "UserMessage", "AssistantMessage", "FunctionExecutionResultMessage", "CodeBlock"))
MOST_TOOL_ROUNDS = 10


class ActorFlow:
    """Draws the actors of a script as one flow."""

    def __init__(self, script: Script, actors: list[Actor], taken: set[int]) -> None:
        self.script = script
        self.actors = actors
        self.taken = taken
        self.reading = ScriptReading(script, text("script.form.actors"))
        self.components = Components(script, self.reading.piece)
        self.places = {topic: actor.type for actor in actors for topic in actor.topics} | {actor.type: actor.type for actor in actors}

    def draw(self) -> tuple[ScriptReading, list[str]]:
        """The flow and its tasks."""
        first = self._first()
        shape = shape_of(self.actors, first, {actor.type: list(self._handoffs(actor)) for actor in self.actors})
        drawn: dict[int, list[str]] = {}
        if shape is not None:
            value, pointers = self._value(shape)
            found = envelope(value, "")
            if found is not None:
                team = read_member(self.reading, found)
                self._tell_remarks()
                drawn = self._drawn(pointers)
                self._finish(shape, team)
        self.taken |= self.components.taken
        self._keep_others(shape, drawn)
        self._take(first)
        tasks = [words for telling in first if (words := words_in(telling.value).strip())]
        return self.reading, [each[:MAX_TASK] for each in dict.fromkeys(tasks)]

    def _first(self) -> list[Telling]:
        """What the script itself tells its actors."""
        found = []
        for record in self.script.records:
            if record.method in ("publish_message", "send_message") and record.of is not None and record.of.method.endswith("Runtime"):
                value = record.look("message", 0)
                if record.method == "publish_message":
                    found.append(Telling(kind_of(value), value, topic_of(record.look("topic_id", 1)), ""))
                else:
                    found.append(Telling(kind_of(value), value, "", type_of(record.look("recipient", 1))))
                if not words_in(value).strip() and value is not None:
                    source = " ".join(self.script.source.text[(spot := record.spot_of("message", 0)).start : spot.end].split())[:120]
                    self.reading.tell("approximated", "task_unknown", record.spot, source=source)
        return found

    # What is made of an actor -----------------------------------------------------------------------------------------

    def _value(self, shape: Shape) -> tuple[dict[str, Any], dict[str, Actor]]:
        """The component of a shape, and the pointers of its actors."""
        if shape.kind == "alone":
            return self._agent(shape.members[0], "", shape.members[0].type), {"": shape.members[0]}
        pointers = {below("", "config", "participants", index): actor for index, actor in enumerate(shape.members)}
        names: list[str] = []
        for actor in shape.members:
            number = sum(1 for each in names if each == actor.type or each.startswith(f"{actor.type}_"))
            names.append(actor.type if actor.type not in names else f"{actor.type}_{number + 1}")
        config: dict[str, Any] = {
            "participants": [self._agent(actor, at, name) for (at, actor), name in zip(pointers.items(), names, strict=True)]
        }
        if shape.kind == "graph":
            edges = {name: [{"target": names[b]} for a, b in shape.arrows if a == place] for place, name in enumerate(names)}
            nodes = {name: {"name": name, "edges": listed, "activation": "all"} for name, listed in edges.items()}
            config["graph"] = {"nodes": nodes, "default_start_node": None}
        if shape.leader is not None and shape.kind == "model_choice":
            self._lead(shape.leader, config)
        if (rounds := self._rounds(shape)) is not None:
            config["max_turns"] = rounds
        self.reading.piece.places[""] = (shape.leader or shape.members[0]).made.spot
        provider = f"autogen_agentchat.teams.{_TEAMS[shape.kind]}"
        return {"provider": provider, "component_type": "team", "component_version": 1, "config": config}, pointers

    def _agent(self, actor: Actor, at: str, name: str) -> dict[str, Any]:
        if actor.definition is not None:
            actor.definition.taken = True
        if actor.helper is not None and not actor.asks:
            return self.components.component(actor.helper, at, "agent")
        self.reading.piece.places[at] = actor.made.spot
        config: dict[str, Any] = {"name": name}
        described = actor.made.look("description", 0)
        if isinstance(described, str) and described and is_known(described):
            config["description"] = str(described)
        if actor.asks:
            config |= self._asked(actor, at, name)
        elif actor.executor is not None:
            config["code_executor"] = self.components.component(actor.executor, below(at, "config", "code_executor"), "code_executor")
        kind = "AssistantAgent" if actor.asks else "CodeExecutorAgent" if actor.executor is not None else "UserProxyAgent"
        return {
            "provider": f"autogen_agentchat.agents.{kind}",
            "component_type": "agent",
            "component_version": 2 if actor.asks else 1,
            "config": config,
        }

    def _asked(self, actor: Actor, at: str, name: str) -> dict[str, Any]:
        """What a model is asked with: its prompt, itself, tools and hand-overs."""
        config: dict[str, Any] = {"system_message": None, "max_tool_iterations": MOST_TOOL_ROUNDS, "reflect_on_tool_use": True}
        prompts = list(dict.fromkeys(each for each in prompts_of(actor) if isinstance(each, str)))
        if prompts:
            config["system_message"] = str(prompts[0])
            if isinstance(prompts[0], Text) and prompts[0].holes:
                self.components.remark("decision", "partly", at, actor.made.spot, remedy=True, field="system_message")
        if len(prompts) > 1:
            self.components.remark("approximated", "actor_prompts", at, actor.made.spot, name=name, count=len(prompts))
        client = client_of(actor)
        if client is not None and not self._is_loaded(client):
            config["model_client"] = self.components.component(client, below(at, "config", "model_client"), "model")
        else:
            self.components.remark("decision", "actor_model", at, actor.asks[0].spot, remedy=True, name=name)
        for context in attributes(actor.made):
            if context.method.endswith("ChatCompletionContext") and context.definition is None:
                config["model_context"] = self.components.component(
                    context, below(at, "config", "model_context"), "chat_completion_context"
                )
                # The system message among them is the prompt; the others come with the first message.
                config["model_context"]["config"].pop("initial_messages", None)
                break
        tools = [each for each in tools_of(actor) if not self._leads_to(each)]
        if tools:
            place = below(at, "config", "tools")
            config["tools"] = [self.components.component(each, below(place, index), "tool") for index, each in enumerate(tools)]
        if handoffs := self._handoffs(actor):
            config["handoffs"] = [{"target": target, "description": words} if words else target for target, words in handoffs.items()]
        return config

    def _is_loaded(self, client: Record) -> bool:
        """Whether a model comes from a configuration that lies outside of the script."""
        loaded = client.method == "load_component" and not isinstance(client.look("model", 0), dict)
        if loaded:
            client.take(*range(len(client.args)), *client.kwargs)
            self.taken.add(id(client))
        return loaded

    def _handoffs(self, actor: Actor) -> dict[str, str]:
        """To whom an actor hands over, with what its model is told of when to do so."""
        found: dict[str, str] = {}
        for each in tools_of(actor):
            target = self._leads_to(each)
            if target and target != actor.type:
                words = each.look("description", 1) if isinstance(each, Record) else None
                found.setdefault(target, str(words).strip() if isinstance(words, str) else "")
        return found

    def _leads_to(self, tool: Any) -> str:
        """The actor that a tool hands over to: its function only says the name of one, or of its topic."""
        function = tool.look("func", 0) if isinstance(tool, Record) and tool.method == "FunctionTool" else tool
        if not isinstance(function, Function) or function.parameters or function.owner is not None:
            return ""
        given, _ = self.script.follow(function)
        if not isinstance(given, str) or given not in self.places:
            return ""
        function.taken = True
        if isinstance(tool, Record):
            tool.take(*range(len(tool.args)), *tool.kwargs)
            self.taken.add(id(tool))
        return self.places[given]

    def _lead(self, leader: Actor, config: dict[str, Any]) -> None:
        """The model that chooses, and what it is told."""
        client = client_of(leader)
        if client is not None and not self._is_loaded(client):
            config["model_client"] = self.components.component(client, below("", "config", "model_client"), "model")

    def _rounds(self, shape: Shape) -> int | None:
        """How often everybody speaks, where an actor holds such a number."""
        if shape.kind != "round_robin":
            return None
        held = {name.strip("_"): value for actor in shape.members for name, value in actor.made.fields.items()}
        for name in ("max_round", "max_rounds", "num_rounds", "max_turns", "n_rounds"):
            if isinstance(value := held.get(name), int) and not isinstance(value, bool) and value > 0:
                return value * len(shape.members)
        return None

    # What is said ----------------------------------------------------------------------------------------------------

    def _tell_remarks(self) -> None:
        remarks = self.components.remarks
        nodes = self.reading.nodes_at([*(each.pointer for each in remarks), *(pointer for _, pointer in self.components.changed)])
        for each in remarks:
            self.reading.tell(each.level, each.code, each.spot, nodes[each.pointer], remedy=each.remedy, **each.facts)
        for record, pointer in self.components.changed:
            for node in nodes[pointer]:
                self.reading.changed(record, node)

    def _drawn(self, pointers: dict[str, Actor]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for pointer, nodes in self.reading.nodes_at(pointers).items():
            for node in nodes:
                self.reading.changed(pointers[pointer].made, node, self.reading.name_of(node))
                found.setdefault(id(pointers[pointer]), []).append(node)
        return found

    def _finish(self, shape: Shape, team: str) -> None:
        reading = self.reading
        spot = (shape.leader or shape.members[0]).made.spot
        if shape.kind == "alone":
            reading.tell("approximated", "differs_actor", spot, (team,), name=reading.name_of(team))
            return
        config = reading.config_of(team)
        if shape.kind == "swarm" and (person := self._person(shape)) is not None:
            # Who hands over to nobody lets the person go on, who answers whoever spoke before.
            (node,) = reading.nodes_at([below("", "config", "participants", shape.members.index(person))]).values()
            others = [each.name for each in reading.nodes if each.parent == team and each.id not in node]
            selection = {**config["selection"], "after": dict.fromkeys(others, reading.name_of(node[0])), "after_work": "back"}
            reading.put(team, {**config, "selection": selection})
        reading.tell("approximated", f"differs_actors.{shape.kind}", spot, (team,), count=len(shape.members))
        if shape.leader is not None and shape.kind != "graph":
            reading.changed(shape.leader.made, team, shape.leader.type)

    def _person(self, shape: Shape) -> Actor | None:
        """Who the conversation is with: a person whom nobody hands over to, or any other."""
        people = [each for each in shape.members if each.is_person and not each.asks]
        called = {target for each in shape.members for target in self._handoffs(each)}
        return next((each for each in people if each.type not in called), people[0] if people else None)

    def _keep_others(self, shape: Shape | None, drawn: dict[int, list[str]]) -> None:
        """Actors that say nothing of their own, and what nobody understands, as Python with its source."""
        leader = shape.leader if shape is not None else None
        kept: set[int] = set()
        for actor in self.actors:
            definition = actor.definition
            if id(actor) in drawn or actor is leader or (definition is not None and self.reading.keeps(definition)):
                continue
            if definition is None:
                self.reading.keep(actor.made.callee, actor.made.spot, what=actor.type)
            elif id(definition) not in kept:
                kept.add(id(definition))
                definition.taken = True
                self.reading.keep(definition.name, definition.spot, what=actor.type)

        for record in self.script.records:
            function = record.look("closure", 2) if record.method == "register_closure" else None
            if isinstance(function, Function) and function.name:
                function.taken = True
                self.reading.keep(function.name, function.spot, what=type_of(record.look("type", 1)))

    def _take(self, first: list[Telling]) -> None:
        """Marks what carries messages, and the messages that actors hold: all of it is drawn, or kept with its class."""
        for record in self.script.records:
            root = root_of(record)
            carries = record.method in _RUNTIME and (is_framework(root.callee) or root.definition is not None or record.of is None)
            if carries or record.callee.endswith("tool_agent.ToolAgent"):
                # Who calls a tool runs it here: nobody else has to.
                for given in (*record.args, *record.kwargs.values()):
                    if isinstance(given, Function) and given.is_lambda:
                        given.taken = True
                record.take(*range(len(record.args)), *record.kwargs)
                self.taken.add(id(record))
            elif record.method.endswith("Runtime") and is_framework(record.callee):
                record.take()
                self.taken.add(id(record))
        made = [actor.made for actor in self.actors]
        drawn = [actor.definition for actor in self.actors if actor.definition is not None and self.reading.keeps(actor.definition)]
        for definition in (each for own in drawn for each in lineage(own)):
            self.reading.beside(definition)
            definition.taken = True
        for record in made:
            # What its handlers set is part of the class.
            record.set_at.clear()
            record.take(*range(len(record.args)), *record.kwargs)
            self.taken.add(id(record))
        held: list[Any] = [[*each.args, *each.kwargs.values(), *each.fields.values()] for each in made]
        held += [[*each.value.fields.values()] for each in first if isinstance(each.value, Instance)]
        held += [each.value for each in first if isinstance(each.value, Record)]
        for record in [*records_within(held), *(each for each in self.script.records if each.method == "CodeBlock")]:
            if record.method in _MESSAGES:
                record.take(*range(len(record.args)), *record.kwargs)
                self.taken.add(id(record))
