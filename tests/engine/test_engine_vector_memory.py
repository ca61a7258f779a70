"""Memories that are searched: what is found, where it is kept, who else writes there, and what the model is told."""

from __future__ import annotations

import asyncio
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from conversation import SpokenModel, saying
from pydantic import ValidationError

from studio.engine.advance import Environment
from studio.engine.agents.assistant import Assistant
from studio.engine.component import component_class
from studio.engine.events import Recalled, Remembered
from studio.engine.memory import store
from studio.engine.memory.lexical import embedding, similarity
from studio.engine.memory.store import MemoryFile, MemoryUnusable
from studio.engine.memory.vector_memory import VectorMemory
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.base import Model, ModelRequest
from studio.engine.script import Result, run
from studio.engine.teams.team import Team
from studio.flow.checks import check
from studio.flow.document import Edge, FlowDocument, Node
from studio.flow.resolve import resolve
from studio.formats.convene_python.write import to_python

FACTS = (
    "The office in Lisbon opens at nine in the morning.",
    "Invoices are paid within thirty days.",
    "Our dog Rex is afraid of thunderstorms.",
)


def place(tmp_path: Path) -> Environment:
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    return Environment(EnvironmentAccounts(), work, memories=tmp_path / "memories")


def recalled(result: Result) -> list[Recalled]:
    return [event for event in result.events if isinstance(event, Recalled)]


def texts(event: Recalled) -> list[str]:
    return [entry["text"] for entry in event.entries]


async def ask(memory: VectorMemory, task: str, where: Environment, model: Model | None = None) -> Result:
    ann = Assistant(name="ann", model=model or saying("x"), system_message="You help.", memory=(memory,))
    result = await run(Team(participants=(ann,), max_turns=1), task, environment=where)
    assert result.status == "done", result.stop_reason
    return result


# What texts are like ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("When does the office open in Lisbon?", FACTS[0], FACTS[1]),
        ("What is the name of the cat?", "The cat is called Minka.", "Paris is the capital of the country."),
        ("¿Qué come mi pez?", "El pez come algas.", "Mi casa es de mi tía."),
        ("지우개는 어디에 있어요?", "지우개 서랍에 있어요.", "창문을 어제 닦았어요."),
        ("Wann öffnet das Büro?", "Die Büros sind ab neun geöffnet.", "Rechnungen werden bald bezahlt."),
        ("À quelle heure ouvre le café ?", "Le cafe ouvre à huit heures.", "Le chien dort."),
        ("办公室几点开门？", "办公室早上九点开门。", "狗害怕打雷。"),
        ("オフィスは何時に開きますか", "オフィスは九時に開きます。", "犬は雷を怖がります。"),
        ("사무실은 언제 열어요?", "사무실은 아홉 시에 열어요.", "개는 천둥을 무서워해요."),
        ("Когда открывается офис?", "Офис открывается в девять.", "Собака боится грома."),
        ("कार्यालय कब खुलता है?", "कार्यालय नौ बजे खुलता है।", "कुत्ता गरज से डरता है।"),
        ("สำนักงานเปิดกี่โมง", "สำนักงานเปิดเก้าโมง", "หมากลัวฟ้าร้อง"),
    ],
)
def test_a_question_is_more_like_its_answer_than_like_another_text(question: str, right: str, wrong: str) -> None:
    asked = embedding(question)
    assert similarity(asked, embedding(right)) > max(0.12, 2 * similarity(asked, embedding(wrong)))


def test_an_embedding_has_length_one_and_nothing_has_none() -> None:
    found = embedding("Straße STRASSE café 42")
    assert math.isclose(sum(weight**2 for weight in found.values()), 1.0)
    assert similarity(embedding("STRASSE CAFÉ"), embedding("straße cafe")) == pytest.approx(1.0)
    assert embedding("") == embedding("?! …") == {}
    assert similarity({}, found) == 0.0


# The file -----------------------------------------------------------------------------------------------------------------


def test_what_is_most_like_comes_first_and_only_so_many(tmp_path: Path) -> None:
    file = MemoryFile(tmp_path / "m.db")
    assert file.add(("red apples", "red apples and pears", "blue whales", " ")) == ("red apples", "red apples and pears", "blue whales")
    found = file.query("red apples", "", top=5, threshold=0.2)
    assert [each.text for each in found] == ["red apples", "red apples and pears"]
    assert found[0].score == 1.0 > found[1].score > 0.2
    assert len(file.query("red apples", "", top=1, threshold=0.2)) == 1
    assert file.query("red apples", "", top=5, threshold=0.99) == found[:1]
    assert [each.text for each in file.query("red apples", "", 1, 0.2, without=("red apples",))] == ["red apples and pears"]
    assert file.query("???", "", top=5, threshold=0.0) == ()


def test_a_text_is_kept_once_and_a_form_finds_its_own_texts_only(tmp_path: Path) -> None:
    file = MemoryFile(tmp_path / "m.db")
    file.add(("red apples",), source="Eve")
    assert file.add(("red apples",)) == ()
    file.add(("red apples", "red pears"), origin="one")
    assert [each.text for each in file.query("red", "two", 9, 0.01)] == ["red apples"]
    assert {each.text for each in file.query("red", "one", 9, 0.01)} == {"red apples", "red pears"}
    assert file.query("red apples", "two", 9, 0.5)[0].source == "Eve"


def test_several_may_write_at_once(tmp_path: Path) -> None:
    file = MemoryFile(tmp_path / "m.db")

    def write(number: int) -> None:
        for turn in range(5):
            file.add((f"note {number * 100 + turn}", "the same for all"))

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(write, range(1, 7)))
    assert len(file.query("note the same for all", "", 100, 0.0)) == 31


def test_the_oldest_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_TEXTS", 3)
    file = MemoryFile(tmp_path / "m.db")
    file.add(tuple(f"animal {name}" for name in ("cat", "dog", "cow", "hen")))
    assert {each.text for each in file.query("animal", "", 9, 0.0)} == {"animal dog", "animal cow", "animal hen"}


def test_a_file_that_is_none_is_told_with_a_remedy_and_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("these are notes of mine " * 50)
    with pytest.raises(MemoryUnusable, match=r"notes cannot be used.*another name"):
        MemoryFile(tmp_path / "notes.db").add(("x",))
    (tmp_path / "link.db").symlink_to(tmp_path / "elsewhere.db")
    with pytest.raises(MemoryUnusable, match="is a link"):
        MemoryFile(tmp_path / "link.db").add(("x",))
    assert not (tmp_path / "elsewhere.db").exists()


# In a conversation --------------------------------------------------------------------------------------------------------


async def test_the_model_is_told_what_fits_and_nothing_else(tmp_path: Path) -> None:
    told: list[str] = []

    def listen(request: ModelRequest) -> str:
        told.append(request.system)
        return "At nine."

    result = await ask(VectorMemory(texts=FACTS), "When does the Lisbon office open?", place(tmp_path), SpokenModel(say=listen))
    (event,) = recalled(result)
    assert (event.source, event.query, texts(event)) == ("ann", "When does the Lisbon office open?", [FACTS[0]])
    assert told == [f"You help.\n\nWhat you remember that may matter now:\n- {FACTS[0]}"]
    assert (tmp_path / "work" / ".memory").is_dir()
    assert not (tmp_path / "memories").exists()


async def test_nothing_that_fits_is_nothing_told(tmp_path: Path) -> None:
    told: list[str] = []

    def listen(request: ModelRequest) -> str:
        told.append(request.system)
        return "x"

    result = await ask(VectorMemory(texts=FACTS), "Zzyzx?", place(tmp_path), SpokenModel(say=listen))
    assert texts(recalled(result)[0]) == []
    assert told == ["You help."]


async def test_what_people_say_is_remembered_by_name_in_other_runs(tmp_path: Path) -> None:
    memory = VectorMemory(keeps="people", scope="everywhere", store="friends")
    first = await ask(memory, "My favourite colour is green.", place(tmp_path))
    assert [event.text for event in first.events if isinstance(event, Remembered)] == ["My favourite colour is green."]
    assert texts(recalled(first)[0]) == []
    assert (tmp_path / "memories" / "friends.db").is_file()
    second = await ask(memory.replace(top_k=2), "What is my favourite colour?", place(tmp_path))
    assert texts(recalled(second)[0]) == ["My favourite colour is green."]
    assert recalled(second)[0].entries[0]["source"] == "you"
    other = await ask(memory.replace(store="others"), "What is my favourite colour?", place(tmp_path))
    assert texts(recalled(other)[0]) == []


async def test_strangers_are_told_what_they_said_themselves_in_other_runs(tmp_path: Path) -> None:
    memory = VectorMemory(keeps="people", scope="everywhere", store="friends")
    await ask(memory, "My favourite colour is green.", place(tmp_path))
    for person, colour in (("guest 1", "blue"), ("guest 2", "red")):
        where = replace(place(tmp_path), person=person)
        await ask(memory, f"My favourite colour is {colour}.", where)
        second = await ask(memory.replace(top_k=2), "What is my favourite colour?", where)
        (entry,) = recalled(second)[0].entries
        assert (entry["text"], entry["source"]) == (f"My favourite colour is {colour}.", person)


async def test_what_strangers_say_makes_a_memory_forget_nothing_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_TEXTS", 2)
    memory = VectorMemory(keeps="people", scope="everywhere")
    await ask(memory, "My favourite colour is green.", place(tmp_path))
    for number in range(3):
        await ask(memory, f"Colour number {number}.", replace(place(tmp_path), person="guest 1"))
    asked = await ask(memory, "What is my favourite colour?", place(tmp_path))
    assert texts(recalled(asked)[0]) == ["My favourite colour is green."]


async def test_a_memory_of_all_runs_needs_a_place(tmp_path: Path) -> None:
    ann = Assistant(name="ann", model=saying("x"), memory=(VectorMemory(scope="everywhere"),))
    result = await run(Team(participants=(ann,), max_turns=1), "go", environment=replace(place(tmp_path), memories=None))
    assert result.status == "failed"
    assert "for this run only" in str(result.events[-2:])


async def test_the_event_loop_is_free_while_a_memory_is_searched(tmp_path: Path) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticking = asyncio.create_task(tick())
    many = tuple(f"Fact number {number} is about {number * 7919} things. " * 5 for number in range(600))
    await ask(VectorMemory(texts=many), "fact number 5", place(tmp_path))
    ticking.cancel()
    assert ticks > 5


# On the canvas and in files -----------------------------------------------------------------------------------------------


def drawing(**config: object) -> FlowDocument:
    return FlowDocument(
        nodes=(
            Node(id="t", kind="team", name="team", config={"max_turns": 1}),
            Node(id="m", kind="practice", name="m"),
            Node(id="a", kind="assistant", name="ann", parent="t"),
            Node(id="k", kind="vector_memory", name="memory", config=dict(config)),
        ),
        edges=(Edge(id="e1", kind="model", source="m", target="t"), Edge(id="e2", kind="memory", source="k", target="a")),
    )


def test_a_drawn_memory_is_in_the_team_its_json_and_its_program() -> None:
    document = drawing(texts=["It rains."], keeps="people", top_k=3)
    team = resolve(document)
    (ann,) = team.participants
    assert isinstance(ann, Assistant)
    memory = VectorMemory(texts=("It rains.",), keeps="people", top_k=3)
    assert ann.memory == (memory,)
    assert component_class("vector_memory").model_validate(memory.model_dump(mode="json")) == memory
    program = to_python(document)
    assert "VectorMemory(" in str(program)
    assert "It rains." in str(program)


def test_a_memory_with_nothing_in_it_is_a_problem_that_goes_away() -> None:
    def codes(**config: object) -> set[str]:
        return {problem.code for problem in check(drawing(**config))}

    assert "empty_memory" in codes()
    for config in ({"texts": ["x"]}, {"keeps": "people"}, {"scope": "everywhere"}):
        assert "empty_memory" not in codes(**config)
    assert "bad_field" in codes(texts=["x"], store="../../elsewhere")


def test_a_name_that_leads_elsewhere_is_refused() -> None:
    for name in ("../x", "a/b", "", ".hidden", "x" * 61, "a\n"):
        with pytest.raises(ValidationError):
            VectorMemory(store=name)
