"""A program while it is written: what it imports, its sections in order, and its text before formatting."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from studio.formats.python_text.literals import docstring, opening

LINE = 88
"""Characters of a line, as `formatting` lays them out."""
INDENT = 4


@dataclass(slots=True)
class Script:
    """The parts of a file: imports are said where a name is used, sections stand in the order in which they were added."""

    imports: dict[str, set[str]] = field(default_factory=dict)
    whole: list[str] = field(default_factory=list)
    sections: list[list[str]] = field(default_factory=list)

    def use(self, name: str, module: str) -> str:
        """`name`, which will be imported from `module`."""
        self.imports.setdefault(module, set()).add(name)
        return name

    def module(self, name: str) -> str:
        """A module that will be imported as a whole; its name."""
        return self.statement(f"import {name}") and name

    def statement(self, line: str) -> str:
        """An import as it stands, once."""
        if line not in self.whole:
            self.whole.append(line)
        return line

    def section(self, *statements: str) -> None:
        """Statements that belong together, below those that are there."""
        self.sections.append([each for each in statements if each])

    def text(self, title: str, description: str, *, brief: bool = False) -> str:
        """The unformatted file: a docstring, the imports, the sections. `formatting.formatted` sorts and lays it out.

        A `brief` docstring is one line where it fits; nobody can tell from it where the title ends.
        """
        imports = [f"from {module} import {', '.join(sorted(names))}" for module, names in self.imports.items()]
        head = [opening(title, description) if brief else docstring(title, description), "\n".join([*self.whole, *imports])]
        return "\n\n".join([*head, *map(_paragraphs, filter(None, self.sections))]) + "\n"


def _paragraphs(section: list[str]) -> str:
    """Statements with a blank line around each that takes several; short ones follow upon each other."""
    lines = section[:1]
    for before, statement in pairwise(section):
        lines.append("\n" if _is_short(before) and _is_short(statement) else "\n\n")
        lines.append(statement)
    return "".join(lines)


def _is_short(statement: str) -> bool:
    return "\n" not in statement and len(statement) <= LINE
