"""Reading a model's answer to 'who speaks next': tolerant of everything but a real doubt."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from studio.texts import text

_DECORATION = " \t\r\n*_`'\"“”«»().:,;!?[]{}<>#-→"


def speaker_in(answer: str, names: Sequence[str]) -> tuple[str | None, str]:
    """The one name that an answer means and why, or None and what is wrong with the answer.

    Small models wrap the name in sentences, JSON, Markdown, quotes or lists; other case and underscores for spaces are
    forgiven (the complaints behind it: github.com/microsoft/autogen issues 842, 663, 1064).
    """
    bare = _strip_thinking(answer)
    said = _from_json(bare) or bare
    wanted = _key(said.strip(_DECORATION))
    for name in names:
        if _key(name) == wanted:
            return name, text("engine.choice.model")
    if wanted.isdecimal() and len(wanted) < 4 and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1], text("engine.choice.model_number", number=wanted)
    mentioned = _mentioned(said, names)
    if len(mentioned) == 1:
        return mentioned[0], text("engine.choice.only_name")
    first_line = next((line for line in said.splitlines() if line.strip()), "")
    first = _mentioned(first_line, names)
    if len(first) == 1 and len(first_line) < 80:
        return first[0], text("engine.choice.first_line")
    if not mentioned:
        return None, text("engine.choice.names_none", names=", ".join(names))
    return None, text("engine.choice.names_several", names=", ".join(mentioned))


def _key(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.replace("\\_", "_")).strip().casefold()


def _strip_thinking(answer: str) -> str:
    return re.sub(r"<think(?:ing)?>.*?</think(?:ing)?>", "", answer, flags=re.DOTALL).strip()


def _from_json(answer: str) -> str | None:
    start, end = answer.find("{"), answer.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        value = json.loads(answer[start : end + 1])
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    for key in ("next_speaker", "speaker", "name", "next", "role", "agent", "answer"):
        if isinstance(value.get(key), str):
            return str(value[key])
    texts = [text for text in value.values() if isinstance(text, str)]
    return texts[0] if len(texts) == 1 else None


def _mentioned(text: str, names: Sequence[str]) -> list[str]:
    """Names that stand in the text as whole words; a name inside a longer one that also stands there does not count."""
    text = _key(text)
    found: list[str] = []
    for name in sorted(names, key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(_key(name))}(?!\w)"
        if re.search(pattern, text):
            found.append(name)
            text = re.sub(pattern, "\0", text)
    return [name for name in names if name in found]
