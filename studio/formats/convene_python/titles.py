"""A module's docstring as the name and the description of a flow, and back."""

from __future__ import annotations

import ast
import inspect

from studio.engine.parsing import parsed_expression
from studio.formats.python_text.literals import WIDTH, docstring


def described(doc: str, name: str, description: str) -> dict[str, str]:
    """Name and description that a docstring tells; the given ones wherever it says just what it would say for them.

    `doc` is the docstring as `ast.get_docstring` cleans it.
    """
    title, _, rest = doc.strip().partition("\n")
    title, rest = title.strip(), rest.strip("\n")
    return {
        "name": name if title == _shown(name, "") else title.removesuffix("."),
        "description": description if _body(_shown(name, description)) == rest.strip() else unwrapped(rest),
    }


def unwrapped(lines: str) -> str:
    """Paragraphs with the lines that were only broken for their width joined again."""
    paragraphs: list[str] = []
    previous = ""
    for line in lines.strip().split("\n"):
        first = line.split(" ", 1)[0]
        if previous and line and not line.startswith(" ") and len(previous) + 1 + len(first) > WIDTH:
            paragraphs[-1] += f" {line}"
        else:
            paragraphs.append(line)
        previous = line
    return "\n".join(paragraphs)


def _shown(name: str, description: str) -> str:
    """What the docstring of a flow says, cleaned as Python cleans it."""
    value = ast.literal_eval(parsed_expression(docstring(name, description)))
    return inspect.cleandoc(str(value)).strip()


def _body(doc: str) -> str:
    return doc.partition("\n")[2].strip()
