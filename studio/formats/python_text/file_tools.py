"""The functions by which agents of a program work with files, as our own tool for files offers them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from studio.engine.parsing import parsed

FOLDER = "files"

_READING = '''FILES = Path("files")


def inside(path: str) -> Path:
    """A place in the folder of this conversation. Raises ValueError for any other."""
    found = (FILES / path).resolve()
    if not found.is_relative_to(FILES.resolve()):
        raise ValueError(f"'{path}' leads out of the work folder.")
    return found


def list_files(folder: str = "") -> str:
    """List the files of this conversation with their sizes."""
    found = sorted(path for path in inside(folder).rglob("*") if path.is_file())
    root = FILES.resolve()
    lines = [f"{path.relative_to(root).as_posix()}  ({path.stat().st_size:,} bytes)" for path in found]
    return "\\n".join(lines) or "There are no files."


def read_file(path: str, start: int = 1) -> str:
    """Read a text file of this conversation, from a line on; the first one is 1."""
    lines = inside(path).read_text("utf-8").splitlines(keepends=True)
    return "".join(lines[start - 1 :]) or "The file is empty."


def search_files(text: str, folder: str = "") -> str:
    """Find the lines in the files of this conversation that contain a text, in upper or lower case."""
    root = FILES.resolve()
    found = [
        f"{path.relative_to(root).as_posix()}:{number}: {line.strip()}"
        for path in sorted(inside(folder).rglob("*"))
        if path.is_file()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if text.casefold() in line.casefold()
    ]
    return "\\n".join(found) or f"No line contains '{text}'."'''

_WRITING = '''def write_file(path: str, content: str) -> str:
    """Write a text file. A file of that name is replaced."""
    place = inside(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content, "utf-8")
    return f"Wrote {path} ({len(content):,} characters)."


def append_to_file(path: str, content: str) -> str:
    """Add text to the end of a file; a file that is not there is made."""
    place = inside(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("a", encoding="utf-8") as file:
        file.write(content)
    return f"Added {len(content):,} characters to {path}."'''


@dataclass(frozen=True, slots=True)
class FileFunctions:
    """The definitions, what they import, and the names that they bind."""

    text: str
    imports: tuple[str, ...]
    names: frozenset[str]

    @property
    def descriptions(self) -> Mapping[str, str]:
        """What each function does, by its name."""
        functions = (node for node in parsed(self.text).body if isinstance(node, ast.FunctionDef))
        return {node.name: ast.get_docstring(node) or "" for node in functions}


def file_functions(access: str) -> FileFunctions:
    """All five functions, or those that only read."""
    names = {"FILES", "inside", "list_files", "read_file", "search_files", "Path"}
    if access == "read":
        return FileFunctions(_READING, ("from pathlib import Path",), frozenset(names))
    both = f"{_READING}\n\n\n{_WRITING}"
    return FileFunctions(both, ("from pathlib import Path",), frozenset(names | {"write_file", "append_to_file"}))
