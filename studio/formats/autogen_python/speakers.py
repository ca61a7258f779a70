"""Who speaks next, as functions of the script: what AgentChat's selector teams ask instead of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studio.formats.autogen_python.conditions import constant_arrows, constant_names, typed, words
from studio.formats.autogen_python.functions import Asked, asked
from studio.formats.autogen_python.program import Program

_SPOKEN = "[each.source for each in thread if isinstance(each, BaseChatMessage) and each.source in {names}]"
_THREAD = "thread: Sequence[BaseAgentEvent | BaseChatMessage]"

_BODIES: Mapping[str, str] = {
    "follow_edges": '''
def {function}({thread}) -> str:
    """Whoever was silent longest among those who may speak after the last speaker."""
    spoken = {spoken}
    turns = {{name: turn for turn, name in enumerate(spoken)}}
    return min({allowed}, key=lambda name: turns.get(name, -1))
''',
    "round_robin": '''
def {function}({thread}) -> str:
    """The next in order among those who may speak after the last speaker."""
    spoken = {spoken}
    start = {names}.index(spoken[-1]) + 1 if spoken else 0
    return next(name for name in {names}[start:] + {names}[:start] if name in {allowed})
''',
    "random_choice": '''
def {function}({thread}) -> str:
    """Somebody, by lot{but}."""
    spoken = {spoken}
    drawn = {drawn}
    return {lot}.choice(drawn)
''',
    "manual": '''
def {function}({thread}) -> str:
    """Whoever is named in the terminal."""
    spoken = {spoken}
    allowed = {allowed}
    if len(allowed) == 1:
        return allowed[0]
    while (name := input(f"Who speaks next ({{', '.join(allowed)}})? ").strip()) not in allowed:
        print("Nobody here is called so.")
    return name
''',
    "function_choice": '''
{define} {function}({thread}) -> str | None:
    """Whom {chooses} names."""
    spoken = {spoken}
    messages = [{{"source": each.source, "text": each.to_text()}} for each in thread if {words}]
    return {call}
''',
    "candidates": '''
def {function}({thread}) -> list[str]:
    """Those who may speak after the last speaker."""
    spoken = {spoken}
    return {allowed}
''',
}
_NAMES = {
    "follow_edges": "follow_arrows",
    "round_robin": "next_in_order",
    "random_choice": "draw_lots",
    "manual": "ask_who_speaks",
    "function_choice": "chosen_speaker",
    "candidates": "may_speak",
}


Arrows = Mapping[str, Sequence[str]]


def follows(names: Sequence[str], arrows: Sequence[tuple[str, str]], excludes: bool = False, repeats: bool = True) -> dict[str, list[str]]:
    """Who may speak after whom, those whom nobody follows included, and who begins after the task; empty without arrows.

    With `excludes` the arrows say who may not, and everybody may begin. Without `repeats` nobody follows itself where others may.
    """
    after: dict[str, list[str]] = {name: [] for name in names}
    for before, then in arrows:
        if before in after and then in after:
            after[before].append(then)
    reached = {name for then in after.values() for name in then}
    if not reached:
        return {}
    first = [name for name in names if name not in reached] or list(names[:1])
    if excludes:
        first, after = list(names), {before: [name for name in names if name not in barred] for before, barred in after.items()}
    after = {before: [name for name in names if name in then] for before, then in after.items()}
    if not repeats:
        after = {before: [name for name in then if name != before] or then for before, then in after.items()}
    return {"user": first, **after}


def chooser(program: Program, kind: str, selection: Mapping[str, Any], names: Sequence[str], after: Arrows) -> str | None:
    """Writes the function that chooses like a strategy of ours, and gives its name; None where the flow's own function fits no script."""
    typed(program)
    held = constant_names(program, names)
    allowed = held
    if after:
        arrows = constant_arrows(program, after)
        allowed = f'{arrows}[spoken[-1] if spoken else "user"]'
    own = Asked("", "def", "")
    if kind == "function_choice":
        found = asked(program, str(selection.get("source", "")), "messages", allowed)
        if found is None:
            return None
        own = found
    seed, repeats = selection.get("seed"), bool(selection.get("allow_repeat", False))
    function = program.names.new(_NAMES[kind], "function")
    if kind == "random_choice":
        program.script.module("random")
    body = _BODIES[kind].format(
        function=function,
        thread=_THREAD,
        spoken=_SPOKEN.format(names=held),
        names=held,
        allowed=allowed,
        chooses=own.name,
        define=own.define,
        call=own.call,
        words=words(program) if own.call else "",
        but="" if repeats else ", but nobody twice in a row",
        drawn=allowed if repeats or after else f"[name for name in {allowed} if not spoken or name != spoken[-1]]",
        lot="random" if seed is None else f'random.Random(f"{int(seed)}:{{len(spoken)}}")',
    )
    if not after and kind in ("manual", "function_choice"):
        body = "\n".join(line for line in body.split("\n") if not line.startswith("    spoken ="))
    program.choice.append(body.strip())
    return function
