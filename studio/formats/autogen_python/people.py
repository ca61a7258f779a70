"""How a person of the flow is asked in a script's terminal, where AgentChat's own question would not do."""

from __future__ import annotations

from collections.abc import Sequence

from studio.formats.autogen_python.calls import Source
from studio.formats.autogen_python.program import Program
from studio.formats.python_text.literals import quoted

_APPROVE = '''
def {name}(_prompt: str) -> str:
    """Ask for a yes, or a no with a reason."""
    word, _, reason = input({question}).strip().partition(" ")
    verdict = "Approved." if word.lower() in ("y", "yes") else "Rejected."
    return f"{{verdict}} {{reason}}".strip()
'''
_TEXT = '''
def {name}(_prompt: str) -> str:
    """Ask for an answer."""
    return input({question})
'''


def asks(program: Program, agent: str, form: str, prompt: str, choices: object) -> Source | None:
    """The function that asks a person; None where AgentChat's own does."""
    told = " ".join(prompt.split())
    offered = [str(each) for each in choices] if form == "choice" and isinstance(choices, Sequence) and not isinstance(choices, str) else []
    if form not in ("approve", "edit") and not told and not offered:
        return None
    verdict = form in ("approve", "edit")
    asked = told or ("Do you approve?" if verdict else "What do you say?")
    hint = "(yes, or no and why) " if verdict else f"({', '.join(offered)}) " if offered else ""
    name = program.names.new(f"ask_{agent}", "function")
    program.tools.append((_APPROVE if verdict else _TEXT).format(name=name, question=quoted(f"{asked} {hint}")).strip())
    return Source(name)
