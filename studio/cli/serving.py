"""`convene serve`: one stored flow for other programs and people, without the studio and its pages."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from studio.cli.say import say
from studio.engine.errors import ConveneError
from studio.texts import text

if TYPE_CHECKING:
    import uvicorn

    from studio.api.services import Services
    from studio.library.shares import Terms
    from studio.serving.door import Door
    from studio.settings import Settings

FIRST_PORT = 8100
SHORTEST_TOKEN = 16
"""Characters of a token where others than this machine reach the door."""

TOKEN_VARIABLE = "CONVENE_SERVE_TOKEN"  # noqa: S105  the name of a variable


class NotStored(ConveneError):
    code = "not_stored"

    def __init__(self, flow: str) -> None:
        super().__init__(text("cli.serve.not_stored", flow=flow[:200]), text("cli.serve.not_stored.remedy"))


def serve_flow(settings: Settings, flow: str, terms: Terms, token: str | None, *, any_port: bool) -> None:
    """Serves until Ctrl+C. Raises ConveneError before anything is served: for a flow that is not stored, terms that cannot hold."""
    from studio.api.guard import is_loopback
    from studio.api.services import open_services
    from studio.library.shares import TermsRefused, check_terms, new_token
    from studio.serve import listen, log_without_secrets, run_until_stopped, shown_host
    from studio.serving.door import door_of_flow

    others = not is_loopback(_reached(settings))
    check_terms(terms, required=others)
    given = token or os.environ.get(TOKEN_VARIABLE, "").strip()
    if others and given and len(given) < SHORTEST_TOKEN:
        raise TermsRefused("token", "needs_token", length=SHORTEST_TOKEN)
    services = open_services(settings)
    try:
        flow_id, name = _stored(services, flow)
        shown = given or new_token()
        door = door_of_flow(flow_id, terms, shown)
        log_without_secrets(services.accounts.redactor)
        with listen(settings.host, settings.port, any_port=any_port) as listener:
            address = f"http://{shown_host(settings.host)}:{listener.getsockname()[1]}"

            def announce() -> None:
                # A token that was given is known to whoever gave it, and need not stand in a log.
                page = f"{address}/" if given else f"{address}/#{shown}"
                say(text("cli.serve.open", flow=name), page)
                if not given:
                    say(text("cli.serve.token"), shown)
                say(text("cli.serve.docs"), f"{address}/docs")
                say(text("start.stop"), flush=True)
                if others:
                    say(text("cli.serve.warning", host=_reached(settings)), file=sys.stderr, flush=True)

            run_until_stopped(_configured(services, settings, door), listener, announce)
    finally:
        services.database.close()


def _reached(settings: Settings) -> str:
    """The host that others than this machine reach, as that of a server in front of it, which is named beside; else our own."""
    from studio.api.guard import is_loopback

    return next((host for host in (settings.host, *settings.hosts) if not is_loopback(host)), settings.host)


def _stored(services: Services, flow: str) -> tuple[str, str]:
    """Raises NotStored and FlowAmbiguous."""
    from studio.library.errors import FlowMissing

    try:
        flow_id = services.flows.find(flow)
        return flow_id, services.flows.get(flow_id).document.name
    except FlowMissing:
        raise NotStored(flow) from None


def _configured(services: Services, settings: Settings, door: Door) -> uvicorn.Config:
    import uvicorn

    from studio.serve import reachable_hosts
    from studio.serving.application import served_flow
    from studio.serving.connections import GuestHTTP

    return uvicorn.Config(
        served_flow(services, door, reachable_hosts(settings)),
        http=GuestHTTP,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        # No header may change who a request seems to come from.
        proxy_headers=False,
        timeout_graceful_shutdown=3,
        lifespan="on",
    )
