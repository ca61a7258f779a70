"""Reading the JSON that models write: what is repaired, what is not, and how long that takes."""

from __future__ import annotations

import time

import pytest
from patience import within

from studio.engine.code.arguments import read_arguments
from studio.engine.code.calling import BadArguments


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "x\ny", "b": [1, 2]}',
        '{"a": "x\ny", "b": [1, 2,],}',
        '```json\n{"a": "x\ny", "b": [1, 2 , ] }\n```',
        '```{"a": "x\ny", "b": [1, 2]}```',
        '"{\\"a\\": \\"x\\\\ny\\", \\"b\\": [1, 2,]}"',
    ],
)
def test_small_slips_of_a_model_in_its_json_are_repaired(text: str) -> None:
    assert read_arguments(text) == {"a": "x\ny", "b": [1, 2]}


def test_a_repair_never_changes_a_text() -> None:
    assert read_arguments('{"a": ",] \\" ,}", "b": ",}",}') == {"a": ',] " ,}', "b": ",}"}
    for broken in ('{"a": ,}', '{"a": 1', '{"a": "', "``````", '{"a" 1,}'):
        with pytest.raises(BadArguments):
            read_arguments(broken)


def test_a_repair_takes_no_longer_than_reading() -> None:
    for text in (
        '{"a": "' + '\\"' * 400_000,
        '{"a": 1' + "," * 400_000 + "}",
        "```" + " " * 900_000,
        '"' + '\\"' * 400_000 + "\\",
        '{"a": [' + ", " * 400_000,
    ):
        began = time.monotonic()
        with pytest.raises(BadArguments):
            read_arguments(text)
        assert time.monotonic() - began < within(2)
