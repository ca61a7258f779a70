"""Loops of scripts for Agent Framework in which an agent writes code and a shell runs it: a team of the two."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from studio.formats.agent_framework.code import IMAGE, TIMEOUT
from studio.formats.agent_framework.read_agents import Agents, is_agent
from studio.formats.agent_framework.read_people import executor_of
from studio.formats.agent_framework.read_stops import Rule
from studio.formats.foreign_script.functions import is_framework
from studio.formats.foreign_script.reading import ScriptReading, at
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Record
from studio.texts import text

SHELLS = ("DockerShellTool", "LocalShellTool")
MOST_ROUNDS = 5_000
_FENCE = "```"
_NAMED = re.compile(r"\n?([^\s:{}]+): ")


@dataclass(frozen=True, slots=True)
class CodeLoop:
    """`name` is what the one who runs code is called where the loop shows it; `words` end the loop when the
    agent says them, `outputs` when what came of its code holds them."""

    agent: Record
    shell: Record
    name: str
    rounds: int
    words: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def asked(self) -> list[Record]:
        """The calls that ask the agent; those behind the first one tell it what came of its code."""
        return [call for call in self.agent.chained() if call.method == "run"]


def code_loops(script: Script) -> list[CodeLoop]:
    """The loops of a script that ask one agent, and hand to one shell what stands in the fences of its answers."""
    agents = {record.name: record for record in script.records if is_agent(record)}
    shells = {record.name: record for record in script.records if record.method in SHELLS and is_framework(record.callee)}
    found = []
    for loop in ast.walk(script.source.tree) if shells else ():
        if not isinstance(loop, ast.For) or _FENCE not in (ast.get_source_segment(script.source.text, loop) or ""):
            continue
        run = {name for each in ast.walk(loop) if (name := _run(each))}
        asked, ran = run & agents.keys(), run & shells.keys()
        if len(asked) == len(ran) == 1:
            shell = shells[ran.pop()]
            words, outputs = tuple(_words(loop, ast.Attribute)), tuple(_words(loop, ast.Name))
            found.append(CodeLoop(agents[asked.pop()], shell, _shown(loop) or shell.name, _rounds(loop), words, outputs))
    return found


def draw(loop: CodeLoop, reading: ScriptReading, agents: Agents) -> str:
    """The node of a team of the two."""
    spot = at(loop.shell.spot)
    team = reading.node("team", "", {}, None, what=text("autogen.what.team", name=text("kind.team.name")), at=spot)
    writer = agents.draw(loop.agent, team)
    name = reading.agent_name(loop.name, "runner", spot)
    writers = [reading.name_of(writer)]
    executor = executor_of(loop.shell)
    usual = {"image": IMAGE, "timeout": TIMEOUT}
    config = {"executor": {field: value for field, value in executor.items() if value != usual.get(field)}, "sources": writers}
    runner = reading.node("code_runner", name, config, team, what=text("autogen.what.agent", name=name), at=spot)
    loop.shell.take("workdir")
    if executor["kind"] == "local":
        reading.say("decision", "runs_here", spot, (runner,), remedy=True)
    for call in loop.shell.chained():
        call.take(0, "command")
    for call in loop.asked:
        call.take(0, "messages", "session")
    limit = {"max_turns": 2 * loop.rounds} if 0 < loop.rounds <= MOST_ROUNDS else {}
    reading.put(team, {"selection": {"kind": "round_robin"}, **limit})
    for word in dict.fromkeys((*loop.words, *loop.outputs)):
        sources = [*(writers if word in loop.words else []), *([name] if word in loop.outputs else [])]
        rule = Rule("text_mention", {"text": word, **({"sources": sources} if len(sources) == 1 else {})})
        title = text(f"kind.{rule.kind}.name")
        node = reading.node(rule.kind, "", rule.config, what=text("autogen.what.stop", name=title), at=spot)
        reading.wire("stop", node, team)
    return team


def _run(node: ast.AST) -> str:
    """Whose `run` is called; empty for anything else."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="run")):
            return name
    return ""


def _rounds(loop: ast.For) -> int:
    """How often a loop goes round; 0 where it does not say."""
    match loop.iter:
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(count))]):
            return count
    return 0


def _words(loop: ast.For, place: type[ast.expr]) -> Iterator[str]:
    """What must be said for the loop to end: in the text of an answer, which is an attribute, or in a variable."""
    for statement in loop.body:
        match statement:
            case ast.If(test=test, body=[ast.Break()]):
                for part in test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) else [test]:
                    match part:
                        case ast.Compare(left=ast.Constant(value=str(word)), ops=[ast.In()], comparators=[said]) if isinstance(said, place):
                            yield word


def _shown(loop: ast.For) -> str:
    """By which name the loop shows what it says last; empty where it shows nothing."""
    shown = ""
    for statement in loop.body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=[ast.JoinedStr(values=[ast.Constant(value=str(words)), *_])])):
                named = _NAMED.fullmatch(words)
                shown = named[1] if named is not None else shown
    return shown
