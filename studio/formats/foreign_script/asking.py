"""Functions of foreign scripts, wrapped so that this engine can ask them: it gives {source, text}, they want messages of their own."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.formats.foreign_script.bound import code_of, standing_alone
from studio.formats.foreign_script.functions import Standing, agents_named, standing
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Function, Imported, Record

_MESSAGE = """
def _message(said: dict) -> SimpleNamespace:
    text = said["text"]
    return SimpleNamespace(source=said["source"], content=text, to_text=lambda: text, to_model_text=lambda: text)
"""
_CONVERSATION = """
def _said(messages: list[dict]) -> list[SimpleNamespace]:
    names = [None if each["source"] in ("you", "user") else each["source"] for each in messages]
    return [
        SimpleNamespace(author_name=name, role="assistant" if name else "user", text=each["text"])
        for name, each in zip(names, messages, strict=True)
    ]
"""
_SAID = frozenset(("TextMessage", "BaseChatMessage", "BaseTextChatMessage", "ChatMessage", "BaseMessage"))
_NEXT = """
def _next(messages: list[dict], names: list[str]) -> str:
    last = messages[-1]["source"] if messages else ""
    return names[(names.index(last) + 1) % len(names)] if last in names else names[0]


"""
_LISTED = {"{": "*{}.values()", "[": "*{}"}
_IMPORT = "from types import SimpleNamespace"
_PARTY = """
class _Party:
    def __init__(self, name: str, said: list[dict]) -> None:
        self.name, self._said, self.chat_messages = name, said, defaultdict(lambda: said)

    def last_message(self, agent: object = None) -> dict:
        return self._said[-1]

    def chat_messages_for_summary(self, agent: object) -> list[dict]:
        return self._said
"""
"""Who takes part in a chat, as far as a function that sums it up looks at them."""
_AGENT = "class _Agent(SimpleNamespace):\n    def __hash__(self) -> int:\n        return hash(self.name)"
"""A stand-in for an agent: a dictionary can have it as a key."""


def stop_rule(script: Script, function: Function) -> Standing:
    """A function of AutoGen's messages as an own stop rule."""
    inner, classes = _with_classes(script, _inner(script, function, "is_met"))
    main = f"""
{_def(function)} is_over(messages: list[dict]) -> bool:
    return {_call(function)}{inner.name}([_message(said) for said in messages]) is True
"""
    return _together(inner, main, _MESSAGE, "\n\n".join((_IMPORT, *classes)))


def last_message_rule(script: Script, function: Function) -> Standing:
    """A function of one message, a dictionary of AutoGen 0.2, as an own stop rule."""
    inner = _inner(script, function, "is_termination")
    main = f"""
{_def(function)} is_over(messages: list[dict]) -> bool:
    last = messages[-1]
    return bool({_call(function)}{inner.name}({{"content": last["text"], "name": last["source"], "role": "user"}}))
"""
    return _together(inner, main, "", "")


def selector(script: Script, function: Function) -> Standing:
    """A selector function of AutoGen as an own choice of the next speaker. Agents that it names are there by their names."""
    agents = named_agents(function)
    inner, classes = _with_classes(script, _inner(script, function, "choose"))
    main = f"""
{_def(function)} next_speaker(messages: list[dict], names: list[str]) -> str | None:
    chosen = {_call(function)}{inner.name}([_message(said) for said in messages])
    return chosen if chosen in names else _next(messages, names)
"""
    kept = tuple(name for name in inner.missing if name not in agents)
    return _together(
        Standing(inner.source, inner.name, kept), main, _NEXT + _MESSAGE, "\n\n".join((_IMPORT, *classes, *_stand_ins(agents)))
    )


def named_agents(function: Function) -> dict[str, str]:
    """The variables of the script that a function uses and that hold agents, each with the expression that makes its stand-ins.

    Variables that hold one agent come first: a list or a dictionary that holds the same agent names that variable.
    """
    held = agents_named(function)
    made: dict[int, str] = {}

    def stand_in(record: Record) -> str:
        name = record.get("name", 0)
        return made.get(id(record)) or (f"SimpleNamespace(name={name!r})" if isinstance(name, str) else "")

    found: dict[str, str] = {}
    for variable, record in held.items():
        if isinstance(record, Record) and (said := stand_in(record)):
            found[variable] = said
            made[id(record)] = variable
    for variable, several in held.items():
        if isinstance(several, Record):
            continue
        keys = list(several) if isinstance(several, dict) else list(range(len(several)))
        parts = [stand_in(several[key]) for key in keys]
        if not all(parts) or not all(isinstance(key, str | int) for key in keys):
            continue
        pairs = ", ".join(f"{key!r}: {part}" for key, part in zip(keys, parts, strict=True))
        found[variable] = f"{{{pairs}}}" if isinstance(several, dict) else f"[{', '.join(parts)}]"
        made.update({id(several[key]): f"{variable}[{key!r}]" for key in keys if id(several[key]) not in made})
    return found


def _with_classes(script: Script, inner: Standing) -> tuple[Standing, list[str]]:
    """A function with stand-ins for AutoGen's classes of messages: what was said is a text message, and nothing else is given."""
    known = {name: value.path for name in inner.missing if isinstance(value := script.names.get(name), Imported)}
    classes = [name for name, path in known.items() if ".messages." in path]
    said = [f"{name} = SimpleNamespace" for name in classes if known[name].rpartition(".")[2] in _SAID]
    other = [f"class {name}:\n    ..." for name in classes if known[name].rpartition(".")[2] not in _SAID]
    kept = tuple(name for name in inner.missing if name not in classes)
    return Standing(inner.source, inner.name, kept), ["\n".join(said)] * bool(said) + other


def _stand_ins(agents: Mapping[str, str]) -> list[str]:
    return ["\n".join(f"{variable} = {made}" for variable, made in agents.items())] if agents else []


def speaker_selection(script: Script, function: Function, agents: Mapping[str, str], begins: str = "", given: Any = None) -> Standing:
    """A speaker selection function of AutoGen 0.2; `agents` are the script's variables that hold agents, with what makes their stand-ins.

    `begins` is the name of the agent who says the task, `given` the partial that calls the function, where one does.
    """
    inner = _inner(script, given if given is not None else function, "choose")
    held = ""
    if "\n_object = " in inner.source:
        inner = replace(inner, source=inner.source.replace("SimpleNamespace(name=", "_Agent(name="))
        held = '\n    agents |= {each.name: each for each in vars(_object).values() if hasattr(each, "name")}'
    known = ", ".join(_LISTED.get(made[:1], "{}").format(variable) for variable, made in agents.items())
    main = f"""
{_def(function)} next_speaker(messages: list[dict], names: list[str]) -> str | None:
    agents = {{name: _Agent(name=name) for name in names}}
    agents |= {{each.name: each for each in _AGENTS}}{held}
    said = [{{"content": each["text"], "name": each["source"], "role": "user"}} for each in messages]
    members = [agents[name] for name in names]
    chat = SimpleNamespace(agents=members, agent_names=names, messages=said, agent_by_name=agents.get)
    begins = {f"agents.get({begins!r}) or _Agent(name={begins!r})" if begins else None}
    last = agents.get(messages[-1]["source"], begins) if messages else begins
    chosen = {_call(function)}{inner.name}(last, chat)
    name = getattr(chosen, "name", chosen)
    return name if name in names else None
"""
    before = "\n".join(
        (*_stand_ins({name: made.replace("SimpleNamespace(", "_Agent(") for name, made in agents.items()}), f"_AGENTS = [{known}]")
    )
    kept = tuple(name for name in inner.missing if name not in agents)
    return _together(Standing(inner.source, inner.name, kept), main, "", f"{_IMPORT}\n\n\n{_AGENT}\n\n\n{before}")


def group_selection(script: Script, function: Function) -> Standing:
    """A selection function of Agent Framework's group chats as an own choice of the next speaker."""
    inner = _inner(script, function, "choose")
    main = f"""
{_def(function)} next_speaker(messages: list[dict], names: list[str]) -> str | None:
    said = _said(messages)
    state = SimpleNamespace(conversation=said, current_round=len(said) - 1, participants=dict.fromkeys(names, ""))
    chosen = {_call(function)}{inner.name}(state)
    return chosen if chosen in names else None
"""
    return _together(inner, main, _CONVERSATION, _IMPORT)


def conversation_rule(script: Script, function: Function) -> Standing:
    """A termination condition of Agent Framework's group chats as an own stop rule."""
    inner = _inner(script, function, "is_finished")
    main = f"""
{_def(function)} is_over(messages: list[dict]) -> bool:
    return bool({_call(function)}{inner.name}(_said(messages)))
"""
    return _together(inner, main, _CONVERSATION, _IMPORT)


def _inner(script: Script, given: Any, name: str) -> Standing:
    """What is asked: a function, a lambda by this name, a method of an object, or a partial."""
    function = code_of(given)
    assert function is not None
    return standing_alone(script, given, name) or standing(script, function, name)


def chat_summary(script: Script, given: Any, sender: str, recipient: str, options: str) -> Standing:
    """What sums up a chat of AutoGen 0.2 for the next one: a function of the sender, the recipient and `options`, a dictionary as code."""
    function = code_of(given)
    assert function is not None
    inner = _inner(script, given, "sum_up")
    main = f"""
{_def(function)} summary(messages: list[dict]) -> str:
    said = [{{"content": each["text"], "name": each["source"], "role": "user"}} for each in messages]
    sender, recipient = _Party({sender!r}, said), _Party({recipient!r}, said)
    return str({_call(function)}{inner.name}(sender, recipient, {options}))
"""
    return _together(inner, main, _PARTY, "from collections import defaultdict")


def _def(function: Function) -> str:
    return "async def" if isinstance(function.node, ast.AsyncFunctionDef) else "def"


def _call(function: Function) -> str:
    return "await " if isinstance(function.node, ast.AsyncFunctionDef) else ""


def _together(inner: Standing, main: str, after: str, before: str) -> Standing:
    """The function that is asked stands first: it is the one that is called."""
    name = main.partition("def ")[2].partition("(")[0]
    later = "from __future__ import annotations"
    rest = inner.source.removeprefix(later).lstrip("\n")
    rest = rest.removeprefix(f"{_IMPORT}\n") if _IMPORT in before else rest
    pieces = [later if inner.source.startswith(later) else "", before, main, rest, after]
    source = "\n\n\n".join(piece.strip("\n") for piece in pieces if piece.strip()) + "\n"
    return Standing(source, name, inner.missing, inner.state)
