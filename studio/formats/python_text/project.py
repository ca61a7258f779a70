"""A program as a project to take home: its tools as modules, what it needs, which keys it reads, a container, and a smoke test."""

from __future__ import annotations

import ast
import io
import re
import shlex
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from studio.engine.parsing import parsed
from studio.flow.document import FlowDocument
from studio.flow.findings import Finding
from studio.flow.held import functions as functions_in
from studio.formats.python_text.modules import PACKAGE, split
from studio.formats.python_text.requirements import FRAMEWORKS, requirements
from studio.formats.python_text.smoke import FILE, NEEDS_DOCKER, scripted_smoke_test
from studio.texts import text

PYTHON = "3.12"
"""The version in the container."""

_TAKEN = frozenset({"con", "convene-studio", "aux", "nul", "prn", "studio", "test", "autogen", "ag2", "agent-framework", "tools"})
"""Names that a package or a folder cannot have: those of frameworks, and those that Windows keeps for itself."""

CLASSES: Mapping[str, tuple[str, ...]] = {"agent-framework": ("CodeExecutor",)}
"""Classes that a program brings along where its framework has nothing like them, by the target: modules of their own in a project."""

TYPES: Mapping[str, str] = {"convene": '\n[tool.mypy]\nplugins = ["pydantic.mypy"]\n'}
"""What a type checker must know of a framework: ours takes lists and functions where it keeps tuples and tools."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold: the same flow always gives the same bytes."""


_SILENT: Mapping[str, str] = {r"OpenAI\w*Client": "OPENAI_API_KEY", r"Anthropic\w*Client": "ANTHROPIC_API_KEY"}
"""The variables that clients which are told no key look for by themselves, by their class."""

_INSIDE: Mapping[str, str] = {r'\("USE_DOCKER"\)': "USE_DOCKER=0", r"\bcode_execution_config={": "AUTOGEN_USE_DOCKER=0"}
"""What has code run where the program runs, by what the program says: a container holds no engine that could make another one."""


@dataclass(frozen=True, slots=True)
class Project:
    """`program` is the whole program as one text; `smoke` its test; `notes` stand in the README.

    `env` is the content of `.env.example`, empty where no key is needed; `files` are others that the program reads, by their path.
    """

    document: FlowDocument
    target: str
    program: str
    smoke: str
    env: str
    notes: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def zipped(project: Project) -> bytes:
    """A zip file with one folder; the same project always gives the same bytes. Raises FormatterMissing."""
    folder = slug(project.document.name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in _files(project, folder).items():
            entry = zipfile.ZipInfo(f"{folder}/{name}", _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content.encode("utf-8", "replace"))
    return buffer.getvalue()


def project_of(document: FlowDocument, target: str, program: str, losses: Iterable[Finding]) -> bytes:
    """The project of a program for another framework, with what it cannot express in its README. Raises FormatterMissing."""
    variables = environment_variables(program)
    stops = [str(node.config.get("text", "")) for node in document.nodes if node.kind == "text_mention"]
    told = [f"- {finding.text}" for finding in losses]
    notes = (f"## {text('export.project.differs')}", "\n".join(told)) if told else ()
    env = _env_example(variables) if variables else ""
    return zipped(Project(document, target, program, scripted_smoke_test(program, variables, stops), env, notes))


def environment_variables(program: str) -> dict[str, str | None]:
    """The names that a program looks up in its environment, sorted, with what it takes without them; None where it cannot do without."""
    needed, usual = set(), {}
    for node in ast.walk(parsed(program)):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name))):
                needed.add(name)
            case ast.Call(
                func=ast.Attribute(attr="getenv") | ast.Attribute(value=ast.Attribute(attr="environ")),
                args=[ast.Constant(value=str(name)), *rest],
            ):
                usual[name] = line(rest[0].value) if rest and isinstance(rest[0], ast.Constant) and isinstance(rest[0].value, str) else ""
            case ast.Call(func=ast.Name(id=client), keywords=said) if not any(each.arg == "api_key" for each in said):
                needed |= {name for pattern, name in _SILENT.items() if re.fullmatch(pattern, client)}
    if re.search(r'_config\w* = {\s*"model":', program):
        needed.add("OPENAI_API_KEY")
    found = {**usual, **dict.fromkeys(needed)}
    return {name: found[name] for name in sorted(found) if re.fullmatch(r"[A-Z][A-Z0-9_]*", name)}


def _env_example(variables: Mapping[str, str | None]) -> str:
    lines = [f"# {text('export.project.env')}", *(f"{name}=" for name, usual in variables.items() if usual is None)]
    usual = [f"# {name}={value}" for name, value in variables.items() if value is not None]
    return "\n".join([*lines, *(["", f"# {text('export.project.env.usual')}", *usual] if usual else []), ""])


def _files(project: Project, folder: str) -> Mapping[str, str]:
    functions = [*CLASSES.get(project.target, ()), *(name for node in project.document.nodes for name, _ in functions_in(node))]
    parts = split(project.program, functions)
    needed = requirements(project.target, project.program)
    files = {
        "README.md": _readme(project, needed, bool(parts.modules)),
        "main.py": parts.main,
        **{f"{PACKAGE}/{name}.py": module for name, module in parts.modules.items()},
        **project.files,
        FILE: project.smoke,
        "pyproject.toml": _pyproject(project, folder, needed) + TYPES.get(project.target, ""),
        ".env.example": project.env or f"# {text('export.project.no_key')}\n",
        "Dockerfile": _dockerfile(project.program, needed),
        ".dockerignore": ".env\n.git\n.venv\n**/__pycache__\n",
    }
    if parts.modules:
        files[f"{PACKAGE}/__init__.py"] = '"""The tools of the agents, a module each."""\n'
    return dict(sorted(files.items(), key=lambda item: (item[0] != "README.md", item[0] != "main.py", item[0])))


def _pyproject(project: Project, name: str, needed: list[str]) -> str:
    document, before = project.document, FRAMEWORKS[project.target].before
    return "\n".join(
        [
            "[project]",
            f"name = {_toml(name)}",
            'version = "0.1.0"',
            f"description = {_toml(line(document.description)[:500] or line(document.name))}",
            'readme = "README.md"',
            f"requires-python = {_toml('>=3.11' + (f',<{before}' if before else ''))}",
            "dependencies = [",
            *(f"    {_toml(each)}," for each in needed),
            "]",
            "",
            "# The program is started where it lies: what is installed is what it needs.",
            "[tool.setuptools]",
            "py-modules = []",
            "",
            "[tool.ruff.lint.isort]",
            f'known-first-party = ["main", "{PACKAGE}"]',
            "",
        ]
    )


def _dockerfile(program: str, needed: list[str]) -> str:
    settings = ["PYTHONUNBUFFERED=1", *(value for pattern, value in _INSIDE.items() if re.search(pattern, program))]
    return "\n".join(
        [
            f"FROM python:{PYTHON}-slim",
            "RUN useradd --create-home app",
            "WORKDIR /home/app",
            f"RUN pip install --no-cache-dir {shlex.join(needed)}",
            f"ENV {' '.join(settings)}",
            "COPY --chown=app . .",
            "USER app",
            'ENTRYPOINT ["python", "main.py"]',
            "",
        ]
    )


def _readme(project: Project, needed: list[str], has_tools: bool) -> str:
    document, framework = project.document, FRAMEWORKS[project.target]
    task = shlex.quote(line(document.sample_tasks[0]) if document.sample_tasks else text("export.project.task"))
    agents = [
        node.name
        for node in document.nodes
        if node.kind in ("assistant", "human", "code_runner", "python_agent", "retriever") and node.name
    ]
    folders = sorted({path.partition("/")[0] for path in project.files})
    where = [
        text("export.project.whole.agents", agents=_listed(agents)) if agents else text("export.project.whole"),
        text("export.project.reads", folders=_listed([f"`{folder}`" for folder in folders])) if folders else "",
        text("export.project.tools", folder=PACKAGE) if has_tools else "",
    ]
    env = "--env-file .env " if project.env else ""
    name, load = slug(document.name), "set -a; . ./.env; set +a\n" if project.env else ""
    paragraphs = [
        f"# {line(document.name) or text('export.project.untitled')}",
        document.description.strip(),
        " ".join(filter(None, where)),
        text(f"export.project.runs_on{'.before' if framework.before else ''}", framework=framework.title, before=framework.before),
        f"## {text('export.project.run_it')}",
        text("export.project.with_uv.keys" if project.env else "export.project.with_uv"),
        f"```\nuv run {env}main.py {task}\n```",
        text("export.project.with_pip"),
        f"```\npip install {shlex.join(needed)}\n{load}python main.py {task}\n```",
        text("export.project.in_a_container"),
        f"```\ndocker build -t {name} .\ndocker run --rm -it {env}{name} {task}\n```",
        text("export.project.no_docker_inside") if re.search(NEEDS_DOCKER, project.program) else "",
        text("export.project.errors", framework=framework.title) if project.env and project.target != "convene" else "",
        *project.notes,
    ]
    if len(document.sample_tasks) > 1:
        paragraphs += [f"## {text('export.project.tasks')}", "\n".join(f"- {line(each)}" for each in document.sample_tasks)]
    paragraphs += [f"## {text('export.project.try_it')}", f"```\nuv run {FILE}\n```", text("export.project.tried")]
    return "\n\n".join(each for each in paragraphs if each) + "\n"


def slug(name: str) -> str:
    """A name that folders and packages may have everywhere: ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return f"flow-{found}".strip("-") if not found or found in _TAKEN else found


def line(written: str) -> str:
    return " ".join(written.split())


def _listed(names: list[str]) -> str:
    return text("export.project.listed", others=", ".join(names[:-1]), last=names[-1]) if len(names) > 1 else names[0]


def _toml(written: str) -> str:
    """A basic string of TOML."""
    visible = "".join(character for character in written if character.isprintable())
    return '"' + visible.replace("\\", "\\\\").replace('"', '\\"') + '"'
