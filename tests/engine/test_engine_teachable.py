"""Notes about people: what a model finds worth it, kept for each person, known in later conversations, seen and forgotten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from asking import OneAccount
from conversation import SpokenModel, lines, two
from misbehaving import Log
from model_server import ModelServer

from studio.engine.advance import Environment, advance
from studio.engine.agents.assistant import Assistant
from studio.engine.component import component_class
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.errors import ModelUnavailable
from studio.engine.events import YOU, Noticed, Recalled, Remembered, RunFinished, RunStarted
from studio.engine.memory.embedding import AccountEmbedding
from studio.engine.memory.store import MemoryFile
from studio.engine.memory.teachable import TeachableMemory
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.base import ModelReply, ModelRequest
from studio.engine.models.practice import PracticeModel
from studio.engine.script import Result, run
from studio.engine.teams.round_robin import RoundRobin
from studio.engine.teams.team import Team
from studio.engine.usage import Usage


def place(folder: Path, **more: Any) -> Environment:
    return Environment(EnvironmentAccounts(), folder / "work", memories=folder / "memories", **more)


class Model:
    """Answers "Yes." and notes what it is told to; keeps what it was asked."""

    def __init__(self, *notes: Any) -> None:
        self.notes = list(notes)
        self.asked: list[ModelRequest] = []
        self.spoken = SpokenModel(say=self.say)

    def say(self, request: ModelRequest) -> Any:
        self.asked.append(request)
        if request.purpose != "memory":
            return "Yes."
        note = self.notes.pop(0) if self.notes else []
        if not isinstance(note, list | dict):
            return note
        held = {"remember": note, "forget": []} if isinstance(note, list) else note
        return ModelReply(text=json.dumps(held), usage=Usage(prompt_tokens=7, completion_tokens=3, calls=1), model="spoken")

    @property
    def systems(self) -> list[str]:
        return [request.system for request in self.asked if request.purpose == "reply"]

    @property
    def questions(self) -> list[str]:
        return [request.extra[-1] for request in self.asked if request.purpose == "memory"]


async def tell(model: Model, task: str, where: Environment, variables: dict[str, Any] | None = None, **more: Any) -> Result:
    ann = Assistant(name="ann", model=model.spoken, system_message="You help.", memory=(TeachableMemory(**more),))
    result = await run(Team(participants=(ann,), max_turns=1, variables=variables or {}), task, environment=where)
    assert result.status == "done", result.stop_reason
    return result


def remembered(result: Result) -> list[Remembered]:
    return [event for event in result.events if isinstance(event, Remembered)]


async def test_what_was_noted_is_known_in_the_next_conversation(tmp_path: Path) -> None:
    model, where = Model(["Likes short answers.", "Is called Eve."]), place(tmp_path)
    first = await tell(model, "I am Eve. Keep it short.", where)
    assert [(event.text, event.person) for event in remembered(first)] == [("Likes short answers.", YOU), ("Is called Eve.", YOU)]
    assert lines(first.events) == [("ann", "Yes.")]
    await tell(model, "What is the capital of France?", where)
    assert "What you noted about you in earlier conversations:" in model.systems[1]
    assert "- Likes short answers." in model.systems[1]
    assert "earlier conversations" not in model.systems[0]


async def test_the_answer_comes_first_and_the_end_after_the_note(tmp_path: Path) -> None:
    result = await tell(Model(["A note."]), "Hi", place(tmp_path))
    kinds = [type(event).__name__ for event in result.events]
    assert kinds[-3:] == ["MessageSaid", "Remembered", "RunFinished"]


async def test_the_call_counts_and_moves_no_script_on(tmp_path: Path) -> None:
    result = await tell(Model(["A note."]), "Hi", place(tmp_path))
    assert remembered(result)[0].usage.total_tokens == 10
    assert result.usage.calls == 2
    practice = PracticeModel(script={"ann": ("one", "two"), "ann remembers": ("Likes tea.\nHas a dog.",)}, words_per_second=0)
    ann = Assistant(name="ann", model=practice, memory=(TeachableMemory(),))
    played = await run(Team(participants=(ann,), max_turns=2), "Hi", environment=place(tmp_path / "other"))
    assert lines(played.events) == [("ann", "one"), ("ann", "two")]
    assert [event.text for event in remembered(played)] == ["Likes tea.", "Has a dog."]
    assert all(event.practice for event in remembered(played)[:1])


async def test_everybody_has_notes_of_their_own(tmp_path: Path) -> None:
    model, where = Model(["Likes tea."], ["Likes coffee."]), place(tmp_path)
    await tell(model, "Tea, please.", where, {"user": "eve"})
    await tell(model, "Coffee, please.", where, {"user": "bob"})
    await tell(model, "The usual.", where, {"user": "eve"})
    assert "Likes tea." in model.systems[2]
    assert "coffee" not in model.systems[2]
    await tell(model, "The usual.", where, person="bob")
    assert "Likes coffee." in model.systems[3]


async def test_strangers_who_use_one_flow_are_told_apart_by_their_runs(tmp_path: Path) -> None:
    model = Model(["Likes tea."])
    await tell(model, "Tea, please.", place(tmp_path, person="guest 1"), person="eve")
    other = await tell(model, "The usual.", place(tmp_path, person="guest 2"), person="eve")
    assert "tea" not in model.systems[1]
    assert [event.person for event in remembered(other)] == ["guest 2"]


async def test_a_note_that_is_no_longer_true_is_forgotten_and_none_is_kept_twice(tmp_path: Path) -> None:
    model, where = Model(["Lives in Rome."], {"remember": ["Lives in Oslo."], "forget": [1, 99]}, ["Lives in Oslo."]), place(tmp_path)
    for task in ("I live in Rome.", "I moved to Oslo.", "Oslo!"):
        result = await tell(model, task, where)
    assert "1. Lives in Rome." in model.questions[1]
    assert [event.text for event in remembered(result)] == [""]
    (file,) = (tmp_path / "memories" / "people").glob("*.db")
    assert [each.text for each in MemoryFile(file).kept()] == ["Lives in Oslo."]


async def test_a_person_is_noted_once_for_what_they_said_however_long_the_agents_talk(tmp_path: Path) -> None:
    model = Model(["A note."])
    ann = Assistant(name="ann", model=model.spoken, memory=(TeachableMemory(),))
    result = await run(Team(participants=(ann,), max_turns=4, selection=RoundRobin()), "Hi", environment=place(tmp_path))
    assert len(lines(result.events)) == 4
    assert len(model.questions) == 1


@pytest.mark.parametrize("trouble", ["no JSON at all", ModelUnavailable("Nobody answers."), {"remember": "x"}, {"remember": [7]}])
async def test_trouble_with_noting_is_told_and_ends_nothing(tmp_path: Path, trouble: Any) -> None:
    model = Model()
    model.notes = [trouble]
    result = await tell(model, "Hi", place(tmp_path))
    (notice,) = [event for event in result.events if isinstance(event, Noticed) and event.code == "not_remembered"]
    assert notice.code == "not_remembered"
    assert [event.text for event in remembered(result)] == [""]


async def test_a_rule_that_stops_the_conversation_waits_for_the_note(tmp_path: Path) -> None:
    model = Model(["A note."])
    team = two(model.spoken, model.spoken, stop=MaxTurns(max_turns=1))
    team = team.replace(participants=(team.participants[0].replace(memory=(TeachableMemory(),)), team.participants[1]))
    result = await run(team, "Hi", environment=place(tmp_path))
    assert [event.text for event in remembered(result)] == ["A note."]
    assert lines(result.events) == [("ann", "Yes.")]


async def test_a_run_that_was_broken_off_before_the_note_goes_on_with_it(tmp_path: Path) -> None:
    model = Model(["A note."])
    ann = Assistant(name="ann", model=model.spoken, memory=(TeachableMemory(),))
    team, where = Team(participants=(ann,), max_turns=1), place(tmp_path)
    whole = Log(RunStarted(seq=1, source=YOU, task="Hi"))
    await advance(team, whole.events, whole, where)
    cut = next(at for at, event in enumerate(whole.events) if isinstance(event, Remembered))
    half = Log(*whole.events[:cut])
    model.notes = ["not asked again"]
    model.notes = [["Another note."]]
    assert await advance(team, half.events, half, where) == "done"
    assert [type(event).__name__ for event in half.events[cut:]] == ["Remembered", "RunFinished"]
    assert isinstance(half.events[-1], RunFinished)


async def test_notes_are_found_by_meaning_where_an_account_compares_them(model_server: ModelServer, tmp_path: Path) -> None:
    model_server.meanings = [{"dog", "hound"}, {"tea", "drink"}]
    where = Environment(OneAccount(model_server.base_url), tmp_path / "work", memories=tmp_path / "memories")
    model = Model(["Has a hound.", "Prefers tea."])
    more = {"embedding": AccountEmbedding(account="lab", model="m", retries=0), "top_k": 1}
    await tell(model, "Hi", where, **more)
    result = await tell(model, "My dog is ill.", where, **more)
    (recalled,) = [event for event in result.events if isinstance(event, Recalled)]
    assert [entry["text"] for entry in recalled.entries] == ["Has a hound."]
    assert recalled.usage.calls == 1


def test_a_person_sees_searches_and_deletes_what_is_kept(tmp_path: Path) -> None:
    file = MemoryFile(tmp_path / "m.db")
    file.add(("Eve likes tea.",), "person:eve", "eve")
    file.add(("Bob likes coffee.",), "person:bob", "bob")
    file.add(("said by somebody",))
    file.add(("stands in a form",), origin="vector_memory:1")
    assert [each.text for each in file.kept()] == ["said by somebody", "Bob likes coffee.", "Eve likes tea."]
    (found,) = file.kept("LIKES eve")
    assert (found.source, found.at is not None) == ("eve", True)
    assert file.forget([found.id, 999]) == 1
    assert file.query("tea", "person:eve", 5, 0.01) == ()
    assert file.remove("person:bob", ["Bob likes coffee.", "never said"]) == 1


def test_a_file_of_an_older_version_is_taken_over(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "m.db") as file:
        file.execute(
            "CREATE TABLE texts (id INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT NOT NULL, digest TEXT NOT NULL,"
            " source TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (origin, digest))"
        )
        file.execute("INSERT INTO texts (origin, digest, source, text) VALUES ('', 'd', 'eve', 'old')")
    assert [(each.text, each.at) for each in MemoryFile(tmp_path / "m.db").kept()] == [("old", None)]


def test_it_is_the_same_after_a_trip_through_json() -> None:
    memory = TeachableMemory(person="eve", top_k=3)
    assert component_class("teachable").model_validate(memory.model_dump(mode="json")) == memory
