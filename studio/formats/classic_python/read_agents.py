"""Agents of classic scripts: who a model speaks for, who is a person or answers by rule, and who runs code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from studio.engine.component import Component
from studio.engine.context.last import LastMessages
from studio.engine.context.token_budget import TokenBudget
from studio.formats.autogen_components.bounds import beyond, nearest
from studio.formats.classic_python.read_calls import AGENTS, SIGNATURES, arguments, spot_in, spot_of
from studio.formats.classic_python.read_guards import guards_of
from studio.formats.classic_python.read_handoffs import Group, target_of, ways_of
from studio.formats.classic_python.read_models import answer_shape, draw_model, settings_of
from studio.formats.classic_python.read_ready import Ready, draw_tools, ready_of
from studio.formats.classic_python.read_roles import MODES, is_agent, is_person, mode_of, name_of, rule_for
from studio.formats.classic_python.read_tools import Offered, called_by, draw_tool, handed_to
from studio.formats.classic_python.results import says_results
from studio.formats.foreign_script.reading import ScriptReading, answers_itself, at
from studio.formats.foreign_script.rules import Never, Words
from studio.formats.foreign_script.shapes import shape_of
from studio.formats.python_reading.values import Function, Record, Setting, Symbol, Text, Unknown, plain, walk
from studio.texts import text

MAX_REPLIES = 1_000
UPDATES = "update_agent_state_before_reply"
MOST_SECONDS = 3_600
_CODE = frozenset(("executor", "timeout", "use_docker"))
_READ = frozenset(SIGNATURES["ConversableAgent"]) | {"functions", "handoffs", "silent", "code_execution_config", UPDATES}
"""Parameters of agents that are read, or that change nothing of what is said."""


class Agents:
    """Draws the agents of one flow, each once for every team that it is in."""

    def __init__(self, reading: ScriptReading, tools: list[Offered]) -> None:
        self.reading = reading
        self.tools: dict[int, list[Offered]] = {}
        for each in tools:
            self.tools.setdefault(id(each.caller), []).append(each)
        self.added = [call for call in reading.script.records if call.method == "add_to_agent" and call.of is not None]
        self.groups: Callable[[Record, str], str] | None = None
        self.called: dict[int, str] = {}
        self._members: set[int] | None = None
        self.beyond: list[tuple[Record, int, int | float, str, int]] = []
        self.taken: set[int] = set()
        self.names: dict[int, str] = {}
        self.ready: dict[int, Ready] = {}
        self.group = Group()

    def draw(self, record: Record, parent: str | None) -> str:
        """Draws an agent and gives its node's id; one of a class that nobody knows is kept with its source."""
        self.taken.add(id(record))
        record.take("name")
        if record.method not in AGENTS or answers_itself(record):
            called = record.definition.name if record.definition is not None else record.method
            node = self.reading.keep(called, record.spot, what=name_of(record), beside=[record.definition], parent=parent)
            self.names[id(record)] = self.reading.name_of(node)
            return node
        node = self._person(record, parent) if is_person(record) else self._assistant(record, parent)
        self._tell_lost(record, node)
        self.reading.changed(record, node)
        return node

    def _tell_lost(self, record: Record, node: str) -> None:
        given = arguments(record)
        for field, value in given.items():
            read = self.ready[id(record)].read if id(record) in self.ready else frozenset()
            if field not in _READ | read and value not in (None, False, "", [], {}):
                self.reading.tell("approximated", "agent_field", spot_of(record, field), (node,), field=field, name=name_of(record))
        rule = given.get("is_termination_msg")
        if rule is not None and not isinstance(rule, Function):
            spot = spot_of(record, "is_termination_msg")
            source = " ".join(self.reading.script.source.text[spot.start : spot.end].split())[:120]
            self.reading.tell("decision", "function_lost", spot, (node,), remedy=True, field="is_termination_msg", source=source)
        for each in record.rest:
            spot = each.spot if isinstance(each, Unknown) else record.spot
            self.reading.tell("decision", "rest", spot, (node,), remedy=True, what=name_of(record))

    # A model ----------------------------------------------------------------------------------------------------------

    def _assistant(self, record: Record, parent: str | None) -> str:
        reading, given = self.reading, arguments(record)
        record.take("name", "human_input_mode", "llm_config", ".system_message")
        name = self._name(record, "assistant")
        ready = ready_of(reading, record, name)
        config: dict[str, Any] = {"system_message": self._prompt(record, name, ready.prompt if ready is not None else "")}
        if description := self._text(record, "description", name):
            config["description"] = description
        config |= (ready.config if ready is not None else {}) | self._context(record)
        if (shape := answer_shape(settings_of(record))) is not None:
            config["output"] = shape_of(reading.script, shape)
        own = self._tools_of(record)
        transfers = [(each, handed_to(each)) for each in own]
        own = [each for each, (target, _) in transfers if not target]
        for each in (each for each, (target, _) in transfers if target):
            each.function.taken = True
        ways = ways_of(record, self.group)
        ways.offered |= {target: words for _, (target, words) in transfers if target}
        self.group.ends = self.group.ends or ways.ends
        config |= ways.config()
        self._keep_ways(record, ways.unread)
        if guards := guards_of(reading, record, name, target_of):
            config["guards"] = guards
        if record.method == "MultimodalConversableAgent":
            config["named_images"] = True
        if (reply := says_results(record)) is not None:
            self.taken.add(id(reply))
            config |= {"max_tool_rounds": 1, "after_tools": "results"}
        node = reading.node("assistant", name, config, parent, what=text("autogen.what.agent", name=name), at=at(record.spot))
        for limiter, value, bound, theirs, place in self.beyond:
            reading.tell_bound(value, bound, at(limiter.spot_of(theirs, place)), (node,), name=limiter.method, field=theirs)
        self.beyond.clear()
        model = draw_model(reading, settings_of(record), spot_of(record, "llm_config"))
        if model is not None:
            reading.wire("model", model, node)
        self._offer(record, own, node, name)
        if ready is not None:
            draw_tools(reading, record, ready, node, name)
            self.ready[id(record)] = ready
        if record.method == "MultimodalConversableAgent":
            reading.tell("approximated", "differs_images", record.spot, (node,), name=name)
        if mode_of(record) == "ALWAYS" or (mode_of(record) == "TERMINATE" and "human_input_mode" in given):
            reading.tell("decision", "person_lost", spot_of(record, "human_input_mode"), (node,), remedy=True, name=name)
        where = given.get("code_execution_config")
        if plain(where) or isinstance(where, Mapping):
            reading.tell("decision", "code_lost", spot_of(record, "code_execution_config"), (node,), remedy=True, name=name)
        return node

    def _prompt(self, record: Record, name: str, usual: str = "") -> str:
        given = arguments(record)
        if (words := _before_each_reply(record)) is not None:
            return words
        updates = [call.get("system_message", 0) for call in record.calls if call.method == "update_system_message"]
        if isinstance(value := record.fields.get("system_message"), str):
            updates.append(value)
        if updates and isinstance(updates[-1], str):
            return str(updates[-1])
        said = "instructions" if record.method == "GPTAssistantAgent" else "system_message"
        if given.looked(said) is not None or said in given:
            return self._text(record, said, name) or usual
        if usual:
            self.reading.tell("approximated", "default_prompt", record.spot, name=name)
            return usual
        if record.method == "AssistantAgent":
            from studio.classic.ready_agents import ASSISTANT

            self.reading.tell("approximated", "default_prompt", record.spot, name=name)
            return ASSISTANT
        return "You are a helpful assistant."

    def _offer(self, record: Record, own: list[Offered], node: str, name: str) -> None:
        functions = False
        for offered in own:
            asked = self._called(offered)
            functions = functions or asked is None
            tool, said = asked or (draw_tool(self.reading, offered, self.group), {})
            self.reading.wire("tool", tool, node, said)
        if functions:
            self.reading.tell("approximated", "differs_tools", record.spot, (node,), name=name)

    def _called(self, offered: Offered) -> tuple[str, dict[str, Any]] | None:
        """The node of an agent, or of a group, that a function asks and that is in no team, and what its wire says."""
        found = called_by(self.reading.script, offered)
        if found is None or id(found.record) in self._grouped():
            return None
        if id(found.record) in self.taken and id(found.record) not in self.called:
            # Who takes part in the conversation itself is nobody's tool.
            return None
        group = found.record.method == "GroupChatManager"
        if (group and self.groups is None) or not (group or is_agent(found.record)) or (not group and is_person(found.record)):
            return None
        function, name = offered.function, offered.name or offered.function.name
        function.taken = True
        found.chat.take(*range(len(found.chat.args)), *found.chat.kwargs)
        self.taken.add(id(found.chat))
        described = offered.description or ast.get_docstring(function.node) or ""
        if id(found.record) not in self.called:
            if group and self.groups is not None:
                node = self.groups(found.record, name)
                said = {"heard": found.heard, **({"description": described} if described else {})}
                self.reading.put(node, {**self.reading.config_of(node), **said})
            else:
                node = self.draw(found.record, None)
                if described and not self.reading.config_of(node).get("description"):
                    self.reading.put(node, {**self.reading.config_of(node), "description": described})
            self.called[id(found.record)] = node
        node = self.called[id(found.record)]
        if (called := self.reading.name_of(node)) != name:
            self.reading.say("approximated", "tool_renamed", at(offered.name_at or offered.spot), (node,), was=name[:80], name=called)
        return node, {} if found.remembers or group else {"remembers": False}

    def _grouped(self) -> set[int]:
        """The agents that are members of a group."""
        if self._members is None:
            listed = (
                each
                for record in self.reading.script.records
                if "agents" in (given := arguments(record))
                for each in walk(given.looked("agents"))
            )
            self._members = {id(each) for each in listed if isinstance(each, Record)}
        return self._members

    def _tools_of(self, record: Record) -> list[Offered]:
        """The functions that an agent's model may call; of two with one name the later one counts."""
        found: dict[Any, Offered] = {}
        for offered in self.tools.get(id(record), []):
            name = offered.name or (offered.function.name if isinstance(offered.function, Function) else id(offered))
            if (before := found.pop(name, None)) is not None and before.function is not offered.function:
                self.reading.tell("approximated", "tool_again", before.spot, name=str(name))
                if isinstance(before.function, Function):
                    before.function.taken = True
            found[name] = offered
        return list(found.values())

    def _context(self, record: Record) -> dict[str, Any]:
        """What transformations of messages show to its model."""
        for call in self.added:
            if call.look("agent", 0) is not record or call.of is None:
                continue
            call.take("agent", 0)
            if call.of.method != "TransformMessages":
                self._keep_once(call.of)
                continue
            self.taken.add(id(call.of))
            for each in self._transforms(call.of):
                limits = {name: plain(value) for name, value in arguments(each).items()}
                if each.method == "MessageHistoryLimiter" and isinstance(limits.get("max_messages"), int):
                    each.take("max_messages", "keep_first_message", 0)
                    first = bool(limits.get("keep_first_message"))
                    count = self._shown(each, "max_messages", 0, limits["max_messages"], LastMessages, "count")
                    return {"context": {"kind": "last_messages", "count": count, "keep_task": first}}
                if each.method == "MessageTokenLimiter" and isinstance(limits.get("max_tokens"), int):
                    each.take("max_tokens", 1)
                    tokens = self._shown(each, "max_tokens", 1, limits["max_tokens"], TokenBudget, "tokens")
                    return {"context": {"kind": "token_budget", "tokens": tokens}}
                self._keep_once(each)
        return {}

    def _shown(self, record: Record, theirs: str, place: int, value: int, component: type[Component], ours: str) -> int:
        """A limit of what a model is shown, within the bounds of our field."""
        bound = nearest(component, ours, value)
        if bound is not None:
            self.beyond.append((record, value, bound, theirs, place))
        return int(value if bound is None else bound)

    def _keep_once(self, record: Record) -> None:
        """Draws what has no counterpart, however many agents it was given to."""
        if id(record) not in self.taken:
            self.taken.add(id(record))
            self.reading.keep(record.method, record.spot, what=record.name)

    def _keep_ways(self, record: Record, ways: list[Record]) -> None:
        """Draws ways to hand over that cannot be said here, with the functions that they ask."""
        for way in ways:
            if id(way) not in self.taken:
                self.taken.add(id(way))
                functions = [each for each in walk([*way.args, *way.kwargs.values()]) if isinstance(each, Function)]
                self.reading.keep(way.method, way.spot, what=f"{name_of(record)}: {way.method}", beside=functions)

    def _transforms(self, record: Record) -> list[Record]:
        listed = arguments(record).looked("transforms")
        if isinstance(listed, list | tuple) and all(isinstance(each, Record) for each in listed):
            record.take("transforms", 0)
        return [each for each in listed if isinstance(each, Record)] if isinstance(listed, list | tuple) else []

    # A person, or a rule ----------------------------------------------------------------------------------------------

    def _person(self, record: Record, parent: str | None) -> str:
        reading, given = self.reading, arguments(record)
        record.take("name", "human_input_mode")
        name = self._name(record, "human")
        config: dict[str, Any] = {"input_mode": MODES[mode_of(record)]}
        if guards := guards_of(reading, record, name, target_of):
            config["guards"] = guards
        if description := self._text(record, "description", name):
            config["description"] = description
        if reply := self._text(record, "default_auto_reply", name):
            config["default_reply"] = reply
        if (replies := given.number("max_consecutive_auto_reply")) is not None:
            spot = at(spot_of(record, "max_consecutive_auto_reply"))
            config["max_auto_replies"] = reading.within(replies, 0, MAX_REPLIES, spot, name=name, field="max_consecutive_auto_reply")
        config |= self._end_word(record)
        executor = self._executor(record)
        if executor is not None:
            config["executor"] = executor
        node = reading.node("human", name, config, parent, what=text("autogen.what.agent", name=name), at=at(record.spot))
        ways = ways_of(record, self.group)
        self._keep_ways(record, [*ways.read, *ways.unread])
        if executor is not None and executor["kind"] == "local":
            reading.say("decision", "runs_here", at(spot_of(record, "code_execution_config")), (node,), remedy=True)
        return node

    def _end_word(self, record: Record) -> dict[str, str]:
        rule = rule_for(record)
        if isinstance(rule, Never):
            return {"end_word": ""}
        if isinstance(rule, Function) or (isinstance(rule, Words) and rule.by):
            # A stop rule of the team asks the function, or looks at whose message it is.
            return {"end_word": ""}
        if isinstance(rule, Words):
            if rule.how != "contains" or rule.folded or len(rule.texts) > 1:
                self.reading.tell("approximated", "end_word", spot_of(record, "is_termination_msg"), word=rule.texts[0])
            return {"end_word": rule.texts[0]}
        return {}

    def _executor(self, record: Record) -> dict[str, Any] | None:
        """Where an agent runs the code of others; None where it runs none."""
        given = arguments(record)
        value = given.get("code_execution_config", {} if record.method == "UserProxyAgent" else False)
        if value is False or value is None:
            return None
        if isinstance(value, Symbol):
            return {"kind": "auto"}
        config = value if isinstance(value, Mapping) else {}
        for name in sorted(str(each) for each in set(config) - _CODE if config[each] not in (None, "", False)):
            spot = spot_in(config, name, spot_of(record, "code_execution_config"))
            self.reading.tell("approximated", "code_field", spot, field=name, name=name_of(record))
        where = config.get("executor")
        timeout = plain(config.get("timeout"))
        if isinstance(where, Record):
            self.taken.add(id(where))
            timeout = plain(arguments(where).looked("timeout"))
            kind = {"DockerCommandLineCodeExecutor": "docker", "LocalCommandLineCodeExecutor": "local", "JupyterCodeExecutor": "jupyter"}
            found = kind.get(where.method, "auto")
            if found == "docker" and isinstance(image := plain(arguments(where).get("image")), str) and image:
                return {"kind": found, "image": image, **self._time_limit(record, where, found, timeout)}
        elif isinstance(where, str):
            found = {"commandline-local": "local", "ipython-embedded": "jupyter"}.get(where, "auto")
        else:
            image = config.get("use_docker")
            found = "local" if image is False else "docker" if isinstance(image, str) else "auto"
            if isinstance(image, str) and image:
                return {"kind": found, "image": str(image), **self._time_limit(record, where, found, timeout)}
        return {"kind": found, **self._time_limit(record, where, found, timeout)}

    def _time_limit(self, record: Record, where: Any, kind: str, seconds: Any) -> dict[str, Any]:
        """How long code may run; what cannot be taken is told."""
        usable = isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0
        bound = beyond(seconds, None, MOST_SECONDS) if usable and kind != "auto" else None
        if bound is not None:
            place = (
                where.spot_of("timeout")
                if isinstance(where, Record)
                else spot_in(arguments(record).looked("code_execution_config"), "timeout", spot_of(record, "code_execution_config"))
            )
            self.reading.tell_bound(seconds, bound, at(place), name=name_of(record), field="timeout")
            seconds = bound
        if usable and kind != "auto":
            if isinstance(where, Record):
                where.take("timeout")
            return {"timeout": seconds}
        if seconds is not None and not isinstance(where, Record):
            config = arguments(record).looked("code_execution_config")
            spot = spot_in(config, "timeout", spot_of(record, "code_execution_config"))
            self.reading.tell("approximated", "code_field", spot, field="timeout", name=name_of(record))
        return {}

    # Both -------------------------------------------------------------------------------------------------------------

    def _name(self, record: Record, fallback: str) -> str:
        name = self.reading.agent_name(name_of(record), fallback, at(record.spot), who=id(record))
        given = arguments(record).looked("name")
        if isinstance(given, Symbol) or (isinstance(given, Text) and given.holes):
            spot = spot_of(record, "name")
            source = " ".join(self.reading.script.source.text[spot.start : spot.end].split())[:120]
            self.reading.tell("decision", "value_unknown", spot, remedy=True, field="name", source=source)
        self.names.setdefault(id(record), name)
        return name

    def _text(self, record: Record, field: str, name: str) -> str:
        value = arguments(record).get(field)
        if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
            value = "\n".join(value)
        if isinstance(value, Setting):
            value = value.default
        if isinstance(value, Text) and value.holes:
            self.reading.tell("decision", "partly", spot_of(record, field), remedy=True, field=field)
        if isinstance(value, str):
            return str(value)
        if value is not None:
            spot = spot_of(record, field)
            source = " ".join(self.reading.script.source.text[spot.start : spot.end].split())[:120]
            self.reading.tell("decision", "value_unknown", spot, remedy=True, field=field, source=source)
        return ""


def _before_each_reply(record: Record) -> str | None:
    """The system message that AG2 fills with the group's variables before each reply; None where a function makes it, or nothing does."""
    given = arguments(record)
    before = given.looked(UPDATES)
    told = [each for each in (before if isinstance(before, list | tuple) else [before]) if isinstance(each, Record)]
    words = [each.look("content_updater", 0) for each in told if each.method in ("UpdateSystemMessage", "UPDATE_SYSTEM_MESSAGE")]
    if not words or not all(isinstance(each, str) for each in words):
        return None
    given.get(UPDATES)
    record.take("system_message", 1)
    for each in told:
        each.take("content_updater", 0)
    return str(words[-1])
