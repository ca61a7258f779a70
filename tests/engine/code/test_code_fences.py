"""Code blocks of messages: every way that models fence code, and properties that hold for any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import within

from studio.engine.code.fences import code_blocks, fenced, foreign_languages, runnable_blocks, without_filename_line
from studio.engine.code.languages import guessed_language, language_named, quiet_installs
from studio.engine.events import CodeBlock


def read(text: str, **options: bool) -> list[tuple[str, str]]:
    return [(block.language, block.code) for block in code_blocks(text, **options)]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("Here:\n```python\nprint(1)\n```\ndone", [("python", "print(1)")]),
        ("```python\nprint(1)\n```\ntext\n```sh\nls\n```", [("python", "print(1)"), ("sh", "ls")]),
        ("~~~python\nprint(1)\n~~~", [("python", "print(1)")]),
        ("```python\r\nprint(1)\r\nprint(2)\r\n```\r\n", [("python", "print(1)\nprint(2)")]),
        ("```  Python3  \nprint(1)\n```", [("python", "print(1)")]),
        ("```py title='x' linenos\nprint(1)\n```", [("python", "print(1)")]),
        ("```{.python .numberLines}\nprint(1)\n```", [("python", "print(1)")]),
        ("```{python}\nprint(1)\n```", [("python", "print(1)")]),
        ("```Shell\nls\n```\n```bash\nls\n```", [("sh", "ls"), ("bash", "ls")]),
        ("````markdown\n```python\nprint(1)\n```\n````", [("markdown", "```python\nprint(1)\n```")]),
        ("```python\ntext = '''\n~~~\n'''\n```", [("python", "text = '''\n~~~\n'''")]),
        ("```python\nx = 1\n`````", [("python", "x = 1")]),
        ("~~~~\n~~~\nx = f()\n~~~~", [("", "~~~\nx = f()")]),
        ("1. Do this:\n   ```python\n   if x:\n       f()\n   ```", [("python", "if x:\n    f()")]),
        ("- a\n      ```sh\n      ls\n      ```", [("sh", "ls")]),
        ("\t```sh\n\tls\n\t```", [("sh", "ls")]),
        ('```python\ns = """\n        ```\n"""\n```', [("python", 's = """\n        ```\n"""')]),
        ("```c++\nint x;\n```", [("c++", "int x;")]),
        ("```JS\nx\n```", [("javascript", "x")]),
        ("``` \nprint(1)\n```", [("python", "print(1)")]),
        ("```\n$$$ no language\n```", [("", "$$$ no language")]),
        ("```python\n```", [("python", "")]),
        ("```python\n\n```", [("python", "")]),
    ],
)  # fmt: skip
def test_blocks_are_found_with_their_language(text: str, blocks: list[tuple[str, str]]) -> None:
    assert read(text) == blocks


@pytest.mark.parametrize("text", ["", "no code", "inline ```code``` here", "``not a fence``\nx\n``", "```print(1)```", "`` `\nx"])
def test_text_without_fences_has_no_blocks(text: str) -> None:
    assert read(text) == []


def test_a_fence_that_never_closes_counts_only_when_asked() -> None:
    text = "```python\nprint(1)\nprint(2)"
    assert read(text) == []
    assert read(text, unterminated=True) == [("python", "print(1)\nprint(2)")]
    assert read("done\n```sh\nls\n```", unterminated=True) == [("sh", "ls")]


def test_a_shorter_fence_or_one_of_the_other_mark_does_not_close() -> None:
    assert read("````python\na = 1\n```\n~~~~\nb = 2\n````") == [("python", "a = 1\n```\n~~~~\nb = 2")]


@pytest.mark.parametrize(
    ("text", "filename"),
    [
        ("```python\n# filename: a/b.py\nx = 1\n```", "a/b.py"),
        ("```python\n#filename:a.py\n```", "a.py"),
        ("```js\n// Filename: `app.js`\nx\n```", "app.js"),
        ("```html\n<!-- filename: index.html -->\n<p>\n```", "index.html"),
        ("```css\n/* filename: a.css */\np {}\n```", "a.css"),
        ("```sql\n-- filename: q.sql\nselect 1\n```", "q.sql"),
        ("```python filename=x.py\nx = 1\n```", "x.py"),
        ('```python title="t" filename="my file.py"\nx = 1\n```', "my file.py"),
        ("```python\nx = 1\n# filename: late.py\n```", None),
        ("```python\n# filename:\nx = 1\n```", None),
        ("```python\nprint('# filename: x.py')\n```", None),
    ],
)
def test_the_first_line_or_an_attribute_can_name_the_file(text: str, filename: str | None) -> None:
    assert code_blocks(text)[0].filename == filename


def test_an_attribute_alone_is_no_language() -> None:
    block = code_blocks("```filename=x.py\nimport os\n```")[0]
    assert (block.language, block.filename) == ("python", "x.py")


def test_the_line_that_names_a_file_can_be_taken_off() -> None:
    assert without_filename_line("// filename: a.json\n{}") == "{}"
    assert without_filename_line("{}\n// filename: a.json") == "{}\n// filename: a.json"
    assert without_filename_line("# filename: a.json") == "# filename: a.json"


def test_only_blocks_that_run_or_are_saved_are_runnable() -> None:
    text = "```python\nprint(1)\n```\n```json\n{}\n```\n```sh\n\n```\n```html\n<!-- filename: a.html -->\n```\n```pwsh\nls\n```\n```css\np {}\n```\n```\nhello world\n```"
    assert [block.language for block in runnable_blocks(text)] == ["python", "html", "pwsh", "css"]


def test_programs_that_nobody_runs_are_named_and_what_is_no_program_is_not() -> None:
    foreign = "```ruby\nputs 1\n```\n```json\n{}\n```\n```output\n1\n```\n```Go\nfunc f() {}\n```\n```ruby\nputs 2\n```\n```rust\n```"
    assert foreign_languages(foreign) == ("ruby", "go")
    assert runnable_blocks(foreign) == ()
    assert foreign_languages("```ruby\n# filename: a.rb\nputs 1\n```\n```python\n1\n```\n```\nwords\n```") == ()
    together = runnable_blocks("```ruby\nputs 1\n```\n```json\n{}\n```\n```python\nprint(1)\n```")
    assert [block.language for block in together] == ["ruby", "python"], "the executor says which it passes over"


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("print('x')", "python"),
        ("import os", "python"),
        ("x = 1", "python"),
        ("def f():\n    pass", "python"),
        ("# a comment\nfor i in range(3):\n    print(i)", "python"),
        ("ls", "sh"),
        ("pip install numpy", "sh"),
        ("# set up\npip install numpy\npython main.py", "sh"),
        ("cd /tmp && ls -la", "sh"),
        ("./run.sh --now", "sh"),
        ("#!/bin/bash\nfoo", "bash"),
        ("#!/usr/bin/env python3\nfoo", "python"),
        ("#!/usr/bin/perl\nfoo", ""),
        ("sort = 3", "python"),
        ("find(x)", "python"),
        ("cat.meow()", "python"),
        ("hello", ""),
        ("hello world", ""),
        ("a, b, c", ""),
        ("Result: 42", ""),
        ("3", ""),
        ('{"a": 1}', ""),
        ("", ""),
        ("x = (", ""),
        ("\0", ""),
        ("(" * 10_000, ""),
        ("x = 1\n" * 100_000, ""),
    ],
)
def test_a_language_is_guessed_only_where_it_is_plain(code: str, language: str) -> None:
    assert guessed_language(code) == language


@pytest.mark.parametrize(
    ("word", "name"),
    [("PY", "python"), ("python3.12", "python"), ("pyx", "pyx"), ("Shell", "sh"), ("BASH", "bash"), ("ps1", "pwsh"), ("Rust", "rust")],
)
def test_a_language_has_one_name(word: str, name: str) -> None:
    assert language_named(word) == name


def test_guessing_executes_nothing(tmp_path: object) -> None:
    victim = f"{tmp_path}/victim"
    code_blocks(f"```\n__import__('os').mkdir({victim!r})\nopen({victim + '2'!r}, 'w')\n```")
    assert list(tmp_path.iterdir()) == []  # type: ignore[attr-defined]


LINES = st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=30)
BLOCKS = st.builds(
    lambda language, lines: CodeBlock(language=language, code="\n".join(lines)),
    st.sampled_from(["python", "sh", "bash", "json", "c++", "javascript"]),
    st.lists(LINES | st.sampled_from(["```", "````python", "~~~", "  ```", "`````"]), max_size=8),
)


@given(st.lists(BLOCKS, max_size=5))
def test_fenced_blocks_are_read_back_as_they_were(blocks: list[CodeBlock]) -> None:
    found = [(block.language, block.code) for block in code_blocks("intro\n\n" + fenced(tuple(blocks)) + "\n\noutro")]
    assert found == [(block.language, block.code) for block in blocks]


@given(st.text(st.sampled_from("`~ \n\r\tpx#") | st.characters(), max_size=300), st.booleans())
def test_any_text_can_be_read_and_blocks_hold_only_lines_of_it(text: str, unterminated: bool) -> None:
    lines = {line.removesuffix("\r").lstrip(" \t") for line in text.split("\n")}
    for block in code_blocks(text, unterminated=unterminated):
        assert all(line.lstrip(" \t") in lines for line in block.code.split("\n") if line)


@given(st.lists(BLOCKS, max_size=4))
def test_line_ends_do_not_matter(blocks: list[CodeBlock]) -> None:
    text = fenced(tuple(blocks))
    assert code_blocks(text) == code_blocks(text.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    "text", ["```\n" * 60_000, "`" * 400_000, "~~~x\n" * 50_000, "```" + " " * 400_000, "# filename: " + " " * 200_000]
)
def test_hostile_text_is_read_quickly(text: str) -> None:
    began = time.monotonic()
    code_blocks(text, unterminated=True)
    assert time.monotonic() - began < within(5)


@pytest.mark.parametrize(
    ("line", "quiet"),
    [
        ("pip install pandas", "pip install -qq pandas"),
        ("  pip3 install -U pandas", "  pip3 install -qq -U pandas"),
        ("python3 -m pip install x", "python3 -m pip install -qq x"),
        ("pip install -q x", "pip install -q x"),
        ("pip list", "pip list"),
        ("echo pip install x", "echo pip install x"),
    ],
)
def test_installing_is_quiet_but_for_errors(line: str, quiet: str) -> None:
    assert quiet_installs(f"cd x\n{line}\nls") == f"cd x\n{quiet}\nls"
    assert quiet_installs(line, notebook=True) == line
    assert quiet_installs(f"!{line}", notebook=True) == f"!{quiet}"
