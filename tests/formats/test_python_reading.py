"""What a script would make, found out without running it."""

from __future__ import annotations

import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from studio.flow.findings import ForeignFileError
from studio.formats.python_reading.script import Script, read_script
from studio.formats.python_reading.values import Function, Imported, Joined, Record, Setting, Text, is_known, plain


def read(source: str) -> Script:
    return read_script(textwrap.dedent(source))


def value(expression: str, before: str = "") -> Any:
    return read(f"{before}\nresult = {expression}\n").names["result"]


@pytest.mark.parametrize(
    ("expression", "worth"),
    [
        ('"a" + "b" * 2', "abb"),
        ('f"{1 + 1} of {3:02d}"', "2 of 03"),
        ('", ".join(n.title() for n in ["ann", "bob"])', "Ann, Bob"),
        ('textwrap.dedent("\\n  a\\n  b\\n").strip()', "a\nb"),
        ('"Hello {}, {name}".format("you", name="I")', "Hello you, I"),
        ('"%s-%d" % ("a", 3)', "a-3"),
        ('{**{"a": 1}, "b": [x * 2 for x in range(3) if x != 1]}', {"a": 1, "b": [0, 4]}),
        ("[*[1, 2], 3][1:]", [2, 3]),
        ('dict(a=1) | {"b": 2}', {"a": 1, "b": 2}),
        ("2 if 3 > 2 and not [] else 4", 2),
        ('json.loads(\'{"k": [1, null]}\')["k"]', [1, None]),
        ("[n for n, m in zip('ab', [1, 2])]", ["a", "b"]),
        ("int('12') + len([1, 2])", 14),
    ],
)
def test_plain_expressions_are_worked_out(expression: str, worth: Any) -> None:
    assert value(expression, "import textwrap, json") == worth


def test_a_constructor_is_followed_to_what_it_hands_on() -> None:
    script = read_script(
        "from autogen import AssistantAgent\n"
        "class Writer(AssistantAgent):\n"
        "    def __init__(self, topic, **more):\n"
        "        self.topic = topic\n"
        "        super().__init__(\n            name=f'writer_of_{topic}',\n            system_message='Write.', **more)\n"
        "writer = Writer('bees', llm_config=False)\n"
    )
    made = script.names["writer"]
    assert made.callee == "autogen.AssistantAgent"
    assert made.kwargs == {"name": "writer_of_bees", "system_message": "Write.", "llm_config": False}
    assert made.spots["system_message"].line == 7
    assert made.definition is not None
    assert made.spot.line == 8


def test_what_is_given_before_and_now_is_given_together() -> None:
    script = read_script(
        "import functools\nfrom autogen import AssistantAgent\n"
        "make = functools.partial(AssistantAgent, 'one', llm_config=False)\nagent = make('Write.', description='Writes.')\n"
    )
    made = script.names["agent"]
    assert made.callee == "autogen.AssistantAgent"
    assert made.args == ["one", "Write."]
    assert made.kwargs == {"llm_config": False, "description": "Writes."}
    assert (made.spots["llm_config"].line, made.spots[1].line) == (3, 4)


def test_calls_of_imported_things_are_kept_as_records_with_their_lines() -> None:
    script = read(
        """
        from autogen_agentchat.agents import AssistantAgent as Helper
        import autogen_agentchat.teams as teams

        def make(name, role="helper", *, extra=()):
            return Helper(name, description=f"a {role}", tools=[*extra])

        members = [make(n) for n in ("ann", "bob")]
        members.append(make(role="boss", name="cat", extra=[print]))
        team = teams.RoundRobinGroupChat(participants=members)
        team.reset().then(1)
        """
    )
    agents = [each for each in script.records if each.method == "AssistantAgent"]
    assert [each.callee for each in agents] == ["autogen_agentchat.agents.AssistantAgent"] * 3
    assert [each.get("name", 0) for each in agents] == ["ann", "bob", "cat"]
    assert [each.kwargs["description"] for each in agents] == ["a helper", "a helper", "a boss"]
    team = script.names["team"]
    assert (team.callee, team.name, team.spot.line) == ("autogen_agentchat.teams.RoundRobinGroupChat", "team", 10)
    assert team.get("participants", 0) == agents
    assert [each.method for each in team.chained()] == ["reset", "then"]
    assert team.spot_of("participants").line == 10


def test_environment_variables_are_named_and_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "secret")
    script = read("import os\na = os.environ['MY_KEY']\nb = os.getenv('MODEL', 'gpt-4o')\nc = os.environ.get('URL') or 'http://x'\n")
    assert script.names["a"] == Setting("MY_KEY")
    assert script.names["b"] == Setting("MODEL", "gpt-4o")
    assert script.names["c"] == Setting("URL", "http://x")


def test_a_text_that_is_known_in_part_says_what_is_not() -> None:
    made = value('f"Today is {date.today()}, " + name', "from datetime import date\nname = input()")
    assert isinstance(made, Text)
    assert made == "Today is {date.today()}, {name}"
    assert [hole.callee for hole in made.holes] == ["datetime.date.today", "builtins.input"]
    assert not is_known([made])


def test_main_is_followed_through_asyncio_and_its_name_check() -> None:
    script = read(
        """
        import asyncio
        from lib import Team, Console

        async def main() -> None:
            async with Team("t") as team:
                async for message in team.run_stream(task="go"):
                    print(message.content)
            await Console(team.run())

        if __name__ == "__main__":
            asyncio.run(main())
        """
    )
    assert [each.callee for each in script.records][:4] == ["lib.Team", "lib.Team.run_stream", "builtins.print", "lib.Team.run"]
    assert script.records[0].name == "team"


def test_both_branches_count_when_nobody_knows_which_one() -> None:
    script = read(
        """
        import os
        from lib import A, B, C
        def make():
            if os.path.exists("x"):
                return A()
            return B()
        first = make()
        if not os.getenv("KEY"):
            raise SystemExit
        second = C()
        while True:
            answer = C("loop")
            if answer == "quit":
                break
        """
    )
    assert [each.callee for each in script.records if each.callee.startswith("lib")] == ["lib.A", "lib.B", "lib.C", "lib.C"]
    assert script.names["first"].callee == "lib.A"


def test_functions_keep_their_source_and_decorators() -> None:
    script = read(
        """
        import lib
        user = lib.User()

        @user.register_for_execution()
        @lib.tool(description="adds")
        def add(a: int, b: int = 2) -> int:
            return a + b

        keep = lib.Agent(stop=lambda m: "DONE" in m)
        """
    )
    add = script.names["add"]
    assert isinstance(add, Function)
    assert add.source.startswith("@user.register_for_execution()\n@lib.tool")
    assert add.source.endswith("return a + b\n")
    assert [each.callee for each in add.decorators] == ["lib.User.register_for_execution", "lib.tool"]
    stop = script.names["keep"].kwargs["stop"]
    assert stop.is_lambda
    assert stop.source == 'lambda m: "DONE" in m'


def test_objects_of_plain_classes_are_followed_and_others_are_records() -> None:
    script = read(
        """
        from dataclasses import dataclass
        from lib import Base, Agent

        @dataclass
        class Role:
            name: str
            goal: str = ""

        class Crew:
            kind = "crew"
            def __init__(self, roles):
                self.agents = [Agent(role.name, self.kind) for role in roles]
            def first(self):
                return self.agents[0]

        class Own(Base):
            pass

        first = Crew([Role("ann"), Role("bob", goal="x")]).first()
        own = Own("me")
        """
    )
    assert script.names["first"].args == ["ann", "crew"]
    assert script.names["own"].definition.name == "Own"


def test_conditions_joined_by_operators_are_kept() -> None:
    made = value("A('x') | (B() & C())", "from lib import A, B, C")
    assert isinstance(made, Joined)
    assert made.operator == "|"
    assert isinstance(made.right, Joined)
    assert made.right.operator == "&"


def test_functions_that_nobody_calls_are_followed_at_the_end() -> None:
    script = read(
        """
        from lib import Agent, on_start
        def tool(x):
            Agent("not this one")
        @on_start
        async def begin(session):
            return Agent("ann", tools=[tool])
        """
    )
    assert [each.args for each in script.records if each.callee == "lib.Agent"] == [["ann"]]


def test_what_a_record_is_within_is_known() -> None:
    script = read("from lib import Config, Agent\nwith Config() as c:\n    a = Agent('a')\nb = Agent('b')\n")
    assert [len(each.within) for each in script.records] == [0, 1, 0]
    assert isinstance(script.names["a"].within[0], Record)


def test_nothing_that_a_script_says_happens(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    before = set(sys.modules)
    read(
        f"""
        import os, subprocess, antigravity
        open({str(mark)!r}, "w").write("x")
        os.system("touch {mark}")
        subprocess.run(["touch", {str(mark)!r}])
        __import__("os").system("touch {mark}")
        exec("open({str(mark)!r}, 'w')")
        class Evil:
            def __init__(self): os.remove("/")
            def __getattr__(self, name): raise SystemExit
        Evil().x.y
        """
    )
    assert not mark.exists()
    assert set(sys.modules) == before


ENDLESS = {
    "a loop": "x = 0\nwhile True:\n    x += 1\n",
    "loops": "n = 0\n" + "".join("    " * i + f"for i{i} in range(1000):\n" for i in range(9)) + "    " * 9 + "n = n + 1\n",
    "recursion": "def f(n):\n    return f(n + 1)\nf(0)\n",
    "two that call each other": "def f(n): return [g(n), g(n)]\ndef g(n): return [f(n), f(n)]\nf(0)\n",
    "doubling a list": "a = [1]\nfor i in range(100):\n    a = a + a\n",
    "doubling a text": "a = 'x'\nfor i in range(100):\n    a = a + a\n",
    "a list in itself": "a = []\na.append(a)\nb = str(a)\nc = a == [a]\nd = f'{a}'\n",
    "lists in lists": "a = [1]\nfor i in range(60):\n    a = [a, a]\nb = str(a)\nc = a == list(a)\nimport json\nd = json.dumps(a)\n",
    "wide formats": "a = f'{1:>999999999}'\nb = '%999999999d' % 1\nc = '{:>999999999}'.format(1)\nd = '%*d' % (999999999, 1)\n",
    "large numbers": "a = 10 ** 10 ** 10\nb = 9 ** 999999999\nc = 1 << 10 ** 10\nd = [0] * 10 ** 12\ne = 'x' * 10 ** 12\n",
    "large ranges": "a = list(range(10 ** 12))\nb = [x for x in range(10 ** 12)]\n",
    "replacing": "a = 'x' * 900000\nb = a.replace('x', a)\nc = a.join(list(a))\n",
    "lambdas": "f = lambda g: g(g)\nf(f)\n",
    "comprehensions": "a = [0 for a in range(9999) for b in range(9999) for c in range(9999)]\n",
    "decorators": "def d(f): return d(d)\n@d\ndef g(): pass\ng()\n",
    "properties": "class A:\n    @property\n    def x(self): return self.x\nA().x\n",
    "classes": "class A:\n    def __init__(self): A()\nA()\n",
}


@pytest.mark.parametrize("what", ENDLESS)
def test_what_would_go_on_for_ever_is_cut_off(what: str) -> None:
    began = time.process_time()
    script = read_script(ENDLESS[what])
    for each in script.names.values():
        plain(each)
        is_known(each)
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5_000,
        "x = " + "[" * 200 + "]" * 200,
        "-" * 100_000 + "1",
        "not " * 100_000 + "x",
        "+".join(["a"] * 50_000),
        "a" + ".b" * 50_000,
        "lambda: " * 20_000 + "1",
        "".join(" " * depth + "if x:\n" for depth in range(300)),
        "if x:\n    pass\n" + "elif x:\n    pass\n" * 5_000,
        "x = 1\n" * 300_000,
        "x = '\x00'",
        "def f(:\n",
        "'" * 100_000,
        "f'{" * 1_000,
        "x = 0x" + "f" * 100_000 + "\n\ty = 1",
    ],
    ids=range(15),
)
def test_texts_out_of_bounds_are_refused_with_a_sentence(source: str) -> None:
    began = time.process_time()
    with pytest.raises(ForeignFileError) as caught:
        read_script(source)
    assert str(caught.value)
    assert time.process_time() - began < 3


def test_mistakes_name_their_line() -> None:
    with pytest.raises(ForeignFileError, match="line 3"):
        read_script("a = 1\nb = 2\nc = = 3\n")


def test_pieces_are_found_behind_letters_of_several_bytes() -> None:
    script = read('text = "äöü€"; agent = lib("ß", x = lambda m: "é")\n')
    record = script.records[0]
    assert script.source.text[record.spot.start : record.spot.end] == 'lib("ß", x = lambda m: "é")'
    assert record.kwargs["x"].source == 'lambda m: "é"'


def test_modules_are_told() -> None:
    script = read("import autogen.agentchat as a\nfrom .own import tool\ntry:\n    from ag2 import x\nexcept ImportError:\n    pass\n")
    assert script.imports == ("autogen.agentchat", "ag2")
    assert script.names["tool"] == Imported(".own.tool")


def test_a_loop_over_what_may_be_nothing_goes_once() -> None:
    script = read("""
        from elsewhere import events, make
        def main():
            waiting = []
            for event in events():
                if event.open:
                    waiting.append(event)
            while waiting:
                make("again")
        main()
    """)
    assert [record.callee for record in script.records].count("elsewhere.make") == 1


def test_a_function_that_calls_itself_with_what_is_not_known_is_followed_once() -> None:
    script = read("""
        from elsewhere import make, parts
        def build(part):
            inner = [build(each) for each in part.parts]
            other = [build(each) for each in part.others]
            return make(inner, other)
        build(parts())
    """)
    assert [record.callee for record in script.records].count("elsewhere.make") <= 2
