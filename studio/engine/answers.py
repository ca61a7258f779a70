"""Answers to questions: what a typed line means, whether an answer fits its question, and what counts when nobody answers in time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio.engine.events import QuestionAsked

IN_TIME = "timeout"
"""The source of an answer that nobody gave: the time was over."""

Unfit = Literal["yes_or_no", "not_a_choice", "no_object", "not_the_form"]
"""Why an answer does not fit: a yes or a no is missing; no such choice; no JSON object; not what the form asks for."""

_YES = frozenset({"y", "yes", "ok", "approve", "approved", "true"})
_NO = frozenset({"n", "no", "reject", "rejected", "false", ""})


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer. `approved` is set for questions that want a yes or a no."""

    text: str = ""
    approved: bool | None = None


def wants_approval(question: QuestionAsked) -> bool:
    return question.form in ("approve", "edit")


def answer_from(line: str, question: QuestionAsked) -> Answer:
    """The answer that a typed line means.

    For an approval `yes`, or `no` and a reason; what is neither approves an edited proposal. For a choice its words or its number;
    for a form a JSON object, or `name=value` pairs with a semicolon between them.
    """
    match question.form:
        case "choice":
            return Answer(_choice(line, question.choices))
        case "form":
            return Answer(_pairs(line, question.fields or {}))
        case "approve" | "edit":
            return _verdict(line, question)
        case "text":
            return Answer(line)


def _verdict(line: str, question: QuestionAsked) -> Answer:
    edits = question.form == "edit"
    if edits and line.lstrip().startswith("{"):
        return Answer(line, True)
    word = re.split(r"[\s:,.!]", line, maxsplit=1)[0]
    reason = line[len(word) :].lstrip(" :,.!")
    if word.casefold() in _YES:
        return Answer("" if edits else reason.strip(), True)  # a text would be another version of what is proposed
    if word.casefold() in _NO:
        return Answer(reason.strip(), False)
    return Answer(line, edits and not question.subject)


def _choice(line: str, choices: tuple[str, ...]) -> str:
    wanted = line.strip()
    exact = next((choice for choice in choices if choice.casefold() == wanted.casefold()), None)
    if exact is None and wanted.isdecimal() and 1 <= int(wanted) <= len(choices):
        return choices[int(wanted) - 1]
    return wanted if exact is None else exact


def _pairs(line: str, schema: Mapping[str, Any]) -> str:
    """`name=value; name=value` as a JSON object, each value of the kind that the schema names."""
    if line.lstrip().startswith("{") or "=" not in line:
        return line
    kinds = schema.get("properties", {})
    values: dict[str, Any] = {}
    for pair in line.split(";"):
        name, _, value = (part.strip() for part in pair.partition("="))
        if name:
            values[name] = _value(value, kinds.get(name, {}))
    return json.dumps(values, ensure_ascii=False)


def _value(text: str, field: Any) -> Any:
    if isinstance(field, Mapping) and field.get("type") in ("number", "integer", "boolean", "array", "object"):
        try:
            return json.loads(text.casefold() if field["type"] == "boolean" else text)
        except (ValueError, RecursionError):
            return text
    return text


def unfit(question: QuestionAsked, answer: Answer) -> tuple[Unfit, str] | None:
    """Why an answer does not fit its question, with a sentence about the place where it does not; None when it does."""
    match question.form:
        case "approve" | "edit":
            if answer.approved is None:
                return "yes_or_no", ""
            # An edited tool call is its arguments; another proposal may be any text.
            edited = question.form == "edit" and question.subject and answer.approved and answer.text.strip()
            return ("no_object", "") if edited and object_in(answer.text) is None else None
        case "choice":
            return ("not_a_choice", answer.text) if question.choices and answer.text not in question.choices else None
        case "form":
            return _unfit_form(question, answer)
        case "text":
            return None


def _unfit_form(question: QuestionAsked, answer: Answer) -> tuple[Unfit, str] | None:
    data = object_in(answer.text)
    if data is None:
        return "no_object", ""
    if not question.fields:
        return None
    from studio.engine.models.structured import structured

    _, mistake = structured(answer.text, question.fields)
    return ("not_the_form", mistake) if mistake else None


def object_in(text: str) -> dict[str, Any] | None:
    """The JSON object that a text is, None when it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def answer_in_time(question: QuestionAsked) -> Answer:
    """What counts when the time of a question is over: its default. An approval without one is a no; one that does not fit is nothing."""
    if wants_approval(question) and not question.default.strip():
        return Answer("", False)
    answer = answer_from(question.default, question)
    if unfit(question, answer) is None:
        return answer
    return Answer("", False if wants_approval(question) else None)


def as_lines(data: Mapping[str, Any], schema: Mapping[str, Any] | None = None) -> str:
    """A filled form as lines of `title: value`, for those who hear it."""
    known = (schema or {}).get("properties", {})

    def title(name: str) -> str:
        field = known.get(name)
        return str(field.get("title") or name) if isinstance(field, Mapping) else name

    return "\n".join(
        f"{title(name)}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}" for name, value in data.items()
    )
