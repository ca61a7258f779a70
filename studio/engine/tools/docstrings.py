"""What a docstring says to a model: the description of a function and of its arguments, in Google, NumPy or reST style."""

from __future__ import annotations

import re

MAX_DESCRIPTION = 1024
"""Characters of a description: servers refuse longer ones."""

_ARGUMENTS = re.compile(r"(?:args|arguments|parameters|params)\s*:?\s*\Z", re.IGNORECASE)
_SECTION = re.compile(
    r"(?:args|arguments|parameters|params|attributes|returns?|raises|yields?|examples?|notes?|warnings?|references|see also|todo)\s*:?\Z",
    re.IGNORECASE,
)
_GOOGLE_ENTRY = re.compile(r"\*{0,2}(\w+)\s*+(?:\(.*?\))?\s*+:\s*+(.*)\Z")
_NUMPY_ENTRY = re.compile(r"\*{0,2}(\w+(?:\s*,\s*\w+)*)\s*(?::.*)?\Z")
_REST_ENTRY = re.compile(r":param\s([^:]*):\s*+(.*)\Z")
_REST_NAME = re.compile(r"\*{0,2}(\w+)\Z")
_REST_FIELD = re.compile(r":(?:param|type|returns?|rtype|raises?|yields?)\b[^:]*:")


def read_docstring(docstring: str | None) -> tuple[str, dict[str, str]]:
    """The description, and what is said of each argument, of a docstring without its common indentation."""
    if not docstring:
        return "", {}
    lines = [line.rstrip() for line in docstring.strip("\n").split("\n")]
    description: list[str] = []
    arguments: dict[str, str] = {}
    index = 0
    in_description = True
    while index < len(lines):
        line = lines[index]
        underlined = index + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[index + 1].strip()) is not None
        if _SECTION.match(line) and (underlined or line.endswith(":")):
            in_description = False
            body, index = _section(lines, index + (2 if underlined else 1), underlined)
            if _ARGUMENTS.match(line):
                arguments |= _numpy(body) if underlined else _google(body)
        elif _REST_FIELD.match(line.strip()):
            in_description = False
            said, index = _rest_field(lines, index)
            if (entry := _REST_ENTRY.match(said)) and (name := _REST_NAME.match(entry[1].split()[-1] if entry[1].strip() else "")):
                arguments[name[1]] = entry[2].strip()
        else:
            if in_description:
                description.append(line)
            index += 1
    return _limited("\n".join(description).strip()), {name: _limited(text) for name, text in arguments.items() if text}


def _limited(text: str) -> str:
    return text if len(text) <= MAX_DESCRIPTION else text[: MAX_DESCRIPTION - 1].rstrip() + "…"


def _section(lines: list[str], start: int, underlined: bool) -> tuple[list[str], int]:
    """The lines that belong to a section: up to the next header, and in Google style up to the next unindented line."""
    index = start
    while index < len(lines):
        line = lines[index]
        next_underlined = index + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[index + 1].strip()) is not None
        if line and not line.startswith((" ", "\t")) and (not underlined or (_SECTION.match(line) and next_underlined)):
            break
        index += 1
    return lines[start:index], index


def _google(body: list[str]) -> dict[str, str]:
    return _entries(body, _GOOGLE_ENTRY, _indent(next((line for line in body if line.strip()), "")))


def _numpy(body: list[str]) -> dict[str, str]:
    described: list[tuple[list[str], list[str]]] = []
    for line in body:
        entry = _NUMPY_ENTRY.match(line) if line and not line.startswith((" ", "\t")) else None
        if entry:
            described.append((re.split(r"\s*,\s*", entry[1]), []))
        elif line.strip() and described:
            described[-1][1].append(line.strip())
    arguments: dict[str, str] = {}
    for names, lines in described:
        # Together they are as long as many names times many lines.
        said = _limited(" ".join(lines))
        for name in names:
            arguments[name] = f"{arguments.get(name, '')} {said}".strip()
    return arguments


def _entries(body: list[str], pattern: re.Pattern[str], indent: int) -> dict[str, str]:
    arguments: dict[str, str] = {}
    name = ""
    for line in body:
        entry = pattern.match(line.strip()) if line.strip() and _indent(line) <= indent else None
        if entry:
            name = entry[1]
            arguments[name] = entry[2].strip()
        elif line.strip() and name:
            arguments[name] = f"{arguments[name]} {line.strip()}".strip()
    return arguments


def _rest_field(lines: list[str], start: int) -> tuple[str, int]:
    """One `:field:` with its indented continuation lines, joined, and where the next line is."""
    indent = _indent(lines[start])
    text = lines[start].strip()
    index = start + 1
    while index < len(lines) and lines[index].strip() and _indent(lines[index]) > indent:
        text += f" {lines[index].strip()}"
        index += 1
    return text, index


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
