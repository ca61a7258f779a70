"""A flow as a Python file: its program, and a last line that brings it back to the canvas as it was drawn."""

from __future__ import annotations

import ast

from studio.flow.document import FlowDocument
from studio.flow.findings import ForeignFileError
from studio.formats.convene_python.base import Base
from studio.formats.convene_python.canvas_line import canvas_line
from studio.formats.convene_python.matching import match
from studio.formats.convene_python.program import read_program
from studio.formats.convene_python.titles import described
from studio.formats.convene_python.write import to_python
from studio.formats.python_reading.script import read_script


def to_file(document: FlowDocument) -> str:
    """The program of a flow with its canvas line. Raises FlowError for a flow that cannot be run as it stands.

    A program that is too large to be read again goes without the line.
    """
    code = to_python(document).text
    try:
        script = read_script(code)
        team = read_program(script).team
    except ForeignFileError:
        return code
    base = Base(document)
    told = described(ast.get_docstring(script.source.tree) or "", "", "")
    line = canvas_line(base, match(base, team), told)
    return f"{code}{line}\n" if line else code
