"""Classes that answer, in programs: a function and an object for each agent; in our own code as they are."""

from __future__ import annotations

import asyncio
from typing import Any

from studio.engine.tools.schema import schema_of_source
from studio.flow.document import FlowDocument, Node
from studio.formats.convene_python.file import to_file
from studio.formats.convene_python.read import from_python
from studio.formats.convene_python.write import to_python
from studio.formats.python_text.functions import functions_of
from studio.formats.python_text.own_classes import answering

COUNTER = '''class Counter:
    """Counts its turns."""

    def __init__(self) -> None:
        self.turns = 0

    def reply(self, messages: list[dict]) -> str:
        self.turns += 1
        return f"{self.turns} of {len(messages)}"
'''


def test_every_agent_has_an_object_of_the_class_of_its_own() -> None:
    file: dict[str, Any] = {}
    names = {}
    for agent in ("ann", "Ann", "ann b", "ann-b", "安", "数", "n" * 64, "n" * 63 + "m"):
        source = answering(COUNTER, agent)
        parts = functions_of(source)
        assert parts is not None
        names[agent] = schema_of_source(source).name
        exec("\n\n".join(part.text for part in parts.definitions if part.name not in file), file)
    assert names["ann"] == "answer_of_ann"
    assert {file[name]([{}]) for name in names.values()} == {"1 of 1"}
    assert {file[name]([]) for name in names.values()} == {"2 of 0"}


def test_a_class_that_waits_or_wants_no_messages_is_asked_so() -> None:
    waits = answering(COUNTER.replace("def reply", "async def reply"), "ann")
    file: dict[str, Any] = {}
    exec(waits, file)
    assert asyncio.run(file["answer_of_ann"]([{}])) == "1 of 1"
    alone: dict[str, Any] = {}
    exec(answering("class Own:\n    def reply(self):\n        return 'x'\n", "ann"), alone)
    assert alone["answer_of_ann"]() == "x"


def test_a_function_and_a_source_with_neither_stay_as_they_are() -> None:
    needs = COUNTER.replace("__init__(self)", "__init__(self, model)")
    for source in (
        "def reply(messages):\n    return 'x'\n",
        f"{COUNTER}\ndef reply(messages):\n    return 'x'\n",
        "x = 1",
        "no Python",
        needs,
    ):
        assert answering(source, "ann") == source


def test_a_class_goes_to_our_own_code_and_comes_back() -> None:
    flow = FlowDocument(nodes=(Node(id="n_a", kind="python_agent", name="ann", config={"source": COUNTER}),))
    for read in (from_python(to_python(flow).text, flow), from_python(to_file(flow))):
        assert read.document == flow
        assert read.report.findings == ()
