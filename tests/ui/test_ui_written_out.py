"""No sentence for people is written out in the studio: neither in its errors, nor in its pages and their scripts."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from written_words import called, errors, nodes, parsed, sentences, words_in

ROOT = Path(__file__).parents[2]
STUDIO = ROOT / "studio"
ELSEWHERE = {"engine", "classic", "_web"}
"""What has a test of its own, and what is compiled."""

NO_SENTENCES = {
    ("studio/store/database.py", "not a database|malformed"),  # what SQLite says, looked for
}

NAMED = {"aria_label", "aria_description", "title", "placeholder", "alt", "label", "heading"}
"""Arguments of parts of pages that people read."""

ATTRIBUTE = re.compile(r"""\b(?:aria-label|aria-description|title|placeholder|alt)=(?:"([^"]*)"|{"([^"]*)"})""")
ELEMENT = re.compile(r"(?<!=)>\s*([^\W\d_][\w ,.'’!?:;-]*?)\s*</")


def written(source: str) -> list[str]:
    """The words that stand in the elements and attributes of a script, but for those of keys."""
    found = [*("".join(each) for each in ATTRIBUTE.findall(source)), *ELEMENT.findall(source)]
    return [said for said in found if re.search(r"[^\W\d_]{2}", said)]


def modules() -> list[Path]:
    return [path for path in STUDIO.rglob("*.py") if path.relative_to(STUDIO).parts[0] not in ELSEWHERE]


def test_no_error_of_the_studio_writes_its_sentence_out() -> None:
    told = errors(STUDIO.rglob("*.py"))
    raised = re.compile(rf"\b(?:{'|'.join(told)})\(|super\(\).__init__\(")
    some = [path for path in modules() if raised.search(path.read_text("utf-8"))]
    found = {(path.relative_to(ROOT).as_posix(), said) for path in some for _, said in sentences(parsed(path), told)}
    assert found - NO_SENTENCES == set()


def test_no_part_of_a_page_is_named_by_words_that_are_written_out() -> None:
    found = [
        (path.relative_to(ROOT).as_posix(), each.value.value)
        for path in (STUDIO / "ui").rglob("*.py")
        for node in nodes(parsed(path))
        if isinstance(node, ast.Call) and called(node) != "text"
        for each in node.keywords
        if each.arg in NAMED and isinstance(each.value, ast.Constant) and len(words_in(str(each.value.value))) > 1
    ]
    assert found == []


def test_no_words_are_written_out_in_the_scripts_of_the_pages() -> None:
    scripts = [*(ROOT / "assets/studio").rglob("*.jsx"), *(STUDIO / "serving/page").glob("*.js")]
    assert len(scripts) > 30
    assert {path.name: said for path in scripts if (said := written(path.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    "source", ['<button aria-label="Close it">', '<p className="x">Nothing here yet.</p>', "<h2>\n  Runs\n</h2>", '<img alt={"A team"} />']
)
def test_words_that_are_written_out_are_found(source: str) -> None:
    assert written(source)


def test_what_comes_from_the_catalogue_is_not_taken_for_written_out() -> None:
    assert written('<p title={t("a.b")} className="words here">{t("a.c")}<kbd>Ctrl ↵</kbd></p>; const f = (a) => a</') == []
