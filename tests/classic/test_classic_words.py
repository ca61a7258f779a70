"""What scripts of the classic library are told by errors and notices comes from the message catalogue."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from studio.texts import catalogue

CLASSIC = Path(__file__).parents[2] / "studio" / "classic"
TREES = {path.relative_to(CLASSIC).as_posix(): ast.parse(path.read_text("utf-8")) for path in CLASSIC.rglob("*.py")}
TOLD = re.compile(r"\w+Unusable|AccountMissing|ModelUnavailable|NoEligibleSpeaker|Noticed|SpeakerChosen")
"""What is called with sentences. Plain ValueErrors and TypeErrors are for programmers."""


def literals(node: ast.AST) -> Iterator[str]:
    """What is written out below a node, but for the keys of texts."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "text":
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for inner in ast.iter_child_nodes(node):
        yield from literals(inner)


def test_no_sentence_is_written_out_where_an_error_is_raised_or_a_notice_is_given() -> None:
    found = [
        (path, said)
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and TOLD.fullmatch(node.func.id)
        for said in literals(node)
        if len(said.split()) > 1
    ]
    assert found == []


def test_the_catalogue_and_the_library_have_the_same_texts_with_the_same_facts() -> None:
    asked: dict[str, set[str]] = {}
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "text" and node.args:
                key = node.args[0]
                if isinstance(key, ast.Constant) and str(key.value).startswith("classic."):
                    asked.setdefault(str(key.value), set()).update(str(each.arg) for each in node.keywords if each.arg)
    there = {key: said for key, said in catalogue().items() if key.startswith("classic.")}
    assert asked.keys() == there.keys()
    facts = {key: {name for _, name, _, _ in Formatter().parse(said) if name} for key, said in there.items() if asked[key]}
    assert facts == {key: names for key, names in asked.items() if names}
