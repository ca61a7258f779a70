"""A flow as a project on our own engine: the program with its canvas line, which keys it reads, and a test that plays it offline."""

from __future__ import annotations

from studio.engine.models.accounts import variable_prefix
from studio.engine.models.presets import Preset, preset_named
from studio.engine.teams.team import Team
from studio.engine.tools.base import Tool
from studio.engine.tools.python_tool import PythonTool
from studio.flow.document import FlowDocument
from studio.flow.resolve import resolve
from studio.formats.convene_python.document_files import FOLDER, apart
from studio.formats.convene_python.file import to_file
from studio.formats.convene_python.kept import kept_in, without
from studio.formats.convene_python.losses import kept
from studio.formats.convene_python.smoke_test import smoke_test
from studio.formats.python_text.project import Project, zipped
from studio.formats.python_text.walk import inner_first, parts
from studio.texts import text


def to_zip(document: FlowDocument) -> bytes:
    """A zip file with one folder: the program, its tools, what it needs, a Dockerfile, a README and a smoke test. Raises FlowError."""
    team, program = resolve(without(document, kept_in(document))), to_file(document)
    lost = [finding.text for finding in kept(document)]
    notes = (*lost, *((text("export.project.runs_code"),) if _runs_code(team, program) else ()), text("export.project.events"))
    found = apart(program)
    files = {f"{FOLDER}/{name}": content for name, content in found.files.items()}
    smoke, env = smoke_test(" ".join(lost)), _env_example(_accounts(team))
    return zipped(Project(document, "convene", found.program, smoke, env, notes, files))


def _env_example(accounts: list[str]) -> str:
    if not accounts:
        return ""
    lines = [f"# {text('export.project.env')}"]
    for account in accounts:
        lines += ["", *_variables(variable_prefix(account), preset_named(account))]
    return "\n".join(lines) + "\n"


def _variables(prefix: str, preset: Preset | None) -> list[str]:
    """The lines of an account: what it cannot do without is to be filled in, all else is a comment."""
    if preset is None or preset.id == "openai":
        rest = [f"# {text('export.project.other_server')}", f"# {prefix}_BASE_URL=http://127.0.0.1:11434/v1", f"# {prefix}_MODEL="]
        return [f"{prefix}_API_KEY=", *rest]
    if not preset.base_url:
        return [f"{preset.keys[0]}=", f"{preset.urls[0]}=", f"# {text('export.project.no_model')}", f"# {prefix}_MODEL={preset.model}"]
    key = f"{prefix}_API_KEY="
    usual = [f"# {text('export.project.env.usual')}", f"# {prefix}_BASE_URL={preset.base_url}", f"# {prefix}_MODEL={preset.model}"]
    return [*usual, f"# {key}"] if preset.local else [key, *usual]


def _runs_code(team: Team, program: str) -> bool:
    """Whether something in the program needs an executor; tools that became functions of the file need none."""
    owners = [component for component in inner_first(team) if not isinstance(component, Tool)]
    return f"{PythonTool.__name__}(" in program or any(part.category == "executor" for owner in owners for part in parts(owner))


def _accounts(team: Team) -> list[str]:
    """The accounts that the team names, for its models and for what its tools and memories ask, each once."""
    named = (getattr(component, "account", None) for component in inner_first(team))
    return sorted({account for account in named if isinstance(account, str) and account})
