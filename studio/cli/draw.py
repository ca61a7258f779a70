"""`convene draw`: a team drawn from a description, kept as a flow or written to a file."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from studio.cli.exchange import finding_lines, write_file
from studio.cli.exits import DONE, FAILED
from studio.cli.say import say
from studio.engine.errors import AccountMissing, ModelError
from studio.texts import text

if TYPE_CHECKING:
    from rich.status import Status

    from studio.api.services import Services
    from studio.engine.models.base import Accounts
    from studio.engine.outlines.asking import Progress
    from studio.library.drawing import TeamDrawing, Tell, Wanted
    from studio.settings import Settings


def draw_flow(
    settings: Settings, wish: str, *, account: str | None, model: str | None, base_url: str | None, agents: int, output: str | None
) -> int:
    """Draws the team that `wish` describes ("-" reads it from standard input) and returns the exit status.

    Without PATH the flow is kept; with it, it is written as a flow file. Raises ConveneError for what cannot be asked.
    """
    from rich.console import Console

    from studio.api.drawing import draw_team
    from studio.api.services import open_services
    from studio.engine.outlines.asking import NoOutline, OutlineDeclined, OutlineEndless
    from studio.library.accounts import good_address
    from studio.library.drawing import DrawingTooSlow, TeamDrawing

    address = good_address(base_url)
    if wish == "-":
        wish = sys.stdin.read()
    console = Console(stderr=True, highlight=False)

    async def drawn() -> None:
        services = open_services(settings)
        try:
            wanted, accounts = _asked(services, wish, account, model or "", address, agents)
            drawing = TeamDrawing(wanted)
            with console.status(text("cli.draw.working")) as status:
                await draw_team(services, drawing, _told(status), accounts)
            await _tell(services, drawing, output, given=address is not None)
        finally:
            await services.close()

    try:
        asyncio.run(drawn())
    except (NoOutline, OutlineDeclined, OutlineEndless, DrawingTooSlow, ModelError) as failure:
        if isinstance(failure, AccountMissing):
            raise
        say(f"convene: {failure}", file=sys.stderr)
        return FAILED
    return DONE


def _asked(services: Services, wish: str, account: str | None, model: str, address: str | None, agents: int) -> tuple[Wanted, Accounts]:
    """What is wanted of whom: the server of an address, the account that is named, or the first one that is there."""
    from studio.library.drawing import Wanted
    from studio.runs.override import GIVEN, GivenAddress

    if address is not None:
        return Wanted(wish, GIVEN, model, agents, account or "openai"), GivenAddress(services.accounts, address)
    first = next((row.name for row in services.accounts.list()), "")
    return Wanted(wish, account or first, model, agents), services.accounts


def _told(status: Status) -> Tell:
    async def tell(piece: Progress) -> None:
        from studio.engine.outlines.asking import Again, Writing

        match piece:
            case Writing(names=names) if names:
                status.update(text("cli.draw.names", names=", ".join(names)))
            case Again(why):
                status.update(text("cli.draw.again", why=why))

    return tell


async def _tell(services: Services, drawing: TeamDrawing, output: str | None, *, given: bool) -> None:
    """Keep or write what was drawn, and say what it is and what it cost."""
    from studio.api.drawing import keep_team
    from studio.cli.transcript import known_cost
    from studio.formats.flow_json.write import to_json

    imported = drawing.imported
    assert imported is not None
    if output is not None:
        write_file(to_json(imported.document).encode(), output)
    else:
        flow = await keep_team(services, drawing)
        say(text("cli.imported", flow=imported.document.name, id=flow))
    report = imported.report
    for finding in report.of("exact"):
        say(f"  {finding.text}", file=sys.stderr)
    for finding in (*report.of("approximated"), *report.of("decision")):
        for line in finding_lines(finding):
            say(line, file=sys.stderr)
    if given:
        say(text("cli.draw.given"), file=sys.stderr)
    usage = drawing.usage
    facts = (text("cli.tokens", tokens=f"{usage.total_tokens:,}"), known_cost(usage.cost, usage.unpriced))
    say(text("cli.draw.spent", model=drawing.model, facts=" · ".join(filter(None, facts))), file=sys.stderr)
