"""A flow as a project to take home: the program, what it needs, which keys it reads, and how to run it."""

from __future__ import annotations

import io
import re
import shlex
import unicodedata
import zipfile

from studio import __version__
from studio.engine.models.accounts import variable_prefix
from studio.engine.models.base import Model
from studio.engine.teams.team import Team
from studio.engine.tools.base import Tool
from studio.engine.tools.python_tool import PythonTool
from studio.flow.document import FlowDocument
from studio.flow.resolve import resolve
from studio.formats.convene_python.file import to_file
from studio.formats.convene_python.write import to_python
from studio.formats.python_text.walk import inner_first, parts

_TAKEN = frozenset({"con", "convene-studio", "aux", "nul", "prn", "studio", "test"})
"""Names that a package or a folder cannot have: our own, and those that Windows keeps for itself."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold: the same flow always gives the same bytes."""


def to_zip(document: FlowDocument) -> bytes:
    """A zip file with one folder: pyproject.toml, main.py, .env.example and README.md. Raises FlowError."""
    team, program = resolve(document), to_python(document).text
    folder = _slug(document.name)
    files = {
        "README.md": _readme(document, team, program),
        "main.py": to_file(document),
        "pyproject.toml": _pyproject(document, folder),
        ".env.example": _env_example(_accounts(team)),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(f"{folder}/{name}", _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content.encode())
    return buffer.getvalue()


def _pyproject(document: FlowDocument, name: str) -> str:
    return "\n".join(
        [
            "[project]",
            f"name = {_toml(name)}",
            'version = "0.1.0"',
            f"description = {_toml(_line(document.description)[:500] or _line(document.name))}",
            'readme = "README.md"',
            'requires-python = ">=3.11"',
            f"dependencies = [{_toml(_requirement())}]",
            "",
        ]
    )


def _env_example(accounts: list[str]) -> str:
    if not accounts:
        return "# This flow needs no key: no model server is asked.\n"
    lines = ["# Copy this file to .env and fill it in. Keys belong here, never into main.py."]
    for prefix in map(variable_prefix, accounts):
        lines += ["", f"{prefix}_API_KEY=", "# Only for a server other than OpenAI's, and for agents that name no model:"]
        lines += [f"# {prefix}_BASE_URL=http://127.0.0.1:11434/v1", f"# {prefix}_MODEL="]
    return "\n".join(lines) + "\n"


def _readme(document: FlowDocument, team: Team, program: str) -> str:
    accounts = _accounts(team)
    task = shlex.quote(_line(document.sample_tasks[0]) if document.sample_tasks else "What the team should do")
    prepared = "Copy `.env.example` to `.env` and enter your keys there. Then, with uv:" if accounts else "With uv:"
    paragraphs = [
        f"# {_line(document.name) or 'A flow'}",
        document.description.strip(),
        f"The whole conversation is in `main.py`: {_listed([agent.name for agent in team.participants])}.",
        "## Run it",
        prepared,
        f"```\nuv run {'--env-file .env ' if accounts else ''}main.py {task}\n```",
        "or with pip:",
        f"```\npip install {_requirement()}\n{'set -a; . ./.env; set +a' + chr(10) if accounts else ''}python main.py {task}\n```",
    ]
    if _runs_code(team, program):
        paragraphs.append(
            "This flow runs code. It does so in Docker where Docker answers; otherwise you are asked before anything runs on your machine."
        )
    if len(document.sample_tasks) > 1:
        paragraphs += ["## Tasks to try", "\n".join(f"- {_line(each)}" for each in document.sample_tasks)]
    paragraphs += [
        "With `CONVENE_EVENTS=events.jsonl` in the environment everything that happens is also written to that file, an event a line."
    ]
    return "\n\n".join(each for each in paragraphs if each) + "\n"


def _runs_code(team: Team, program: str) -> bool:
    """Whether something in the program needs an executor; tools that became functions of the file need none."""
    owners = [component for component in inner_first(team) if not isinstance(component, Tool)]
    return f"{PythonTool.__name__}(" in program or any(part.category == "executor" for owner in owners for part in parts(owner))


def _accounts(team: Team) -> list[str]:
    """The model accounts that the team names, each once."""
    named = (getattr(component, "account", None) for component in inner_first(team) if isinstance(component, Model))
    return sorted({account for account in named if isinstance(account, str) and account})


def _requirement() -> str:
    return f"convene-studio=={__version__}"


def _slug(name: str) -> str:
    """A name that folders and packages may have everywhere: ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return f"flow-{slug}".strip("-") if not slug or slug in _TAKEN else slug


def _line(text: str) -> str:
    return " ".join(text.split())


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _toml(text: str) -> str:
    """A basic string of TOML."""
    visible = "".join(character for character in text if character.isprintable())
    return '"' + visible.replace("\\", "\\\\").replace('"', '\\"') + '"'
