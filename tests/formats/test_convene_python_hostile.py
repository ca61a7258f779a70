"""Programs that were broken, or written to do harm: a clear error or a report, in bounded time, and nothing is run."""

from __future__ import annotations

import io
import random
import time
import zipfile
from pathlib import Path

import pytest

from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument
from studio.flow.findings import ForeignFileError
from studio.formats.convene_python.file import to_file
from studio.formats.convene_python.project import to_zip
from studio.formats.convene_python.read import from_python
from studio.formats.convene_python.write import to_python
from studio.formats.recognise import read_bytes
from studio.library.templates import template, templates

HEAD = "from studio.engine import Assistant, FunctionTool, MaxTurns, OpenAIModel, Team, TextMention, console\n"


def flow_of(name: str) -> FlowDocument:
    found = template(name)
    assert found is not None
    return found.document


def codes(source: str, base: FlowDocument | None = None) -> dict[str, int | None]:
    """The finding codes of a program with their lines."""
    return {finding.code: finding.place.line for finding in from_python(source, base).report.findings}


def test_nothing_of_a_program_is_run(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    source = f"""{HEAD}import os
open({str(witness)!r}, "w").write("x")
os.system("touch {witness}")
__import__("pathlib").Path({str(witness)!r}).touch()
class Trap(type(lambda: 0)):
    print(open({str(witness)!r}, "w"))
def tool(x: int = os.system("touch {witness}")) -> str:
    return ""
ann = Assistant(name="ann", tools=[tool], description=f"{{open({str(witness)!r}, 'w')}}")
team = Team(participants=[ann])
console(team)
"""
    read = from_python(source)
    assert not witness.exists()
    assert [node.name for node in read.document.nodes if node.kind == "assistant"] == ["ann"]
    assert {finding.place.line for finding in read.report.findings} >= {3, 4, 5, 10}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("ann = Assistant(name='ann', model=make_model())", "program_unsure"),
        ("ann = Assistant(name='ann', description=input())", "program_unsure"),
        ("ann = Assistant(name='ann', wings=2)", "program_field"),
        ("ann = Assistant('ann')", "program_positional"),
        ("ann = Assistant(name='ann', max_tool_rounds='many')", "program_invalid"),
        ("ann = Assistant(name='ann', tools=[lambda x: x])", "program_lambda"),
        ("ann = Assistant(name='ann', tools=[5])", "program_unsure"),
        ("ann = Assistant(name='ann', model=OpenAIModel(model=os.getenv('MODEL')))", "program_setting"),
        ("ann = Assistant(name='ann', system_message=f'Today is {now()}.')", "program_text"),
        ("ann = Assistant(name='ann'); ann.description = 'x'", "program_frozen"),
        ("ann = Assistant(name='ann'); launch(ann)", "program_call"),
        ("ann = Assistant(name='ann'); spare = OpenAIModel(model='m')", "program_unused"),
        ("ann = Assistant(name='ann')  # a thought", "program_comment"),
    ],
)
def test_what_is_not_understood_is_said_with_its_line(line: str, code: str) -> None:
    source = f"import os\n{HEAD}\n{line}\nteam = Team(participants=[ann], stop=MaxTurns(max_turns=3))\n\nconsole(team)\n"
    assert codes(source).get(code) == 4


def test_a_value_that_only_running_would_tell_leaves_the_canvas_as_it_was() -> None:
    flow = flow_of("research-with-tools")
    read = from_python(to_python(flow).text.replace('description="writes the short report"', "description=ask()"), flow)
    assert read.document == flow
    [finding] = [each for each in read.report.findings if each.level == "decision"]
    assert (finding.code, finding.nodes) == ("program_unsure", ("n_writer",))


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 1",
        HEAD,
        f"{HEAD}ann = Assistant(name='ann')\n",
        "def broken(:",
        f"{HEAD}team = Team(",
        "\x00",
        "(" * 5_000,
        f"{HEAD}x = " + "-" * 50_000 + "1",
        "a" * 600_000,
        f"{HEAD}team = Team(participants=[])\nteam.participants.append(team)\n" * 2,
        f"{HEAD}def f(): return f()\nTeam(participants=f())\n",
        f"{HEAD}x = [0]\nfor a in x: x.append(a)\nTeam(participants=x)",
        f"{HEAD}x = 'a' * 10**9\nTeam(name=x, participants=[])",
        f"{HEAD}x = Team(participants=[x])",
        f"{HEAD}Team(participants=[Assistant(name=f'a{{n}}') for n in range(2500)])",
        f"{HEAD}Team(participants=[Assistant(name='a' * 5000)])",
        f"{HEAD}Team(participants=[Assistant(name='a')], stop=TextMention(text=float('nan')))",
        f"{HEAD}Team(participants=[Assistant(name='a')], variables={'[' * 45}{']' * 45})",
    ],
)
def test_a_program_that_is_none_is_refused_or_reported(source: str) -> None:
    began = time.monotonic()
    assert told(source)
    assert time.monotonic() - began < 5


def told(source: str, base: FlowDocument | None = None) -> bool:
    """Whether a program is refused with a sentence, or read with something to say about it."""
    try:
        read = from_python(source, base)
    except ConveneError as error:
        return bool(error.sentence)
    assert FlowDocument.model_validate_json(read.document.model_dump_json()) == read.document
    return bool(read.report.findings)


def test_texts_that_were_cut_and_mixed_break_nothing() -> None:
    flows = [flow_of(name) for name in ("research-with-tools", "engineering-team", "experts-on-call", "article-in-chats")]
    texts = [to_file(flow) for flow in flows] + [to_python(flow).text for flow in flows]
    chance = random.Random(7)
    began = time.monotonic()
    for _ in range(400):
        source = list(chance.choice(texts).splitlines(keepends=True))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(source))
            match chance.randrange(5):
                case 0:
                    del source[at : at + chance.randint(1, 12)]
                case 1:
                    source.insert(at, chance.choice(chance.choice(texts).splitlines(keepends=True)))
                case 2:
                    line = source[at]
                    cut = chance.randrange(len(line) + 1)
                    source[at] = line[:cut] + chance.choice(["", "(", "None", "'", "\\", "é", "[x]", "0"]) + line[cut + 1 :]
                case 3:
                    other = chance.randrange(len(source))
                    source[at], source[other] = source[other], source[at]
                case _:
                    source = source[: max(at, 1)]
            source = source or ["\n"]
        told("".join(source), chance.choice([None, *flows]))
    assert time.monotonic() - began < 60


def test_a_last_line_that_is_too_deep_or_too_large_changes_nothing_that_is_kept() -> None:
    flow = flow_of("debate")
    deep = "[" * 600 + "]" * 600
    line = f'# convene: {{"v":1,"nodes":[{{"id":"n","kind":"note","name":"","at":[0,0],"config":{{"text":{deep}}}}}],"edges":[]}}'
    for each in (line, f"# convene: {'x' * 2_100_000}"):
        read = from_python(f"{to_python(flow).text}\n{each}\n")
        assert [finding.code for finding in read.report.findings] == ["program_line"]
        assert to_python(read.document).text == to_python(flow).text


@pytest.mark.parametrize("name", [each.id for each in templates()])
def test_a_project_comes_back_from_its_zip_file(name: str) -> None:
    flow = flow_of(name)
    [imported] = read_bytes(to_zip(flow)).flows
    assert imported.document == flow
    assert imported.report.findings == ()


def test_an_edited_tool_of_a_project_comes_back_and_findings_name_their_file() -> None:
    flow = flow_of("research-with-tools")
    with zipfile.ZipFile(io.BytesIO(to_zip(flow))) as project:
        files = {name: project.read(name).decode() for name in project.namelist()}
    path = next(name for name in files if name.endswith("tools/weight_on.py"))
    files[path] = files[path].replace("9.81", "GRAVITY / 1.0")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    [imported] = read_bytes(buffer.getvalue()).flows
    assert [node.id for node in imported.document.nodes if node != flow.node(node.id)] == ["n_weight"]
    [finding] = imported.report.findings
    assert finding.code == "program_missing"
    assert finding.place.pointer == "tools/weight_on.py"
    assert files[path].splitlines()[finding.place.line - 1].startswith("def weight_on")


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_py", ".py"), content)
    return buffer.getvalue()


def packed_oddly(program: bytes) -> bytes:
    """With a dictionary of 4 GB, as it says."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("main.py", program)
    data = bytearray(buffer.getvalue())
    place = data.index(b"main.py") + 12
    data[place : place + 4] = b"\xff" * 4
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\x00" * 300,
        zipped(other_py=b"x = 1"),
        zipped(main_py=b"\xff\xfe\x00"),
        zipped(main_py=b"#" * 5_000_000),
        zipped(main_py=b"x = 1"),
        to_zip(flow_of("debate"))[:-40],
        zipped(**{f"f{number}": b"" for number in range(2_100)}),
        zipped(**{f"f{number}" * 40: b"" for number in range(12_000)}),
        packed_oddly(b"x = 1"),
    ],
    ids=["cut", "zeros", "other", "no text", "bomb", "no flow", "no end", "many files", "a long list", "odd packing"],
)
def test_a_zip_file_without_a_program_is_refused(data: bytes) -> None:
    with pytest.raises(ForeignFileError) as caught:
        read_bytes(data)
    assert caught.value.sentence
