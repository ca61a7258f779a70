"""What can be typed after `convene`: every command with its options. What a command does is in the module it imports."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studio import __version__
from studio.cli.exits import BAD_INPUT, FAILED
from studio.cli.say import say
from studio.texts import text

if TYPE_CHECKING:
    from studio.settings import Settings

DEFAULT_PORT = 8000

app = typer.Typer(
    name="convene",
    help=text("cli.help"),
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _named(path: str) -> Path | None:
    """An empty name, as of a variable of the shell that is not set, names no directory."""
    return Path(path) if path.strip() else None


DataDir = Annotated[Path | None, typer.Option("--data-dir", metavar="D", parser=_named, help=text("cli.opt.data_dir"))]
DatabaseUrl = Annotated[str | None, typer.Option("--database", metavar="URL", help=text("cli.opt.database"))]
FlowName = Annotated[str, typer.Argument(metavar="FLOW", help=text("cli.arg.flow"), show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help=text("cli.opt.json"))]
Output = Annotated[str | None, typer.Option("-o", "--output", metavar="PATH", help=text("cli.opt.output"))]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the options before the command's name say that data is kept."""

    data_dir: Path | None
    database: str | None

    def settings(self, data_dir: Path | None, database: str | None) -> Settings:
        from studio.settings import read_settings

        return read_settings(data_dir or self.data_dir, database or self.database)


def _settings(context: typer.Context, data_dir: Path | None, database: str | None) -> Settings:
    place: _Place = context.obj
    return place.settings(data_dir, database)


@app.callback(invoke_without_command=True)
def studio(
    context: typer.Context,
    host: Annotated[str, typer.Option(help=text("cli.opt.host"))] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help=text("cli.opt.port"), show_default=str(DEFAULT_PORT))] = None,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help=text("cli.opt.no_browser"))] = False,
    allow_host: Annotated[list[str] | None, typer.Option(metavar="NAME", help=text("cli.opt.allow_host"))] = None,
    version: Annotated[bool, typer.Option("--version", help=text("cli.opt.version"))] = False,
) -> None:
    """Open the studio in the browser."""
    context.obj = _Place(data_dir, database)
    if version:
        typer.echo(f"convene {__version__}")
        return
    if context.invoked_subcommand is None:
        from studio.cli.open import open_studio
        from studio.settings import read_settings

        settings = read_settings(data_dir, database, host, DEFAULT_PORT if port is None else port, tuple(allow_host or ()))
        open_studio(settings, any_port=port is None, open_browser=not no_browser)


@app.command(help=text("cli.cmd.templates"))
def templates(as_json: AsJson = False) -> None:
    from studio.cli.lists import list_templates

    list_templates(as_json)


@app.command(help=text("cli.cmd.run"))
def run(
    context: typer.Context,
    flow: FlowName,
    task: Annotated[str, typer.Option(metavar="TEXT", help=text("cli.opt.task"), show_default=False)],
    model: Annotated[str | None, typer.Option(metavar="M", help=text("cli.opt.model"))] = None,
    base_url: Annotated[str | None, typer.Option(metavar="U", help=text("cli.opt.base_url"))] = None,
    answers: Annotated[str | None, typer.Option(metavar="FILE", help=text("cli.opt.answers"))] = None,
    attach: Annotated[list[Path] | None, typer.Option(metavar="FILE", help=text("cli.opt.attach"))] = None,
    step: Annotated[bool, typer.Option("--step", help=text("cli.opt.step"))] = False,
    as_json: AsJson = False,
    allow_local_code: Annotated[bool, typer.Option("--allow-local-code", help=text("cli.opt.allow_local_code"))] = False,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    from studio.cli.run import run_flow

    settings = _settings(context, data_dir, database)
    raise typer.Exit(
        run_flow(
            settings,
            flow,
            task,
            model=model,
            base_url=base_url,
            answers=answers,
            as_json=as_json,
            allow_local_code=allow_local_code,
            attach=attach or (),
            step=step,
        )
    )


@app.command(help=text("cli.cmd.check"))
def check(context: typer.Context, flow: FlowName, as_json: AsJson = False, data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    from studio.cli.exchange import check_flow

    raise typer.Exit(check_flow(_settings(context, data_dir, database), flow, as_json))


@app.command(help=text("cli.cmd.export"))
def export(
    context: typer.Context,
    flow: FlowName,
    to: Annotated[str, typer.Option(metavar="FORMAT", help=text("cli.opt.to"), show_default=False)],
    version: Annotated[str, typer.Option(metavar="V", help=text("cli.opt.version_of"))] = "",
    output: Output = None,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    from studio.cli.exchange import export_flow

    export_flow(_settings(context, data_dir, database), flow, to, output, version)


@app.command("import", help=text("cli.cmd.import"))
def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help=text("cli.arg.file"), show_default=False)],
    output: Output = None,
    into: Annotated[str | None, typer.Option(metavar="FLOW", help=text("cli.opt.into"), show_default=False)] = None,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    if into is not None:
        from studio.cli.updating import update_flow

        update_flow(_settings(context, data_dir, database), file, into)
        return
    from studio.cli.exchange import import_flow

    import_flow(_settings(context, data_dir, database), file, output)


@app.command(help=text("cli.cmd.draw"))
def draw(
    context: typer.Context,
    wish: Annotated[str, typer.Argument(metavar="TEXT", help=text("cli.arg.wish"), show_default=False)],
    account: Annotated[str | None, typer.Option(metavar="A", help=text("cli.opt.draw_account"))] = None,
    model: Annotated[str | None, typer.Option(metavar="M", help=text("cli.opt.draw_model"))] = None,
    base_url: Annotated[str | None, typer.Option(metavar="U", help=text("cli.opt.draw_base_url"))] = None,
    agents: Annotated[int, typer.Option(metavar="N", min=1, max=12, help=text("cli.opt.agents"))] = 6,
    output: Output = None,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    from studio.cli.draw import draw_flow

    settings = _settings(context, data_dir, database)
    raise typer.Exit(draw_flow(settings, wish, account=account, model=model, base_url=base_url, agents=agents, output=output))


@app.command(help=text("cli.cmd.runs"))
def runs(
    context: typer.Context,
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=text("cli.opt.limit"))] = 30,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    from studio.cli.lists import list_runs

    list_runs(_settings(context, data_dir, database), as_json, limit)


@app.command(help=text("cli.cmd.show"))
def show(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help=text("cli.arg.run"), show_default=False)],
    as_json: AsJson = False,
    files: Annotated[bool, typer.Option("--files", help=text("cli.opt.files"))] = False,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    from studio.cli.lists import show_files, show_run

    (show_files if files else show_run)(_settings(context, data_dir, database), run, as_json)


@app.command(help=text("cli.cmd.serve"))
def serve(
    context: typer.Context,
    flow: Annotated[str, typer.Argument(metavar="FLOW", help=text("cli.arg.served_flow"), show_default=False)],
    host: Annotated[str, typer.Option(help=text("cli.opt.serve_host"))] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help=text("cli.opt.serve_port"), show_default=False)] = None,
    token: Annotated[str | None, typer.Option(metavar="TOKEN", help=text("cli.opt.token"))] = None,
    money: Annotated[float | None, typer.Option(metavar="USD", help=text("cli.opt.money"))] = None,
    seconds: Annotated[float | None, typer.Option(metavar="S", help=text("cli.opt.seconds"))] = None,
    in_all: Annotated[float | None, typer.Option("--money-in-all", metavar="USD", help=text("cli.opt.in_all"))] = None,
    at_once: Annotated[int, typer.Option(metavar="N", help=text("cli.opt.at_once"))] = 4,
    per_minute: Annotated[int, typer.Option(metavar="N", help=text("cli.opt.per_minute"))] = 30,
    allow_host: Annotated[list[str] | None, typer.Option(metavar="NAME", help=text("cli.opt.allow_host"))] = None,
    allow_origin: Annotated[list[str] | None, typer.Option(metavar="SITE", help=text("cli.opt.allow_origin"))] = None,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    from dataclasses import replace

    from studio.cli.serving import FIRST_PORT, serve_flow
    from studio.library.shares import Terms

    settings = replace(
        _settings(context, data_dir, database), host=host, port=FIRST_PORT if port is None else port, hosts=tuple(allow_host or ())
    )
    terms = Terms(money, seconds, in_all, at_once, per_minute, tuple(allow_origin or ()))
    serve_flow(settings, flow, terms, token, any_port=port is None)


memory = typer.Typer(help=text("cli.cmd.memory"), no_args_is_help=True, rich_markup_mode=None)
app.add_typer(memory, name="memory")


@memory.command("list", help=text("cli.cmd.memory_list"))
def list_memories(
    context: typer.Context,
    search: Annotated[str, typer.Option(metavar="WORDS", help=text("cli.opt.memory_search"))] = "",
    person: Annotated[str | None, typer.Option(metavar="NAME", help=text("cli.opt.memory_person"))] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    from studio.cli import memories

    memories.list_memories(_settings(context, data_dir, database), search, person, as_json)


@memory.command("forget", help=text("cli.cmd.memory_forget"))
def forget_memories(
    context: typer.Context,
    keys: Annotated[list[str] | None, typer.Argument(metavar="KEY", help=text("cli.arg.notes"), show_default=False)] = None,
    person: Annotated[str | None, typer.Option(metavar="NAME", help=text("cli.opt.memory_person"))] = None,
    everything: Annotated[bool, typer.Option("--all", help=text("cli.opt.memory_all"))] = False,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    from studio.cli import memories

    raise typer.Exit(memories.forget_memories(_settings(context, data_dir, database), keys or (), person, everything))


@app.command(help=text("cli.cmd.doctor"))
def doctor(context: typer.Context, as_json: AsJson = False, data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    from studio.cli.doctor import examine

    raise typer.Exit(examine(_settings(context, data_dir, database), as_json))


def main() -> None:
    """The entry point. Whatever goes wrong ends in a sentence and an exit status, never in a traceback."""
    from studio.engine.errors import ConveneError

    _open_streams()
    try:
        app()
    except ConveneError as mistake:
        _fail(str(mistake), FAILED if mistake.code in ("toolchain_missing", "frontend_build", "frontend_missing") else BAD_INPUT)
    except BrokenPipeError:
        raise SystemExit(FAILED) from None
    except KeyboardInterrupt:
        _fail(text("cli.stopped"), FAILED)
    except Exception as mistake:
        odd = next((each for each in sys.argv[1:] if not _is_text(each)), None)
        if odd is not None and isinstance(mistake, UnicodeEncodeError):
            _fail(text("cli.not_text", what=odd.encode("utf-8", "backslashreplace").decode()), BAD_INPUT)
        if os.environ.get("CONVENE_DEBUG"):
            raise
        _fail(text("cli.bug", kind=type(mistake).__name__, what=mistake), FAILED)
    finally:
        _write_out()


def _open_streams() -> None:
    """Whoever started the program may have closed its streams, as `>&-` does: nothing is read then, and what is said is lost."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _is_text(argument: str) -> bool:
    """Whether what was typed is text in UTF-8: Python passes other bytes on as halves of characters."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True


def _write_out() -> None:
    """Write what is left. Where its reader has seen enough, Python must not try once more at its end, and complain."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(sentence: str, status: int) -> None:
    say(f"convene: {sentence}", file=sys.stderr)
    raise SystemExit(status)
