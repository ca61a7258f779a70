"""The languages of code blocks: their many names, which of them run, and a guess where a block names none."""

from __future__ import annotations

import ast
import re

from studio.engine.parsing import parsed

RUN = ("python", "bash", "sh", "pwsh")
"""What is executed."""
SAVED = {"javascript": "js", "html": "html", "css": "css"}
"""What is saved even if its block asks for no file name, and how such files end. All else is saved only under a name it asks for."""
DATA = frozenset(
    "text markdown rst asciidoc org json jsonc json5 jsonl ndjson geojson yaml toml ini cfg conf config env dotenv properties csv tsv xml"
    " svg rss diff patch output out result results log logs stdout stderr traceback error console terminal shell-session shellsession pycon"
    " ipython doctest repl none ascii art tree table mermaid dot graphviz plantuml puml latex tex math bibtex dockerfile docker makefile"
    " make cmake gitignore requirements url http email prompt query quote poem letter example note tip warning".split()
)
"""What blocks name that hold no program: a result, a file, a picture in letters."""

_NAMES = {
    "py": "python",
    "shell": "sh",
    "js": "javascript",
    "node": "javascript",
    "mjs": "javascript",
    "ts": "typescript",
    "htm": "html",
    "yml": "yaml",
    "md": "markdown",
    "txt": "text",
    "plaintext": "text",
    "plain": "text",
    "powershell": "pwsh",
    "ps1": "pwsh",
}
_PYTHON = re.compile(r"(?:python|py)[0-9.]*\Z")
_COMMANDS = frozenset(
    "apt apt-get awk bash brew cat cd chmod cp curl df diff du echo env export find git grep gunzip gzip head ls make mkdir mv"
    " node npm npx pip pip3 pwd python python3 rm sed set sh sleep sort source sudo"
    " tail tar touch tree uname unzip uv wc wget which zip".split()
)
_INSTALLS = r"[ \t]*(?:\S*python[0-9.]*[ \t]+-m[ \t]+)?pip[0-9.]*[ \t]+install)(?=[ \t])(?![^\n]*[ \t]-q)"
_IN_SHELL = re.compile(r"^(" + _INSTALLS, re.MULTILINE)
_IN_NOTEBOOK = re.compile(r"^([ \t]*[!%]" + _INSTALLS, re.MULTILINE)
_MAX_GUESSED = 200_000
"""Characters: longer code without a language is not worth a parse."""


def language_named(word: str) -> str:
    """The one name of a language: `Py`, `python3` and `PYTHON` are `python`; unknown words come back in lower case."""
    word = word.strip().lower()
    if _PYTHON.match(word):
        return "python"
    return _NAMES.get(word, word)


def quiet_installs(code: str, *, notebook: bool = False) -> str:
    """Commands with their `pip install` lines told to print nothing but errors: what was fetched from where helps nobody.

    In a `notebook` such lines are those that begin with `!` or `%`; all else is Python.
    """
    return (_IN_NOTEBOOK if notebook else _IN_SHELL).sub(r"\1 -qq", code)


def guessed_language(code: str) -> str:
    """`python` or `sh` where the code is recognisably one of them, otherwise an empty string. Nothing is executed."""
    lines = [line.strip() for line in code.split("\n") if line.strip()]
    if not lines or len(code) > _MAX_GUESSED:
        return ""
    if lines[0].startswith("#!"):
        words = re.split(r"[\s/]+", lines[0][2:].strip())
        named = [language_named(word) for word in words]
        return next((name for name in reversed(named) if name in RUN), "")
    first = next((line for line in lines if not line.startswith("#")), "")
    if _starts_like_a_command(first):
        return "sh"
    return "python" if _is_python(code) else ""


def _starts_like_a_command(line: str) -> bool:
    word, _, rest = line.partition(" ")
    if word.startswith("./") and len(word) > 2:
        return True
    return word in _COMMANDS and not re.match(r"\s*(?:[-+*/%&|^@]?=(?!=)|[,.:(\[]|in\b|is\b|==)", rest)


def _is_python(code: str) -> bool:
    """Whether it parses and does something: a lone word or a row of words parses too, but is prose."""
    try:
        body = parsed(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(_does_something(statement) for statement in body)


def _does_something(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.AnnAssign):
        return statement.value is not None
    if isinstance(statement, ast.Expr):
        value = statement.value
        return isinstance(value, (ast.Call, ast.Await, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp))
    return True
