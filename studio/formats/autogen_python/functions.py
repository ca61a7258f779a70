"""Functions of the flow as functions of the script: as they stand where they can, else made by one that holds all they need."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from studio.engine.errors import FlowError
from studio.engine.parsing import parsed
from studio.engine.tools.schema import schema_of_source
from studio.formats.autogen_python.program import RESERVED, Program
from studio.formats.python_text.approvals import ASKS_FIRST, IMPORTS, NAME, WAITING, WAITING_IMPORTS, WAITS_FIRST
from studio.formats.python_text.functions import functions_of, with_hints
from studio.formats.python_text.names import Names
from studio.formats.python_text.program import is_coroutine


def take_functions(program: Program, sources: Iterable[str]) -> None:
    """Puts functions into the script as they stand where they can, before anything else takes their names."""
    for source in sources:
        parts = functions_of(with_hints(source)) if source not in program.written else None
        new = program.functions.take(parts) if parts is not None else None
        if parts is not None and new is not None:
            program.tools += [part.text for part in new]
            program.written[source] = parts.function
    program.names = Names({*RESERVED, *program.functions.names})


def as_function(program: Program, source: str) -> str | None:
    """The name by which the script calls the function of a source; None where no script could hold it."""
    if source not in program.written and (name := _made(program, source)) is not None:
        program.written[source] = name
    return program.written.get(source)


@dataclass(frozen=True, slots=True)
class Asked:
    """How the script asks a function of the flow: the keywords of whoever asks it, and the call."""

    name: str
    define: str
    call: str


def asked(program: Program, source: str, *arguments: str) -> Asked | None:
    """How to ask a function, which is given as many arguments as it takes; None where no script could hold it."""
    name = as_function(program, source)
    if name is None:
        return None
    waits = is_coroutine(source)
    given = arguments[: len(schema_of_source(source).parameters.get("properties", {}))]
    return Asked(name, "async def" if waits else "def", f"{'await ' if waits else ''}{name}({', '.join(given)})")


def _made(program: Program, source: str) -> str | None:
    """A function that makes the one of the source, with everything around it inside."""
    try:
        name = schema_of_source(source).name
        tree = parsed(with_hints(source))
    except (FlowError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if any(isinstance(node, ast.Global) for node in ast.walk(tree)) or any(_only_at_the_top(node) for node in tree.body):
        return None
    variable = program.names.new(name, "tool")
    maker = program.names.new(f"make_{variable}", "tool")
    body = "\n".join(f"    {line}" if line else "" for line in ast.unparse(tree).split("\n"))
    typed = f"{program.use('Callable', 'collections.abc')}[..., {program.use('Any', 'typing')}]"
    program.tools.append(f"def {maker}() -> {typed}:\n{body}\n    return {name}")
    program.tools.append(f"{variable} = {maker}()")
    return variable


def _only_at_the_top(node: ast.stmt) -> bool:
    """Whether it is an import that no function may hold."""
    return isinstance(node, ast.ImportFrom) and (node.module == "__future__" or any(each.name == "*" for each in node.names))


def asking_first(program: Program, name: str, source: str) -> str:
    """The call that makes a function ask a person before it runs; `source` holds its definition."""
    waits = bool(source) and is_coroutine(source)
    asker, definition, imports = (WAITING, WAITS_FIRST, WAITING_IMPORTS) if waits else (NAME, ASKS_FIRST, IMPORTS)
    program.help(asker, definition)
    for line in imports:
        program.script.statement(line)
    return f"{asker}({name})"
