"""A stop word that no system message asks anybody to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studio.engine.models.practice import PracticeModel
from studio.flow.checks.problem import Problem, problem
from studio.flow.document import Node
from studio.flow.edits.model import Configure
from studio.flow.held import value
from studio.flow.names import named_in
from studio.flow.ports import label
from studio.flow.wires import Drawing
from studio.flow.words import shorten
from studio.texts import text


def problems(drawing: Drawing) -> Iterator[Problem]:
    for rule in drawing.of("condition"):
        word = value(rule, "text") if rule.kind == "text_mention" else None
        if not isinstance(word, str) or not word.strip() or (drawing.is_loose(rule) and drawing.alone is None):
            continue
        sources = {name for _, name in named_in(rule)}
        speakers = [agent for agent in drawing.name_scope(rule) if not sources or agent.name.strip() in sources]
        assistants = [agent for agent in speakers if agent.kind == "assistant"]
        if not assistants or _is_said(drawing, word, speakers):
            continue
        last = assistants[-1]
        told = value(last, "system_message")
        repair = None
        if isinstance(told, str):
            asked = f"{told.rstrip()}\n\n{text('check.stop_word_unsaid.instruction', word=word)}".strip()
            repair = Configure(id=last.id, values={"system_message": asked})
        facts = {"word": shorten(word, 60), "node": label(rule), "agent": label(last)}
        yield problem("stop_word_unsaid", "hint", [rule], field="text", repair=repair, **facts)


def _is_said(drawing: Drawing, word: str, speakers: Sequence[Node]) -> bool:
    for agent in speakers:
        if agent.kind == "human" and value(agent, "input_mode") != "never":
            return True
        told = [value(agent, field) for field in ("system_message", "description", "default_reply")]
        if any(isinstance(said, str) and word in said for said in told):
            return True
        model = drawing.model_for(agent) if agent.kind == "assistant" else None
        if model is not None and model.kind == "practice":
            script = model.config.get("script") or PracticeModel.stand_in("script", model.config)
            if word in str(script):
                return True
    return False
