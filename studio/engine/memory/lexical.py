"""What a text is like, from its own letters: words and parts of words with weights, for any language and without a download."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterator

MAX_CHARACTERS = 20_000
"""What is beyond is not looked at."""

GRAM = 3
"""Letters of a part of a word, its edges counted: so `Katze` and `Katzen` are alike."""

SHORT = 2
"""Words up to here are mostly articles and the like, and say little."""

LITTLE = frozenset(
    # English, German, Dutch
    "the and are was for not but you she her him his its who why how has had did can may our out all any one two get got let use yes "
    "der die das den dem des ein und ist war fur mit von vom zum zur aus auf bei bis als wie was wer wen wem ich sie wir ihr mir mich dir "
    "uns hat nur nun man mal het een van dat dit niet naar zijn wat ook maar wel nog "
    # French, Spanish, Italian, Portuguese
    "les des une est ses mes tes nos vos son ton mon que qui aux sur par pas pour dans mais ils lui "
    "los las una uno del con por que sin sus mis tus muy mas son era fue hay "
    "gli dei che chi non per tra fra cui sua suo mia mio tua tuo nel dal sul al "
    "dos das nos nas uma seu sua meu tua com sem mas foi sao ele ela "
    # Russian, Ukrainian, Polish, Turkish
    "как что это где кто для при или вот так там тут был его еще она они оно мне нас вас над под без уже все "
    "nie tak jak jest dla czy jej ich ten ta bir icin ama ile "
    # Arabic, Hindi
    "على إلى هذا هذه عن ما هو هي में हैं और यह वह".split()
)
"""Words of three letters or so that say little too, as `_words` gives them: others of that length are a cat, a car or a job."""

_UNSPACED = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u1000", "\u109f"),  # Burmese
    ("\u1780", "\u17ff"),  # Khmer
    ("\u3040", "\u30ff"),  # Hiragana, Katakana
    ("\u3400", "\u9fff"),  # Han
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U0003ffff"),
)
"""Scripts that are written without spaces between words: there neighbouring letters stand for words."""


def embedding(text: str) -> dict[str, float]:
    """The features of a text with their weights, of length 1 together; nothing for a text without letters and digits."""
    counts: Counter[str] = Counter()
    weights: dict[str, float] = {}
    for word in _words(text[:MAX_CHARACTERS]):
        for feature, weight in _features(word):
            counts[feature] += 1
            weights[feature] = weight
    found = {feature: weights[feature] * (1 + math.log(count)) for feature, count in counts.items()}
    length = math.sqrt(sum(weight * weight for weight in found.values()))
    return {feature: weight / length for feature, weight in found.items()} if length else {}


def similarity(one: dict[str, float], other: dict[str, float]) -> float:
    """The cosine of two embeddings: 0 for nothing in common, 1 for the same words."""
    small, large = sorted((one, other), key=len)
    return sum(weight * large.get(feature, 0.0) for feature, weight in small.items())


def _words(text: str) -> Iterator[str]:
    """Runs of letters, digits and their marks, in small letters; accents over Latin, Greek and Cyrillic letters are left out."""
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    bare = unicodedata.normalize("NFC", "".join(char for char in apart if not "\u0300" <= char <= "\u036f"))
    word = ""
    dense = False
    for char in bare:
        if not (char.isalnum() or unicodedata.category(char).startswith("M")):
            if word:
                yield word
            word = ""
            continue
        if word and _unspaced(char) != dense:
            yield word
            word = ""
        dense = _unspaced(char)
        word += char
    if word:
        yield word


def _unspaced(char: str) -> bool:
    return any(first <= char <= last for first, last in _UNSPACED)


def _features(word: str) -> Iterator[tuple[str, float]]:
    """A word itself, and its parts: pairs of letters where words are not told apart, three letters elsewhere."""
    if _unspaced(word[0]):
        yield from ((letter, 0.4) for letter in word)
        yield from ((word[at : at + 2], 1.0) for at in range(len(word) - 1))
        return
    if (len(word) <= SHORT and not any(char.isdigit() for char in word)) or word in LITTLE:
        yield f"={word}", 0.25
        return
    yield f"={word}", 1.0
    edged = f" {word} "
    yield from ((edged[at : at + GRAM], 0.4) for at in range(len(edged) - GRAM + 1))
