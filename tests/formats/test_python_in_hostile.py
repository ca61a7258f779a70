"""Hostile scripts and notebooks: each ends in flows with a report or in a clear error, and nothing of it is run, written or fetched."""

from __future__ import annotations

import builtins
import json
import os
import random
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hostile_files import HOSTILE, SCRIPTS, each

from studio.engine.errors import ConveneError
from studio.flow.upgrade import read_document
from studio.formats.flow_json.write import to_json
from studio.formats.recognise import read_bytes

DATA = Path(__file__).parent.parent / "data" / "python_in"
OWN = Path(__file__).parent.parent / "golden"
EXPORTS = [
    OWN / name for name in ("classic/help-line.py", "classic/experts-on-call.py", "autogen/engineering-team.py", "autogen/support-desk.py")
]
SAMPLES = [*sorted((*DATA.glob("*/*.py"), *DATA.glob("*/*.ipynb"))), *EXPORTS]
EACH = each(SCRIPTS, len(SAMPLES))
"""Broken copies of each sample: about six thousand files, beside the four thousand of JSON in the suite next to this one."""

HARM = (
    "__import__('os').system('touch /tmp/harm')",
    "exec('import shutil; shutil.rmtree(\"/\")')",
    "eval(compile('1/0', '', 'eval'))",
    "(lambda: [].append(globals().clear()))()",
    "[x for x in iter(int, 1)]",
    "open('/etc/passwd').read()",
    "subprocess.run(['rm', '-rf', '/'], shell=True)",
    "getattr(__builtins__, 'exec')('1')",
    "f'{(lambda: os._exit(1))()}'",
    "'%0999999999d' % 1",
    "9**9**9**9",
    "[0] * 10**10",
    "{**globals()}",
    "type('X', (), {'__del__': lambda s: 1 / 0})()",
    "().__class__.__bases__[0].__subclasses__()",
    "a if a else b",
    "await x",
    "yield",
    "*a",
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "\u202e",
    "'" * 3,
    "# -*- coding: rot13 -*-",
    "class A(A): pass",
    "def f(): return f()",
    "from autogen import *",
    "None",
    "-1",
    "10**18",
    "[[[[[[[[[[]]]]]]]]]]",
    "lambda *a, **k: a[0](*a, **k)",
)


class Ran(AssertionError):
    """Something happened that importing must never do."""


@pytest.fixture(scope="module")
def loaded() -> None:
    """What is loaded when it is first needed is loaded before anything is forbidden: libraries may make their own classes from text."""
    for path in SAMPLES:
        read_bytes(path.read_bytes())


@pytest.fixture
def nothing_happens(loaded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs code, imports, starts a process, opens a file for writing or a connection is caught."""

    def never(*arguments: Any, **options: Any) -> Any:
        raise Ran(str(arguments)[:200])

    opening = builtins.open

    def reading_only(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        return opening(file, mode, *rest, **options) if set(mode) <= set("rbt") else never(file, mode)

    def never_text(code: Any, *rest: Any, running: Any) -> Any:
        return never(code) if isinstance(code, (str, bytes)) else running(code, *rest)

    monkeypatch.setattr(builtins, "exec", partial(never_text, running=exec))
    monkeypatch.setattr(builtins, "eval", partial(never_text, running=eval))
    for owner, name in ((os, "system"), (subprocess, "Popen"), (socket.socket, "connect"), (os, "remove"), (os, "unlink")):
        monkeypatch.setattr(owner, name, never)
    monkeypatch.setattr(builtins, "open", reading_only)


def survives(data: bytes) -> bool:
    """Whether flows came of it; what is refused says why."""
    try:
        flows = read_bytes(data).flows
    except ConveneError as refused:
        if not refused.sentence:
            raise
        return False
    for imported in flows:
        assert imported.report.format
        assert read_document(to_json(imported.document)) == imported.document
    return True


def broken(data: bytes, chance: random.Random) -> bytes:
    """A copy with something wrong: cut off, lines away or twice or elsewhere, harm in it, other bytes."""
    lines = data.split(b"\n")
    match chance.randrange(8):
        case 0:
            return data[: chance.randrange(len(data))]
        case 1:
            del lines[chance.randrange(len(lines))]
        case 2:
            lines.insert(chance.randrange(len(lines)), chance.choice(lines))
        case 3:
            lines.insert(chance.randrange(len(lines)), chance.choice(HARM).encode())
        case 4:
            chance.shuffle(lines)
        case 5:
            changed = bytearray(data)
            for _ in range(chance.randrange(1, 5)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            return bytes(changed)
        case 6:
            words = [b"None", b"[]", b"{}", b"0", b"-1", b"1e999", b"''", b"...", b"self", b"x", *(each.encode() for each in HARM)]
            spot = chance.randrange(len(lines))
            before, sign, _ = lines[spot].partition(chance.choice((b"=", b"(", b"[")))
            lines[spot] = before + sign + chance.choice(words) + (b"," if sign == b"=" and chance.random() < 0.5 else b"")
        case _:
            old = chance.choice((b"client", b"agents", b"name", b"team", b"llm_config", b"config_list", b"4", b"user", b"message"))
            return data.replace(old, chance.choice(HARM).encode(), chance.randrange(1, 3))
    return b"\n".join(lines)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_broken_scripts_are_survived(path: Path, nothing_happens: None) -> None:
    chance = random.Random(path.stem)
    data = path.read_bytes()
    modules = set(sys.modules)
    for _ in range(EACH):
        changed = broken(data, chance)
        try:
            survives(changed)
        except Exception as error:
            raise AssertionError(f"{type(error).__name__}: {error}: {changed[:3_000]!r}") from error
    assert {name for name in set(sys.modules) - modules if not name.startswith("studio")} == set()


def test_ten_thousand_hostile_files_come_in() -> None:
    from test_autogen_json_fuzz import NAMES, ROUNDS

    assert EACH * len(SAMPLES) + 2 * ROUNDS * len(NAMES) >= HOSTILE


HEAD = (
    "from autogen import *\nfrom autogen_agentchat.agents import *\nfrom autogen_agentchat.teams import *\n"
    "from autogen_agentchat.tools import AgentTool\n"
    "from autogen_core import RoutedAgent, SingleThreadedAgentRuntime, SystemMessage, TopicId, TypeSubscription, message_handler\n"
)
ODD = {
    "a team within itself": "t = []\nteam = RoundRobinGroupChat(t)\nt.append(team)\nteam.run(task='x')",
    "teams within teams": "t = AssistantAgent('a')\nfor i in range(60):\n    t = RoundRobinGroupChat([t, t])\n",
    "many agents": "team = RoundRobinGroupChat([AssistantAgent(f'a{i}') for i in range(4000)])",
    "many teams": "for i in range(5000):\n    RoundRobinGroupChat([AssistantAgent(f'a{i}')])",
    "a group within itself": "g = GroupChat([], [])\nm = GroupChatManager(g)\ng.agents = [m]\nm2 = GroupChatManager(GroupChat([m, m], []))",
    "nested chats for ever": "a = ConversableAgent('a')\na.register_nested_chats([{'recipient': a}], trigger=a)\na.initiate_chat(a, message='x')",
    "teams within hundreds of teams": "t0 = AssistantAgent('a')\n"
    + "\n".join(f"t{i} = RoundRobinGroupChat([t{i - 1}])" for i in range(1, 500)),
    "tools of tools": "a0 = AssistantAgent('a0')\n"
    + "\n".join(f"a{i} = AssistantAgent('a{i}', tools=[AgentTool(a{i - 1})])" for i in range(1, 150)),
    "lists within lists": "x = []\nfor i in range(500):\n    x = [x]\nAssistantAgent(x, x, tools=x, handoffs=x, memory=x)",
    "itself as a list": "x = []\nx.append(x)\nAssistantAgent('a', x, tools=x)\nUserProxyAgent('u', code_execution_config=x)",
    "doubled lists": "x = [1]\nfor i in range(200):\n    x = [x, x]\nAssistantAgent('a', metadata=x, tools=x)",
    "no arguments": "RoundRobinGroupChat()\nSelectorGroupChat()\nGraphFlow()\nSwarm()\nSocietyOfMindAgent()\nAssistantAgent()",
    "numbers for everything": "AssistantAgent(1, 2, tools=3, handoffs=4, memory=5, workbench=6, model_context=7, output_content_type=8)",
    "classic without arguments": "a = ConversableAgent()\na.initiate_chat()\na.initiate_chats()\na.register_nested_chats()\nGroupChatManager()\nregister_function()",
    "classic with numbers": "a = ConversableAgent(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)\na.initiate_chats([1, {}, {'recipient': 3}, {'recipient': a}])\n"
    "a.initiate_chat(a, max_turns=-1, message=7)\ninitiate_group_chat(3)\ninitiate_group_chat(DefaultPattern(1, 2, 3, 4))",
    "a name of everything": "AssistantAgent('\\x00\\n\\u202e' * 5000, OpenAIChatCompletionClient(model='m' * 100000))",
    "an endless description": "AssistantAgent('a', description='x' * 999_999, system_message='y' * 999_999)",
    "many keywords": "AssistantAgent('a', **{str(i): i for i in range(20000)})",
    "many findings": "\n".join(f"AssistantAgent('a{i}', zzz{i}=q{i})" for i in range(2300)),
    "a graph of everything": "b = DiGraphBuilder()\nfor i in range(120):\n    for j in range(120):\n        b.add_edge(i, j, condition=lambda m: m)\nGraphFlow([], b.build())",
    "long lists that are compared": "x = list(range(19000))\nfor i in range(1000):\n    for j in range(1000):\n        if x == 5:\n            y = sorted(x)\n",
    "a long name to import": "import " + ".".join(["a"] * 100_000),
    "tuples of tuples as keys": "t = ()\nu = ()\nfor i in range(60):\n    t = (t, t)\n    u = (u, u)\n"
    "d = {t: 1}\ns = {t}\ns.add(t)\nd.get(t)\nx = d[t]\ndict([(t, 1)])\nset([t])\n[u].index(t)\n[u].remove(t)\nAssistantAgent('a', metadata=d)",
    "numbers without an end": "x = 0x"
    + "f" * 50_000
    + "\nAssistantAgent(f'{x}', metadata={'x': x}, max_tool_iterations=x, system_message=str(x))",
    "texts without an end": "x = '" + "\\'" * 100_000,
    "long texts without an end": 'x = """' + '\\"""\n' * 90_000,
    "surrogates": "AssistantAgent('a', system_message='\\ud800')",
    "numbers out of bounds": "AssistantAgent('a', OpenAIChatCompletionClient(model='m', temperature=1e999, max_tokens=-(10**18)))",
    "an actor within itself": "class A(RoutedAgent):\n    def __init__(self):\n        self.a = A()\n        super().__init__(self.a)\n"
    "    @message_handler\n    async def f(self, m: A, c):\n        await self.send_message(A(), self.a)\n"
    "await A.register(r, 'a', lambda: A())\nawait A.register(A, A, A)",
    "actors that tell each other everything": "class A(RoutedAgent):\n    @message_handler\n    async def f(self, m, c):\n"
    "        await client.create([SystemMessage(content='x')])\n        await self.publish_message(m, TopicId('t', 's'))\n"
    "r = SingleThreadedAgentRuntime()\nfor i in range(250):\n    await A.register(r, f'a{i}', lambda: A('x'))\n"
    "    await r.add_subscription(TypeSubscription('t', f'a{i}'))",
    "a factory of factories": "class A(RoutedAgent):\n    @message_handler\n    async def f(self, m, c): return self.f(m, c)\n"
    "make = lambda: make()\nawait A.register(r, 'a', make)\nawait A.register(r, 'b', lambda: (lambda: A()))\nawait A.register()",
    "constructors of constructors": "class A0(RoutedAgent):\n    def __init__(self, x):\n        super().__init__(x)\n"
    + "\n".join(f"class A{i}(A{i - 1}):\n    def __init__(self, x):\n        super().__init__([x, x])" for i in range(1, 60))
    + "\nawait A59.register(r, 'a', lambda: A59(1))",
    "tools that hand over to themselves": "def t():\n    return t\ndef u(x):\n    return a.initiate_chat(a, message=x, max_turns=1)\n"
    "a = ConversableAgent('a', llm_config={})\nregister_function(t, caller=a, executor=a)\nregister_function(u, caller=a, executor=a)\n"
    "a.initiate_chat(a, message='x')",
    "rules of nothing": "a = AssistantAgent('a', is_termination_msg=lambda m: m.get('name') == 'a' and m.get('name') == 'b')\n"
    "b = AssistantAgent('b', is_termination_msg=lambda m: time.time() - x >= 1e999 or not m or '' in m['content'])\na.initiate_chat(b, message='x')",
    "a class of classes": "class A(AssistantAgent):\n    class B(AssistantAgent):\n        pass\nA('x')\nA.B('y')",
    "deep classes": "\n".join(f"class A{i}({'AssistantAgent' if not i else f'A{i - 1}'}): pass" for i in range(500)) + "\nA499('x')",
}


@pytest.mark.parametrize("what", ODD)
def test_odd_scripts_are_survived_in_bounded_time(what: str, nothing_happens: None) -> None:
    began = time.process_time()
    survives((HEAD + ODD[what]).encode())
    classic = HEAD.splitlines()[0] + "\n" + ODD[what]
    survives(classic.encode())
    assert time.process_time() - began < 20


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1", "utf-32", "cp500"])
def test_other_encodings_come_in_or_are_refused(encoding: str) -> None:
    source = HEAD + "AssistantAgent('Käthe', system_message='größer')\n"
    assert survives(source.encode(encoding)) is (encoding in ("utf-8-sig", "utf-16"))


@pytest.mark.parametrize(
    "data",
    [
        b"import autogen\n\x00",
        b"import autogen\n" + b"(" * 100_000,
        b"import autogen\n" + b"x = 1\n" * 200_000,
        b"import autogen\nx = " + b"-" * 100_000 + b"1",
        json.dumps({"cells": [{"cell_type": "code", "source": "import autogen\n" + "[" * 5_000}], "nbformat": 4}).encode(),
        json.dumps({"cells": [[[[]]]] * 1000, "nbformat": 4}).encode(),
    ],
    ids=range(6),
)
def test_bombs_are_refused_with_a_sentence(data: bytes) -> None:
    assert survives(data) is False
