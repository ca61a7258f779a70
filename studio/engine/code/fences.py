"""The code blocks of a message, read from its Markdown fences."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.engine.code.languages import DATA, RUN, SAVED, guessed_language, language_named
from studio.engine.events import CodeBlock

_OPENING = re.compile(r"(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})(?P<info>.*)\Z", re.DOTALL)
_WORD = re.compile(r"[A-Za-z0-9_+#][A-Za-z0-9_+#.\-]*")
_ATTRIBUTE = re.compile(r"""(?<![\w-])filename\s*=\s*(?:"([^"]+)"|'([^']+)'|([^\s"'{}]+))""", re.IGNORECASE)
_FILENAME_LINES = (
    re.compile(r"\s*(?:#|//|--|;)+\s*filename\s*:\s*(\S.*?)\s*\Z", re.IGNORECASE),
    re.compile(r"\s*<!--\s*filename\s*:\s*(\S.*?)\s*-->\s*\Z", re.IGNORECASE),
    re.compile(r"\s*/\*+\s*filename\s*:\s*(\S.*?)\s*\*+/\s*\Z", re.IGNORECASE),
)
_MAX_FILENAME_LINE = 1_000


@dataclass(frozen=True, slots=True)
class _Fence:
    mark: str
    length: int
    indent: int
    info: str


def code_blocks(text: str, *, unterminated: bool = False) -> tuple[CodeBlock, ...]:
    """All fenced blocks of `text`, in order, with LF line ends and the fence's own indentation taken away.

    Fences are three or more backticks or tildes; only a fence of the same mark that is at least as long closes one, so
    a longer fence can hold shorter ones. `language` is the normal name of the fence's first word (`py` is `python`), or a
    guess where there is none, or empty. A block whose fence never closes counts only with `unterminated`.
    """
    blocks: list[CodeBlock] = []
    fence: _Fence | None = None
    body: list[str] = []
    for raw in text.split("\n"):
        line = raw.removesuffix("\r")
        if fence is None:
            fence = _opened(line)
            body = []
        elif _closes(line, fence):
            blocks.append(_block(fence, body))
            fence = None
        else:
            body.append(_unindented(line, fence.indent))
    if fence is not None and unterminated:
        blocks.append(_block(fence, body))
    return tuple(blocks)


def runnable_blocks(text: str) -> tuple[CodeBlock, ...]:
    """The blocks of `text` for an executor, which runs or saves them; with such, programs that it can only name, so that it does."""
    blocks = [block for block in code_blocks(text) if block.code.strip()]
    if not any(_is_used(block) for block in blocks):
        return ()
    return tuple(block for block in blocks if _is_used(block) or _is_foreign(block))


def foreign_languages(text: str) -> tuple[str, ...]:
    """The languages of programs in `text` that no executor runs, in order, each once."""
    return tuple(dict.fromkeys(block.language for block in code_blocks(text) if block.code.strip() and _is_foreign(block)))


def _is_used(block: CodeBlock) -> bool:
    return block.language in RUN or block.language in SAVED or block.filename is not None


def _is_foreign(block: CodeBlock) -> bool:
    return bool(block.language) and block.language not in DATA and not _is_used(block)


def without_filename_line(code: str) -> str:
    """The code without a first line that does nothing but name its file."""
    first, newline, rest = code.partition("\n")
    return rest if newline and _named_by_line(first) is not None else code


def fenced(blocks: tuple[CodeBlock, ...]) -> str:
    """Markdown that shows the blocks: `code_blocks` reads the same blocks out of it again."""
    return "\n\n".join(_fenced(block) for block in blocks)


def _fenced(block: CodeBlock) -> str:
    longest = max((len(run) for run in re.findall(r"`+", block.code)), default=0)
    mark = "`" * max(3, longest + 1)
    return f"{mark}{block.language}\n{block.code}\n{mark}"


def _opened(line: str) -> _Fence | None:
    match = _OPENING.match(line)
    if match is None:
        return None
    mark, info = match["fence"], match["info"]
    if mark[0] == "`" and "`" in info:
        return None
    return _Fence(mark[0], len(mark), len(match["indent"].expandtabs(4)), info)


def _closes(line: str, fence: _Fence) -> bool:
    bare = line.strip(" \t")
    if len(bare) < fence.length or bare.strip(fence.mark):
        return False
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    return len(indent.expandtabs(4)) <= fence.indent + 3


def _unindented(line: str, width: int) -> str:
    taken = 0
    while taken < len(line) and width > 0 and line[taken] in " \t":
        width -= 4 if line[taken] == "\t" else 1
        taken += 1
    return line[taken:]


def _block(fence: _Fence, body: list[str]) -> CodeBlock:
    code = "\n".join(body)
    filename = _named_by_line(body[0]) if body else None
    if filename is None and (attribute := _ATTRIBUTE.search(fence.info)):
        filename = next(part for part in attribute.groups() if part)
    word = _WORD.match(fence.info.lstrip(" \t{.="))
    named = word is not None and not _ATTRIBUTE.match(fence.info.lstrip(" \t{"))
    language = language_named(word[0]) if word is not None and named else guessed_language(code)
    return CodeBlock(language=language, code=code, filename=filename)


def _named_by_line(line: str) -> str | None:
    if len(line) > _MAX_FILENAME_LINE:
        return None
    for pattern in _FILENAME_LINES:
        if match := pattern.match(line):
            return match[1].strip("`\"'") or None
    return None
