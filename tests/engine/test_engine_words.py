"""The engine's words for people: all of them come from the message catalogue, and the catalogue holds no others of the engine."""

import ast
import fnmatch
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from written_words import called, errors, literal, nodes, parsed, sentences

from studio.texts import catalogue, counted, text

ENGINE = Path(__file__).parents[2] / "studio" / "engine"

ROOMS = (".", "agents", "teams", "conditions", "steps", "context", "memory", "models", "documents", "outlines", "code", "tools")
"""Folders of the engine whose sentences for people are in the catalogue."""

FOR_SCRIPTS = "agentchat"
"""A folder whose ValueErrors are for programmers, in AutoGen's own words; the other errors' sentences are in the catalogue."""

SHOWN = {
    *("Noticed", "Told", "Retrying", "Choice", "Met", "StopRun", "Finish", "QuestionAsked", "CodeFinished", "ErrorHappened", "RunFinished"),
    *("SpeakerChosen", "SelectionRejected", "MessageSaid", "HandedOff", "LedgerWritten", "PartialSaid", "SourceMistake"),
    *("Unusable", "add_line", "_say"),
    *("ValueError", "PydanticCustomError", "print", "input"),
}
"""What is called with words that people see, besides the errors that write sentences."""

FOR_MODELS = {"CallFailed": "a tool's answer to the model that called it, which reads it and goes on: a part of their conversation"}
"""Errors whose sentences no person is told, and why."""

NOT_FOR_PEOPLE = {
    "code/arguments.py": {"{} is not JSON": "told to the model that called"},
    "code/jobs.py": {"no report": "ends in its own function"},
    "models/listing.py": {"no list of models": "becomes the sentence that the answer is none of a model"},
    "expressions.py": {"too long": "ends a calculation: the condition does not hold"},
    "tools/video.py": {"This is a picture of the video '{}' at {} seconds. Say what you see here.": "asks a model"},
    "tools/browser_functions.py": {"The page '{}' at {} says:\n\n{}\n\nThe question: {}": "asks a model"},
    "agents/code_turn.py": {"exitcode: {} ({})\nCode output: {}": "how AutoGen 0.2 told models what came of their code"},
}
"""Literals that stand where words for people could, by file, and why they may."""


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ENGINE.glob("*.py") if room == "." else (ENGINE / room).rglob("*.py")))


def asked(tree: ast.AST) -> Iterator[tuple[ast.Call, list[str]]]:
    """Every call that asks for a text, with the keys that it can have; none where the key is looked up in a table of keys."""
    if not any(isinstance(node, ast.ImportFrom) and node.module == "studio.texts" for node in nodes(tree)):
        return
    for node in nodes(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("text", "counted"):
            key = node.args[0]
            keys = [key.body, key.orelse] if isinstance(key, ast.IfExp) else [key]
            yield node, [str(each.value) for each in keys if isinstance(each, ast.Constant)]


def written_keys(tree: ast.AST) -> Iterator[str]:
    """Every key of the engine's texts that stands in a module; one that is put together as a pattern, with * for the rest."""
    for node in nodes(tree):
        said = literal(node)
        if said is not None and said.startswith("engine.") and not said.endswith("."):
            yield re.sub(r"\{\}", "*", said)


def tails_of(tree: ast.AST) -> Iterator[str]:
    """What is hung onto keys that are held in variables: `text(f"{key}.remedy")`."""
    for call, _ in asked(tree):
        said = literal(call.args[0])
        if said is not None and said.startswith("{}.") and "{" not in said[2:]:
            yield said[3:]


def facts_in(said: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(said) if name is not None}


def test_every_text_that_the_engine_asks_for_is_in_the_catalogue_with_just_its_facts() -> None:
    wrong = []
    for path in ENGINE.rglob("*.py"):
        for call, keys in asked(parsed(path)):
            facts, counts = {str(each.arg) for each in call.keywords}, called(call) == "counted"
            if any(each.arg is None for each in call.keywords):
                keys = []  # facts that several texts share, each of which tells some of them
            for key in keys:
                forms = [f"{key}.other", f"{key}.one"] if counts else [key]
                said = [catalogue()[form] for form in forms if form in catalogue()]
                unasked = any(facts_in(each) - facts - ({"count"} if counts else set()) for each in said)
                unsaid = facts - set().union(*map(facts_in, said))
                if forms[0] not in catalogue() or unsaid or unasked:
                    wrong.append((path.relative_to(ENGINE).as_posix(), key))
    assert wrong == []


def at_import(node: ast.AST) -> Iterator[ast.Call]:
    """The calls that are made when a module is imported: all but those in the bodies of functions."""
    for name, value in ast.iter_fields(node):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and name == "body":
            continue
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, ast.Call):
                yield inner
            if isinstance(inner, ast.AST):
                yield from at_import(inner)


def test_no_text_is_looked_up_while_the_engine_is_imported() -> None:
    asking = {path.relative_to(ENGINE).as_posix(): {call for call, _ in asked(parsed(path))} for path in ENGINE.rglob("*.py")}
    early = [name for name, calls in asking.items() if calls and any(call in calls for call in at_import(parsed(ENGINE / name)))]
    assert early == []
    assert len(list(at_import(ast.parse('a = text("x")\ndef f(b=text("x")):\n    return text("x")')))) == 2


def test_the_catalogue_and_the_engine_have_the_same_keys() -> None:
    written = {key for path in ENGINE.rglob("*.py") for key in written_keys(parsed(path)) if not key.startswith("engine.*")}
    there = {key.removesuffix(".one").removesuffix(".other") for key in catalogue() if key.startswith("engine.")}
    there |= {key for key in catalogue() if key.startswith("engine.")}
    assert sorted(key for key in written if not fnmatch.filter(there, key)) == []
    tails = {"." + tail for path in ENGINE.rglob("*.py") for tail in tails_of(parsed(path))}
    whole = [*written, *(key + tail for key in written for tail in tails), *(key + form for key in written for form in (".one", ".other"))]
    asked_for = re.compile("|".join(fnmatch.translate(key) for key in whole))
    assert sorted(key for key in catalogue() if key.startswith("engine.") and not asked_for.fullmatch(key)) == []


def test_no_sentence_for_people_is_written_out_in_the_engine() -> None:
    assert {each.parent.name for each in ENGINE.glob("*/*.py")} == {*ROOMS, FOR_SCRIPTS} - {"."}
    told = errors(ENGINE.rglob("*.py")) - FOR_MODELS.keys()
    rooms = ((ROOMS, told | SHOWN), ((FOR_SCRIPTS,), told | {"Choice"}))
    found = [
        (path.relative_to(ENGINE).as_posix(), line, said)
        for folders, family in rooms
        for path in modules(*folders)
        for line, said in sentences(parsed(path), family)
        if said not in NOT_FOR_PEOPLE.get(path.relative_to(ENGINE).as_posix(), {})
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        'raise FlowError(name, "has no model.")',
        'raise FlowError(name, text("engine.x"), f"Give {name} one.")',
        'def step():\n    why = f"next after {last}" if last else "first"\n    return Choice(last, why, "kind")',
        'class Gone(ConveneError):\n    def __init__(self, name):\n        super().__init__(f"{name} is gone.")',
        'Noticed(source=name, text="Attempt failed: " + f"{why} and so on")',
        'def needs_consent(self):\n    """What is asked."""\n    return f"Start {self.program} here?"',
    ],
)
def test_a_sentence_that_is_written_out_is_found(source: str) -> None:
    assert list(sentences(ast.parse(source), {"FlowError", "ConveneError", "Choice", "Noticed"}))


def test_what_is_no_sentence_is_not_taken_for_one() -> None:
    source = 'FlowError(name, text("engine.run.stuck"), f"{type(mistake).__name__}: {mistake}")\nCallModel("two words", "and more of them")'
    assert list(sentences(ast.parse(source), {"FlowError"})) == []


def test_things_are_counted_in_the_form_of_their_number() -> None:
    assert counted("engine.stop.most_turns", 1, team="crew") == "1 turn was taken, the most that crew may take"
    assert counted("engine.stop.most_turns", 3, team="crew") == "3 turns were taken, the most that crew may take"
    with pytest.raises(KeyError):
        text("engine.nobody_wrote_this")
