"""Documents that agents answer from: kept, read, cut, searched, told with numbers and cited."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from asking import OneAccount
from conversation import SpokenModel, calling, lines, saying
from model_server import ModelServer
from pdf_files import written_pdf
from pydantic import ValidationError

from studio.engine.advance import Environment
from studio.engine.agents.assistant import Assistant
from studio.engine.component import component_class
from studio.engine.documents import passages as kept_passages
from studio.engine.documents import pdf
from studio.engine.documents.chunks import Passage, passages_of
from studio.engine.documents.citations import cited, unsupported
from studio.engine.documents.document import Document, DocumentMissing, DocumentUnusable, Shelf
from studio.engine.documents.passages import PassageFile, PassagesUnusable
from studio.engine.documents.reading import Section, sections_of
from studio.engine.events import MessageSaid, Noticed, Recalled, ToolFinished
from studio.engine.memory.documents import Documents
from studio.engine.memory.embedding import AccountEmbedding
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.base import ModelRequest
from studio.engine.models.practice import PracticeModel
from studio.engine.script import Result, run
from studio.engine.teams.team import Team
from studio.engine.tools.search_documents import SearchDocuments

HANDBOOK = """# Handbook

## Opening hours

The office in Lisbon opens at nine in the morning and closes at six.

## Holidays

Everybody has thirty days of holidays. Ask two weeks before.
"""
PRICES = "thing,price,colour\nlamp,12 euros,red\ntable,80 euros,brown\n"
BOTH = (Document(name="handbook.md", text=HANDBOOK), Document(name="prices.csv", text=PRICES))


def place(folder: Path, **more: Any) -> Environment:
    work = folder / "work"
    work.mkdir(exist_ok=True)
    return Environment(EnvironmentAccounts(), work, memories=folder / "memories", documents=folder / "documents", **more)


async def ask(memory: Any, task: str, where: Environment, model: Any = None, **more: Any) -> Result:
    ann = Assistant(name="ann", model=model or saying("x"), system_message="You help.", memory=(memory,), **more)
    return await run(Team(participants=(ann,), max_turns=1), task, environment=where)


def recalled(result: Result) -> list[Recalled]:
    return [event for event in result.events if isinstance(event, Recalled)]


# The shelf ----------------------------------------------------------------------------------------------------------------


def test_a_content_is_kept_once_under_whatever_names(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "documents")
    one, other = shelf.put("a.txt", b"hello"), shelf.put("b.md", b"hello")
    assert one.digest == other.digest
    assert (one.name, other.name, one.size) == ("a.txt", "b.md", 5)
    assert [each.name for each in (tmp_path / "documents").iterdir()] == [one.digest]
    assert shelf.content(other) == b"hello"


def test_a_document_that_is_gone_or_was_changed_or_is_a_link_is_missing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    kept = shelf.put("a.txt", b"hello")
    (tmp_path / kept.digest).write_bytes(b"something else")
    with pytest.raises(DocumentMissing, match=r"a\.txt is not on this machine\. Drop the file in again"):
        shelf.content(kept)
    (tmp_path / kept.digest).unlink()
    assert not shelf.has(kept)
    (tmp_path / "secret").write_bytes(b"hello")
    (tmp_path / kept.digest).symlink_to(tmp_path / "secret")
    assert not shelf.has(kept)


def test_what_is_empty_or_too_large_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(tmp_path)
    with pytest.raises(DocumentUnusable, match="empty"):
        shelf.put("a.txt", b"")
    monkeypatch.setattr("studio.engine.documents.document.LARGEST", 3)
    with pytest.raises(DocumentUnusable, match="more than"):
        shelf.put("a.txt", b"hello")
    assert list(tmp_path.iterdir()) == []


def test_a_text_in_a_file_is_a_document_of_its_name(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_bytes("boat,euros\r\nCanoe,10 €\r\n".encode())
    assert Document.of(file) == Document(name="prices.csv", text="boat,euros\r\nCanoe,10 €\r\n")


@pytest.mark.parametrize(
    ("content", "why"), [(None, "could not be read"), (b"\xff\xfe1", "UTF-8"), (b" \n", "empty"), (b"x" * 200_001, "200,000")]
)
def test_a_file_that_is_no_text_of_a_flow_is_refused(tmp_path: Path, content: bytes | None, why: str) -> None:
    file = tmp_path / "notes.md"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(DocumentUnusable, match=why):
        Document.of(str(file))


@pytest.mark.parametrize("fields", [{}, {"text": " "}, {"text": "a", "digest": "0" * 64}, {"digest": "../../etc/passwd"}])
def test_a_document_is_a_file_or_a_text(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Document(name="a.txt", **fields)  # type: ignore[arg-type]


# Reading ------------------------------------------------------------------------------------------------------------------


def read(name: str, content: str | bytes) -> list[tuple[str, str]]:
    found = sections_of(name, content.encode() if isinstance(content, str) else content)
    return [(section.place, section.text) for section in found]


def test_markdown_is_read_by_its_headings() -> None:
    text = "intro\n\nTitle\n=====\none\n\n## Deep ##\ntwo\n```\n# no heading\n```\n\n# Other\nthree"
    assert read("a.md", text) == [
        ("", "intro"),
        ("Title", "one"),
        ("Title › Deep", "two\n```\n# no heading\n```"),
        ("Other", "three"),
    ]


def test_html_is_read_as_text_without_scripts() -> None:
    (section,) = read("a.html", "<title>T</title><script>alert(1)</script><h1>Hours</h1><p>Open at <b>nine</b>.</p>")
    assert section[0] == "Hours"
    assert "nine" in section[1]
    assert "alert" not in section[1]


def test_each_row_of_a_table_says_what_stands_in_its_columns() -> None:
    assert read("a.csv", PRICES) == [
        ("rows 2–3", "thing: lamp; price: 12 euros; colour: red\n\nthing: table; price: 80 euros; colour: brown")
    ]
    assert read("a.tsv", "a\tb\n1\t2\n")[0][1] == "a: 1; b: 2"
    assert read("a.csv", "a;b\n1;2,5\n")[0][1] == "a: 1; b: 2,5"
    many = "n\n" + "\n".join(map(str, range(30)))
    assert [where for where, _ in read("a.csv", many)] == ["rows 2–21", "rows 22–31"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.md", "# " + " " * 500_000 + "x"), ("a.csv", '"' * 300_000), ("a.txt", "\n" + " " * 500_000 + "x"), ("a.html", "<" * 90_000)],
)
def test_what_was_written_to_hold_a_reader_up_does_not(name: str, content: str) -> None:
    """With a pattern that tries everything these would take hours."""
    assert len(passages_of(sections_of(name, content.encode()), 1_200, 200)) < 400


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Grüße".encode("utf-16"), "Grüße"),
        (b"\xef\xbb\xbfhi", "hi"),
        ("Grüße".encode("cp1252"), "Grüße"),
        ("你好".encode(), "你好"),
    ],
)
def test_texts_of_several_encodings_are_read(content: bytes, text: str) -> None:
    assert read("a.txt", content) == [("", text)]


@pytest.mark.parametrize(("name", "content"), [("a.txt", b"\0\1\2"), ("a.txt", b"  \n "), ("a.md", b""), ("a.pdf", b"%PDF-1.4 nonsense")])
def test_what_holds_no_text_is_refused_in_a_sentence(name: str, content: bytes) -> None:
    with pytest.raises(DocumentUnusable, match=f"The document {name} cannot be used: "):
        sections_of(name, content)


def test_a_pdf_is_read_page_by_page_in_a_process_of_its_own() -> None:
    assert read("whatever.bin", written_pdf("First page", "Second page")) == [("page 1", "First page"), ("page 2", "Second page")]


def test_a_locked_pdf_says_so() -> None:
    with pytest.raises(DocumentUnusable, match="locked by a password"):
        sections_of("a.pdf", written_pdf("x", password="secret"))


def test_a_pdf_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_READER", "import time; time.sleep(60)")
    monkeypatch.setattr(pdf, "TIME_LIMIT", 0.1)
    with pytest.raises(DocumentUnusable, match="takes more than"):
        pdf.pages_of("a.pdf", b"%PDF-")


# Cutting ------------------------------------------------------------------------------------------------------------------


def test_paragraphs_stay_whole_and_the_last_one_begins_the_next_passage() -> None:
    text = "\n\n".join(f"Paragraph {number}." for number in range(6))
    found = passages_of([Section("Top", text)], 30, 14)
    assert [each.text for each in found][:2] == ["Paragraph 0.\n\nParagraph 1.", "Paragraph 1.\n\nParagraph 2."]
    assert found[0].place == "Top, part 1"
    assert all(len(each.text) <= 30 for each in found)


def test_a_long_paragraph_is_cut_between_sentences_and_a_long_sentence_where_it_must() -> None:
    found = passages_of([Section("", "One is here. Two is here. " + "x" * 50)], 26, 0)
    assert [each.text for each in found] == ["One is here. Two is here.", "x" * 26, "x" * 24]
    chinese = passages_of([Section("", "办公室早上九点开门。狗害怕打雷。")], 10, 0)
    assert [each.text for each in chinese] == ["办公室早上九点开门。", "狗害怕打雷。"]


def test_no_text_is_lost_in_cutting_and_short_sections_have_no_parts() -> None:
    words = [f"word{number}" for number in range(400)]
    found = passages_of([Section("A", " ".join(words)), Section("B", "short")], 200, 50)
    assert set(" ".join(each.text for each in found[:-1]).split()) >= set(words) - {word for word in words if len(word) > 200}
    assert found[-1] == Passage("B", "short")


# The file of passages -----------------------------------------------------------------------------------------------------


def test_a_rare_word_counts_more_than_one_that_all_have(tmp_path: Path) -> None:
    file = PassageFile(tmp_path / "p.db")
    assert file.lacking(["a", "b"]) == ["a", "b"]
    file.keep("a", [Passage("", f"the company and its number {number}") for number in range(8)] + [Passage("", "the company has a parrot")])
    file.keep("a", [Passage("", "kept only once")])
    file.keep("b", [Passage("", "a parrot of another set")])
    assert file.lacking(["a", "b"]) == []
    assert file.query("What about the parrot of the company?", ["a"], 3)[0].passage.text == "the company has a parrot"
    assert {each.held for each in file.query("parrot", ["a", "b"], 9)} == {"a", "b"}
    assert file.query("zzz", ["a"], 3) == []
    assert len(file.all(["a"])) == 9


def test_what_was_not_asked_for_longest_is_forgotten_when_there_is_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_passages, "MOST_PASSAGES", 3)
    file = PassageFile(tmp_path / "p.db")
    file.keep("old", [Passage("", "one"), Passage("", "two")])
    file.keep("new", [Passage("", "three"), Passage("", "four")])
    assert file.lacking(["old", "new"]) == ["old"]
    assert file.query("one", ["old"], 3) == []


def test_a_damaged_file_of_passages_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "p.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(PassagesUnusable, match=r"Remove the file p\.db"):
        PassageFile(tmp_path / "p.db").lacking(["a"])


# Citations ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("So it is [1].", (1,)),
        ("So it is [2, 1] and [2][3].", (2, 1)),
        ("A [link](http://x) and [4](http://x), code `a[5]` and\n```\nb[6]\n``` and [x].", ()),
        ("Open `fence [1]\n[7]", (1, 7)),
        ("[1234] [0]", (0,)),
    ],
)
def test_numbers_in_brackets_are_citations(text: str, numbers: tuple[int, ...]) -> None:
    found = cited(text)
    assert found == numbers or (text.startswith("So it is [2, 1]") and found == (2, 1, 3))


def test_a_number_that_no_passage_has_is_unsupported() -> None:
    told = Recalled(memory="m", entries=({"text": "a", "number": 1}, {"text": "b"}))
    assert unsupported("[1] [2]", [told]) == (2,)


# Conversations ------------------------------------------------------------------------------------------------------------


async def test_the_model_is_told_the_passages_with_numbers_and_the_log_says_where_they_stand(tmp_path: Path) -> None:
    heard: list[ModelRequest] = []

    def listen(request: ModelRequest) -> str:
        heard.append(request)
        return "It opens at nine [1]."

    result = await ask(Documents(documents=BOTH, top_k=1), "When does the Lisbon office open?", place(tmp_path), SpokenModel(say=listen))
    assert result.status == "done"
    (event,) = recalled(result)
    (entry,) = event.entries
    assert (entry["number"], entry["document"], entry["place"]) == (1, "handbook.md", "Handbook › Opening hours")
    assert "[1] handbook.md, Handbook › Opening hours\nThe office in Lisbon" in heard[0].system
    assert not [event for event in result.events if isinstance(event, Noticed)]


async def test_what_a_table_holds_is_found_and_what_nobody_wrote_is_not(tmp_path: Path) -> None:
    heard: list[str] = []

    def listen(request: ModelRequest) -> str:
        heard.append(request.system)
        return "x"

    found = await ask(Documents(documents=BOTH), "What does a lamp cost, and in which colour?", place(tmp_path), SpokenModel(say=listen))
    assert recalled(found)[0].entries[0]["document"] == "prices.csv"
    nothing = await ask(Documents(documents=BOTH), "Zzyzx?", place(tmp_path), SpokenModel(say=listen))
    assert recalled(nothing)[0].entries == ()
    assert "hold nothing that fits" in heard[-1]


async def test_a_citation_that_nothing_supports_is_flagged(tmp_path: Path) -> None:
    result = await ask(Documents(documents=BOTH), "When does the office open?", place(tmp_path), saying("At nine [1], I believe [7]."))
    (notice,) = [event for event in result.events if isinstance(event, Noticed)]
    assert (notice.code, notice.text) == ("unsupported_citation", "ann cites [7], but was told no such passage.")
    plain = await run(Team(participants=(Assistant(name="bob", model=saying("[7]")),), max_turns=1), "Hi", environment=place(tmp_path))
    assert not [event for event in plain.events if isinstance(event, Noticed)]


async def test_numbers_count_on_over_all_documents_of_an_agent(tmp_path: Path) -> None:
    first, second = (Documents(documents=(each,), top_k=2, threshold=0) for each in BOTH)
    ann = Assistant(name="ann", model=saying("x"), memory=(first, second))
    result = await run(Team(participants=(ann,), max_turns=1), "The office, a lamp", environment=place(tmp_path))
    numbers = [entry["number"] for event in recalled(result) for entry in event.entries]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(recalled(result)) == 2


async def test_a_short_question_is_looked_up_with_what_was_said_before(tmp_path: Path) -> None:
    memory = Documents(documents=BOTH, top_k=1)
    ann = Assistant(name="ann", model=saying("Hm."), memory=(memory,))
    bob = Assistant(name="bob", model=saying("And how long is it open?"))
    result = await run(Team(participants=(ann, bob), max_turns=3), "Tell me of Lisbon's office.", environment=place(tmp_path))
    assert "Lisbon" in recalled(result)[1].query
    assert recalled(result)[1].entries[0]["place"] == "Handbook › Opening hours"


async def test_a_dropped_file_is_read_once_and_then_found_in_every_run(tmp_path: Path) -> None:
    where = place(tmp_path)
    kept = Shelf(tmp_path / "documents").put("hours.txt", b"The bakery opens at five.")
    memory = Documents(documents=(kept,))
    assert recalled(await ask(memory, "When does the bakery open?", where))[0].entries[0]["text"] == "The bakery opens at five."
    (tmp_path / "documents" / kept.digest).unlink()
    assert recalled(await ask(memory, "When does the bakery open?", where))[0].entries
    gone = await ask(memory.replace(chunk_size=500), "When does the bakery open?", where)
    assert (gone.status, gone.stop_reason) == ("failed", "The document hours.txt is not on this machine.")


async def test_two_runs_may_read_the_same_documents_at_once(tmp_path: Path) -> None:
    where = place(tmp_path)
    results = await asyncio.gather(*(ask(Documents(documents=BOTH), "When does the office open?", where) for _ in range(4)))
    assert len({str(recalled(each)[0].entries) for each in results}) == 1


async def test_passages_are_compared_by_an_account_once(model_server: ModelServer, tmp_path: Path) -> None:
    model_server.meanings = [{"holidays", "vacation"}, {"opens", "closes"}]
    accounts = OneAccount(model_server.base_url)
    where = Environment(accounts, tmp_path / "work", memories=tmp_path / "memories")
    memory = Documents(documents=BOTH, embedding=AccountEmbedding(account="lab", model="m", retries=0), top_k=1)
    result = await ask(memory, "How much vacation is there?", where)
    (event,) = recalled(result)
    assert event.entries[0]["place"] == "Handbook › Holidays"
    assert (event.model, event.usage.calls) == ("m", 1)
    again = await ask(memory, "How much vacation is there?", where)
    assert recalled(again)[0].usage.calls == 0


async def test_an_agent_searches_by_a_tool_when_it_wants_to(tmp_path: Path) -> None:
    tool = SearchDocuments(documents=BOTH, top_k=1)
    model = saying(calling(("search_documents", '{"query": "price of a lamp"}')), "12 euros.")
    ann = Assistant(name="ann", model=model, tools=(tool,))
    result = await run(Team(participants=(ann,), max_turns=1), "What does a lamp cost?", environment=place(tmp_path))
    (finished,) = [event for event in result.events if isinstance(event, ToolFinished)]
    assert finished.output.startswith("[1] prices.csv, rows 2–3\nthing: lamp; price: 12 euros")
    assert lines(result.events) == [("ann", "12 euros.")]


async def test_what_a_search_by_an_account_costs_is_counted_and_moves_no_script_on(model_server: ModelServer, tmp_path: Path) -> None:
    where = Environment(OneAccount(model_server.base_url), tmp_path / "work", memories=tmp_path / "memories")
    tool = SearchDocuments(documents=BOTH, embedding=AccountEmbedding(account="lab", model="m", retries=0))
    script = {"ann": ({"tool": "search_documents", "arguments": {"query": "lamp"}}, "12 euros.", "never said")}
    ann = Assistant(name="ann", model=PracticeModel(script=script, words_per_second=0), tools=(tool,))
    result = await run(Team(participants=(ann,), max_turns=1), "What does a lamp cost?", environment=where)
    (notice,) = [event for event in result.events if isinstance(event, Noticed)]
    assert (notice.code, notice.usage.calls) == ("compared", 1)
    assert result.usage.calls == 3
    assert lines(result.events) == [("ann", "12 euros.")]


async def test_a_missing_document_is_a_result_that_the_model_can_react_to(tmp_path: Path) -> None:
    tool = SearchDocuments(documents=(Document(name="gone.pdf", digest="0" * 64),))
    model = saying(calling(("search_documents", '{"query": "x"}')), "Sorry.")
    ann = Assistant(name="ann", model=model, tools=(tool,))
    result = await run(Team(participants=(ann,), max_turns=1), "x", environment=place(tmp_path))
    (finished,) = [event for event in result.events if isinstance(event, ToolFinished)]
    assert finished.is_error
    assert "gone.pdf is not on this machine" in finished.output
    assert [event.text for event in result.events if isinstance(event, MessageSaid)][-1] == "Sorry."


def test_both_are_the_same_after_a_trip_through_json() -> None:
    for each in (Documents(documents=BOTH, top_k=2), SearchDocuments(documents=BOTH, chunk_size=500)):
        assert component_class(each.kind).model_validate(each.model_dump(mode="json")) == each
