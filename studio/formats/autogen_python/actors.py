"""Actors of AutoGen's core runtime: who is registered, what each does with its messages, and whom it tells."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from studio.formats.autogen_python.actor_parts import attributes, handlers_of, is_actor, lineage, root_of
from studio.formats.foreign_script.functions import is_framework
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Class, Function, Imported, Instance, Member, Record

MAX_ACTORS = 200
MAX_FOLLOWED = 40
"""Functions of one actor that are followed."""

OWN_TOPIC = "*"
"""The topic that a message came with, or one that only a run would tell."""

_REGISTERS = ("register", "register_factory", "register_agent_instance", "register_instance", "register_closure")
_SUBSCRIPTIONS = ("TypeSubscription", "DefaultSubscription", "TypePrefixSubscription", "type_subscription", "default_subscription")
_RUNTIME = re.compile(r"\b(?:RoutedAgent|ClosureAgent|BaseAgent|\w*AgentRuntime\w*)\b")
"""What no script does without that has actors: the class of one, or what runs them."""

_ASKS = ("create", "create_stream")
_LOADED = "ChatCompletionClient.load_component"
LOOP = "autogen_core.tool_agent.tool_agent_caller_loop"
_INPUTS = frozenset(("builtins.input", "aioconsole.ainput", "asyncio.to_thread.input"))


@dataclass(frozen=True, slots=True)
class Telling:
    """A message that an actor sends: the name of its class, its value, and to which topic or to which type of actor."""

    kind: str
    value: Any
    topic: str
    agent: str


@dataclass(eq=False, slots=True)
class Actor:
    """A type of actor: the class of the script, an object of it, what it hears, whom it asks and whom it tells.

    `definition` is None for a class from elsewhere, of which only what it is given is known. `asks` are the calls of models,
    `helper` an agent of AgentChat that answers for it, `executor` where it runs code.
    """

    type: str
    definition: Class | None
    made: Record
    called: Record | None = None
    topics: set[str] = field(default_factory=set)
    hears: set[str] = field(default_factory=set)
    tells: list[Telling] = field(default_factory=list)
    asks: list[Record] = field(default_factory=list)
    helper: Record | None = None
    executor: Record | None = None
    is_person: bool = False
    answers: bool = False

    @property
    def talks(self) -> bool:
        """Whether it says something of its own: by a model, by a person, or by running code."""
        return bool(self.asks or self.helper or self.executor or self.is_person)

    def is_told(self, telling: Telling) -> bool:
        """Whether a message of somebody else's comes to it."""
        fits = not telling.kind or not self.hears or telling.kind in self.hears
        if telling.agent:
            return fits and telling.agent == self.type
        return fits and (telling.topic == OWN_TOPIC or telling.topic in self.topics)


def actors_of(script: Script) -> list[Actor]:
    """The actors that a script registers, in their order; the classes of actors where it registers none.

    Most scripts have nothing to do with the core runtime: these are not gone through for it.
    """
    if _RUNTIME.search(script.source.text) is None:
        return []
    found, subscribed = _registrations(script)
    if not found and not any(each.method in _REGISTERS for each in script.records):
        # Functions that are given away, to a web application for instance, are gone through as well.
        for function in [each for each in script.functions if not each.called]:
            script.follow(function)
        found, subscribed = _registrations(script)
    if not found:
        for value in list(script.names.values()):
            if isinstance(value, Class) and is_actor(value) and handlers_of(value):
                made = script.make(value)
                if isinstance(made, Record) and len(found) < MAX_ACTORS:
                    found[value.name] = Actor(value.name, value, made)
    for actor in found.values():
        actor.topics |= {topic for agent, topic in subscribed if agent == actor.type}
        _understand(script, actor)
    return list(found.values())


def _registrations(script: Script) -> tuple[dict[str, Actor], list[tuple[str, str]]]:
    """The actors that a script registers, by their types, and its subscriptions."""
    calls = [each for each in script.records if each.method in _REGISTERS]
    subscribed = _subscriptions(script.records)
    found: dict[str, Actor] = {}
    for call in calls:
        for actor in _registered(script, call):
            if len(found) < MAX_ACTORS:
                found.setdefault(actor.type, actor)
    return found, subscribed


def _registered(script: Script, call: Record) -> Iterator[Actor]:
    """The actor that a call registers, if it is one of a class of the script."""
    factory = _argument(call, ("factory", "agent_factory", "agent_instance"), (2, 1, 0))
    made = factory
    if isinstance(factory, Function):
        made, _ = script.follow(factory)
    elif isinstance(factory, Class):
        made = script.make(factory)
    elif isinstance(factory, Record) and factory.callee == "functools.partial" and factory.args and isinstance(factory.args[0], Class):
        made = script.make(factory.args[0])
    if not isinstance(made, Record) or (made.definition is None and is_framework(made.callee)):
        return
    if made.definition is not None and not is_actor(made.definition):
        return
    type = _argument(call, ("type", "agent_type"), (1, 0))
    named = made.definition.name if made.definition is not None else made.method
    actor = Actor(type_of(type) or call.name or named, made.definition, made, call)
    given = call.look("subscriptions", 3)
    listed = script.follow(given)[0] if isinstance(given, Function) else given
    if isinstance(listed, list | tuple):
        actor.topics |= {topic for each in listed if isinstance(each, Record) for _, topic in _topics(each)}
    yield actor


def _argument(call: Record, names: tuple[str, ...], places: tuple[int, ...]) -> Any:
    """An argument that is called so or so, or else what stands in one of these places and is no runtime."""
    for name in names:
        if name in call.kwargs:
            return call.kwargs[name]
    for place in places:
        value = call.args[place] if place < len(call.args) else None
        wanted = isinstance(value, Function | Class | Record) if "factory" in names else type_of(value)
        if wanted and not (isinstance(value, Record) and value.method.endswith("Runtime")):
            return value
    return None


def type_of(value: Any) -> str:
    """The type of an actor as a text, where an AgentType or what its registration gave stands for it."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Member) and value.name == "type":
        return type_of(value.of)
    if isinstance(value, Record) and value.method in (*_REGISTERS, "AgentType", "AgentId"):
        return type_of(_argument(value, ("type", "agent_type"), (1, 0) if value.method in _REGISTERS else (0,)))
    return ""


# Topics --------------------------------------------------------------------------------------------------------------


def _subscriptions(records: list[Record]) -> list[tuple[str, str]]:
    """(type of actor, topic) of every subscription that a script adds to its runtime."""
    found = []
    for record in records:
        given = _argument_of(record) if record.method == "add_subscription" else None
        if given is not None:
            found += [(agent, topic) for agent, topic in _topics(given) if agent]
    return found


def _argument_of(record: Record) -> Record | None:
    given = record.look("subscription", 0)
    return given if isinstance(given, Record) else None


def _topics(given: Any) -> list[tuple[str, str]]:
    """(type of actor, topic) of a subscription, or of what decorates a class."""
    name = given.name if isinstance(given, Imported) else given.method if isinstance(given, Record) else ""
    if name not in _SUBSCRIPTIONS:
        return []
    if isinstance(given, Imported) or name in ("DefaultSubscription", "default_subscription"):
        topic = given.look("topic_type", 0) if isinstance(given, Record) else None
        agent = given.look("agent_type", 1) if isinstance(given, Record) else None
        return [(type_of(agent), type_of(topic) or "default")]
    topic = given.look("topic_type", 0, given.look("topic_type_prefix"))
    return [(type_of(given.look("agent_type", 1)), type_of(topic) or OWN_TOPIC)]


def topic_of(value: Any) -> str:
    """The type of a topic that a message goes to."""
    if not isinstance(value, Record) or value.method not in ("TopicId", "DefaultTopicId"):
        return OWN_TOPIC
    given = value.look("type", 0, "default" if value.method == "DefaultTopicId" else None)
    return type_of(given) or OWN_TOPIC


# What an actor does --------------------------------------------------------------------------------------------------


def _understand(script: Script, actor: Actor) -> None:
    """Follows everything that handles messages, and what that calls of its own class."""
    if actor.definition is None:
        if client_of(actor) is not None:
            actor.asks.append(actor.made)
        return
    for definition in lineage(actor.definition):
        for decorator in definition.decorators:
            actor.topics |= {topic for _, topic in _topics(decorator)}
    own: dict[str, Function] = {}
    for definition in reversed(lineage(actor.definition)):
        own |= {name: each for name, each in definition.members.items() if isinstance(each, Function)}
    waiting = handlers_of(actor.definition)
    for handler in waiting:
        actor.hears |= set(_kinds(handler))
    seen = {id(each) for each in waiting}
    count = 0
    while waiting and count < MAX_FOLLOWED:
        count += 1
        function = waiting.pop(0)
        given, records = script.follow(function, actor.made)
        actor.answers = actor.answers or (given is not None and count <= len(actor.hears))
        for record in records:
            _note(actor, record)
            called = own.get(record.method) if record.of is actor.made else None
            if called is not None and id(called) not in seen:
                seen.add(id(called))
                waiting.append(called)
    if not actor.talks:
        actor.helper = next((each for each in attributes(actor.made) if _answers_for(each)), None)


def _answers_for(record: Record) -> bool:
    from studio.formats.autogen_python.read import part_of

    return record.definition is None and bool(part_of(record))


def _note(actor: Actor, record: Record) -> None:
    root, method = root_of(record), record.method
    if method == "publish_message":
        value = record.look("message", 0)
        actor.tells.append(Telling(kind_of(value), value, topic_of(record.look("topic_id", 1)), ""))
    elif method == "send_message":
        value, recipient = record.look("message", 0), record.look("recipient", 1)
        if isinstance(recipient, Member) and recipient.name == "id" and recipient.of is actor.made:
            return
        actor.tells.append(Telling(kind_of(value), value, OWN_TOPIC, type_of(recipient)))
    elif record.callee == LOOP or (method in _ASKS and root is not actor.made and _asks_a_model(record)):
        actor.asks.append(record)
    elif method == "execute_code_blocks":
        actor.executor = root if root is not record and root is not actor.made else actor.executor or record
    elif _asks_a_person(record):
        actor.is_person = True
    elif method in ("on_messages", "on_messages_stream", "run", "run_stream") and root is not actor.made and _answers_for(root):
        actor.helper = root


def _asks_a_person(record: Record) -> bool:
    if record.callee in _INPUTS or record.method in ("get_user_input", "ainput", "user_input"):
        return True
    waits = record.method in ("to_thread", "run_in_executor")
    return waits and any(isinstance(each, Imported) and each.path in _INPUTS for each in record.args)


def _asks_a_model(record: Record) -> bool:
    owner = record.callee.rpartition(".")[0].lower()
    if "client" not in owner and "model" not in owner and "llm" not in owner:
        return False
    return not any(part in owner for part in ("images", "embeddings", "threads", "assistants", "runs"))


def kind_of(value: Any) -> str:
    """The name of the class of a message; empty where only a run would tell."""
    if isinstance(value, Instance):
        return value.definition.name
    if isinstance(value, Record):
        return value.definition.name if value.definition is not None else value.method
    return ""


def _kinds(handler: Function) -> Iterator[str]:
    """The names of the classes of messages that a handler takes, as its hint says."""
    arguments = [each for each in (*handler.node.args.posonlyargs, *handler.node.args.args) if each.arg not in ("self", "cls")]
    position = 1 if arguments and arguments[0].arg in ("agent", "_agent", "closure_context") else 0
    if len(arguments) <= position or arguments[position].annotation is None:
        return
    for each in ast.walk(arguments[position].annotation):  # type: ignore[arg-type]
        if isinstance(each, ast.Name) and each.id not in ("Union", "Optional", "Any"):
            yield each.id
        elif isinstance(each, ast.Attribute):
            yield each.attr
        elif isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value.isidentifier():
            yield each.value


def client_of(actor: Actor) -> Record | None:
    """The client of the model that an actor asks; None where only a run would tell."""
    for call in actor.asks:
        given = call.look("model_client", 1) if call.callee == LOOP else call
        while isinstance(given, Record) and given.of is not None:
            given = given.of
        if isinstance(given, Record) and given not in (actor.made, call):
            return given
    held = attributes(actor.made) if actor.definition is None or not actor.asks else iter(())
    return next((each for each in held if each.method.endswith("ChatCompletionClient") or each.callee.endswith(_LOADED)), None)
