"""What every event goes through on its way into the log: its number is put on it, and no store is given half a character."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from studio.engine.events import DurableEvent, MessageSaid, SpeakerChosen, ToolCall, ToolsCalled
from studio.engine.stored_events import stamped, storable
from studio.engine.usage import Usage

KINDS = get_args(get_args(DurableEvent)[0])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_text_of_every_event_is_made_whole(kind: type[Any]):
    texts = {name: "cut \ud800" for name, field in kind.model_fields.items() if field.annotation in (str, str | None)}
    assert texts
    whole = storable(kind.model_construct(**texts))
    assert {name: getattr(whole, name) for name in texts} == dict.fromkeys(texts, "cut ?")


def test_texts_within_an_event_are_made_whole():
    called = ToolsCalled(calls=(ToolCall(id="c", name="look", arguments='{"at": "\ud800"}'),))
    assert storable(called).calls[0].arguments == '{"at": "?"}'
    assert storable(MessageSaid(text="", data={"\ud800": ["\udc00"]})).data == {"?": ["?"]}
    assert storable(SpeakerChosen(speaker="ann", candidates=("ann", "\ud800"))).candidates == ("ann", "?")


def test_what_is_whole_stays_the_same_object():
    said = MessageSaid(text="grüße 😀", usage=Usage(calls=1))
    assert storable(said) is said


def test_a_stamped_event_is_a_copy_like_any_other():
    said = MessageSaid(source="ann", text="hello", usage=Usage(prompt_tokens=3, calls=1))
    stamps: dict[str, Any] = {"seq": 7, "id": "m7", "scope": "t2"}
    copy, usual = stamped(said, stamps), said.model_copy(update=stamps)
    assert copy == usual
    assert copy.model_fields_set == usual.model_fields_set
    assert copy.model_dump_json(exclude_none=True) == usual.model_dump_json(exclude_none=True)
    assert said.seq == 0
    assert isinstance(copy, BaseModel)
    with pytest.raises(ValidationError):
        copy.seq = 8
