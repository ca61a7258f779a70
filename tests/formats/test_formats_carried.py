"""Documents that travel with a project: into its zip file, out of it again, and past what is not what it says."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from studio.engine.documents.document import Document, DocumentUnusable, Shelf
from studio.flow.bounds import MAX_BYTES
from studio.flow.document import Edge, FlowDocument, Node
from studio.formats import carried
from studio.formats.carried import keep_documents, with_documents
from studio.formats.recognise import read_file
from studio.formats.targets import target


def flow(*documents: Document) -> FlowDocument:
    held = [document.model_dump() for document in documents]
    return FlowDocument(
        name="Desk",
        nodes=(
            Node(id="t", kind="team", name="team"),
            Node(id="a", kind="assistant", name="ann", parent="t"),
            Node(id="m", kind="practice", name="model"),
            Node(id="s", kind="max_turns", name="stop", parent="t"),
            Node(id="d", kind="documents", name="library", config={"documents": held}),
        ),
        edges=(Edge(id="e1", kind="model", source="m", target="t"), Edge(id="e2", kind="memory", source="d", target="a")),
    )


def names(archive: bytes) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(archive)).namelist())


def test_a_project_carries_its_documents_to_another_machine(tmp_path: Path) -> None:
    here, there = Shelf(tmp_path / "here"), Shelf(tmp_path / "there")
    kept = here.put("hours.txt", b"We open at nine.")
    drawn = flow(kept, Document(name="b.md", text="In the flow."), Document(name="gone.pdf", digest="0" * 64))
    plain = target("zip").write(drawn)
    archive = with_documents(plain, drawn, here)
    assert names(archive) - names(plain) == {f"desk/documents/{kept.digest}"}
    assert with_documents(plain, drawn, here) == archive
    file = tmp_path / "desk.zip"
    file.write_bytes(archive)
    (brought,) = read_file(file, "desk").flows
    keep_documents(file, [brought.document], there)
    assert there.content(kept) == b"We open at nine."


def test_a_project_is_as_large_as_its_documents(tmp_path: Path) -> None:
    here, there = Shelf(tmp_path / "here"), Shelf(tmp_path / "there")
    kept = here.put("hours.txt", "".join(map(chr, random.Random(1).choices(range(0x4E00, 0x9FFF), k=2_500_000))).encode())
    file = tmp_path / "desk.zip"
    file.write_bytes(with_documents(target("zip").write(flow(kept)), flow(kept), here))
    assert file.stat().st_size > MAX_BYTES
    (brought,) = read_file(file, "desk").flows
    keep_documents(file, [brought.document], there)
    assert there.has(kept)


def test_a_project_without_files_is_left_as_it_is(tmp_path: Path) -> None:
    drawn = flow(Document(name="b.md", text="In the flow."))
    assert with_documents(b"any bytes", drawn, Shelf(tmp_path)) == b"any bytes"


def test_what_is_not_what_its_name_says_is_not_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    wanted = Document(name="a.txt", digest="1" * 64)
    file = tmp_path / "evil.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"x/documents/{wanted.digest}", b"something else")
        archive.writestr("x/documents/../../escape", b"out")
    keep_documents(file, [flow(wanted)], shelf)
    assert not (tmp_path / "shelf").exists()
    assert not list(tmp_path.rglob("escape"))


def test_a_file_that_is_no_zip_or_is_damaged_brings_nothing(tmp_path: Path) -> None:
    file, shelf = tmp_path / "a.zip", Shelf(tmp_path / "shelf")
    wanted = [flow(Document(name="a.txt", digest="1" * 64))]
    for content in (b"no zip", b"PK\5\6" + b"\xff" * 18):
        file.write_bytes(content)
        keep_documents(file, wanted, shelf)
    assert not (tmp_path / "shelf").exists()


def test_too_much_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried, "MOST_BYTES", 3)
    shelf = Shelf(tmp_path)
    with pytest.raises(DocumentUnusable, match="all documents of a project together"):
        with_documents(b"", flow(shelf.put("a.txt", b"hello")), shelf)


def test_a_program_says_which_files_it_does_not_take_along() -> None:
    drawn = flow(Document(name="b.md", text="In the flow."), Document(name="gone.pdf", digest="0" * 64))
    (lost,) = target("convene").losses(drawn)
    assert (lost.level, lost.nodes) == ("approximated", ("d",))
    assert "gone.pdf" in lost.text
    assert "b.md" not in lost.text
    assert target("convene").losses(flow(Document(name="b.md", text="In the flow."))) == ()
