"""An MCP server that lets in who signed in, and the server where one signs in, on one port of this machine: for tests."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import uvicorn
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    construct_redirect_uri,
)
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions
from mcp.server.mcpserver import MCPServer
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken


class Desk(OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, AccessToken]):
    """Where one signs in: everybody who comes by is let in at once, unless `refuses`. Tokens are numbered, and can be `forgotten`."""

    def __init__(self) -> None:
        self.clients: dict[str, OAuthClientInformationFull] = {}
        self.codes: dict[str, AuthorizationCode] = {}
        self.access: dict[str, AccessToken] = {}
        self.refresh: dict[str, RefreshToken] = {}
        self.given: list[str] = []
        self.renewed = 0
        self.lives = 3600
        self.refuses = False

    def forget(self, *, refresh: bool = False) -> None:
        self.access.clear()
        if refresh:
            self.refresh.clear()

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        return self.clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        assert client_info.client_id
        self.clients[client_info.client_id] = client_info

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        if self.refuses:
            return construct_redirect_uri(str(params.redirect_uri), error="access_denied", state=params.state)
        code = f"code-{len(self.codes)}-abcdefghij"
        self.codes[code] = AuthorizationCode(
            code=code,
            client_id=str(client.client_id),
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            expires_at=time.time() + 60,
            scopes=params.scopes or [],
            code_challenge=params.code_challenge,
            resource=params.resource,
        )
        return construct_redirect_uri(str(params.redirect_uri), code=code, state=params.state)

    async def load_authorization_code(self, client: OAuthClientInformationFull, authorization_code: str) -> AuthorizationCode | None:
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(self, client: OAuthClientInformationFull, code: AuthorizationCode) -> OAuthToken:
        del self.codes[code.code]
        return self._tokens(str(client.client_id), code.resource)

    async def load_refresh_token(self, client: OAuthClientInformationFull, refresh_token: str) -> RefreshToken | None:
        return self.refresh.get(refresh_token)

    async def exchange_refresh_token(self, client: OAuthClientInformationFull, token: RefreshToken, scopes: list[str]) -> OAuthToken:
        del self.refresh[token.token]
        self.renewed += 1
        return self._tokens(str(client.client_id), None)

    async def load_access_token(self, token: str) -> AccessToken | None:
        return self.access.get(token)

    async def revoke_token(self, token: Any) -> None:
        self.access.pop(token.token, None)

    def _tokens(self, client: str, resource: str | None) -> OAuthToken:
        number = len(self.given)
        access, refresh = f"access-token-{number}-0123456789", f"refresh-token-{number}-0123456789"
        self.given += [access, refresh]
        self.access[access] = AccessToken(token=access, client_id=client, scopes=[], resource=resource)
        self.refresh[refresh] = RefreshToken(token=refresh, client_id=client, scopes=[])
        return OAuthToken(access_token=access, refresh_token=refresh, expires_in=self.lives)


class GuardedServer:
    """Runs in a thread of its own."""

    def __init__(self, protocol: str = "streamable-http") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.origin}/{'sse' if protocol == 'sse' else 'mcp'}"
        self.desk = Desk()
        settings = AuthSettings(
            issuer_url=self.origin,
            resource_server_url=self.url,
            client_registration_options=ClientRegistrationOptions(enabled=True),
            validate_token_resource=False,
        )
        server = MCPServer("vault", auth_server_provider=self.desk, auth=settings, log_level="ERROR")

        @server.tool()
        def open_vault() -> str:
            """What lies in it."""
            return "gold"

        app = server.sse_app() if protocol == "sse" else server.streamable_http_app()
        self._server = uvicorn.Server(uvicorn.Config(app, port=self.port, log_config=None, access_log=False, ws="none"))
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve()), daemon=True)

    def __enter__(self) -> GuardedServer:
        self._thread.start()
        end = time.monotonic() + 30
        while not self._server.started:
            assert time.monotonic() < end, "the server does not start"
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def browse(address: str) -> str:
    """What a browser does at the address where one signs in: the address to which it is sent back. Blocks."""
    opener = urllib.request.build_opener(_Stays())
    try:
        opener.open(address, timeout=10)
    except urllib.error.HTTPError as answer:
        return str(answer.headers["Location"])
    raise AssertionError("nobody was sent back")


@contextlib.contextmanager
def guarded_server(protocol: str = "streamable-http") -> Iterator[GuardedServer]:
    with GuardedServer(protocol) as server:
        yield server
