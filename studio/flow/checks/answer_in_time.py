"""People who are to choose, and whose answer when they give none in time is none of the choices: it would count as nothing."""

from __future__ import annotations

from collections.abc import Iterator

from studio.engine.answers import answer_from, unfit
from studio.engine.events import QuestionAsked
from studio.flow.checks.problem import Problem, problem
from studio.flow.edits.model import Configure
from studio.flow.held import value
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for node in drawing.of("agent"):
        if node.kind != "human" or value(node, "input_mode") == "never" or value(node, "timeout") is None:
            continue
        told, choices = value(node, "timeout_answer"), value(node, "choices")
        # A form is not looked at: a schema that somebody sent along may hold a pattern that takes for ever.
        if value(node, "form") != "choice" or not isinstance(told, str) or not told.strip():
            continue
        if not isinstance(choices, list | tuple) or not choices or not all(isinstance(each, str) for each in choices):
            continue
        asked = QuestionAsked(text="", form="choice", choices=tuple(choices))
        if unfit(asked, answer_from(told, asked)) is not None:
            repair = Configure(id=node.id, values={"timeout_answer": choices[0]})
            yield problem("answer_in_time", "warning", [node], field="timeout_answer", repair=repair, node=label(node), answer=told[:80])
