"""Names for variables: what people call a thing, made a Python name that nothing else in the file has."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable


class Names:
    """The names of one file. `taken` are those that imports, functions and the file itself need."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {unicodedata.normalize("NFKC", name) for name in taken}

    def new(self, wanted: str, category: str) -> str:
        """A free name close to `wanted`; the category ("agent", "model") makes it different from a taken one before a number does."""
        name = identifier(wanted, category)
        if self._is_free(name):
            return self._take(name)
        if not name.endswith(category):
            name = f"{name}_{category}"
            if self._is_free(name):
                return self._take(name)
        number = 2
        while not self._is_free(f"{name}_{number}"):
            number += 1
        return self._take(f"{name}_{number}")

    def keep(self, names: Iterable[str]) -> None:
        """Names that nothing is given from now on."""
        self._taken.update(names)

    def _is_free(self, name: str) -> bool:
        return name not in self._taken and not keyword.iskeyword(name) and not keyword.issoftkeyword(name) and not hasattr(builtins, name)

    def _take(self, name: str) -> str:
        self._taken.add(name)
        return name


def identifier(wanted: str, category: str) -> str:
    """`wanted` in snake case, letters of every script kept; the category where nothing usable is left. It may still be a keyword."""
    text = unicodedata.normalize("NFKC", wanted)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()
    text = unicodedata.normalize("NFKC", re.sub(r"\W+", "_", text))
    text = re.sub(r"_+", "_", text).strip("_")
    if text and not text.isidentifier():
        text = f"{category}_{text}"
    return text if text.isidentifier() else category
