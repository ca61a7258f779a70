"""How people signed in at servers of tools: sealed at rest, hidden wherever it is told, and each attempt taken once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from mcp_oauth_server import browse, guarded_server

from studio.cli.sign_in import sign_in_here
from studio.engine.tools.mcp_errors import McpFailed
from studio.library.preferences import Preferences
from studio.library.sign_ins import NoSuchAttempt, ServerSignIns
from studio.store.database import Database, open_database
from studio.store.secrets import Secrets

URL = "https://tools.example.com/mcp"
RECORD = {
    "client": {"client_id": "c", "client_secret": "the-client-secret"},
    "tokens": {"access_token": "the-access-token", "refresh_token": "r" * 20},
}


def opened(database: Database, folder: Path) -> tuple[ServerSignIns, Secrets]:
    secrets = Secrets(folder, use_keyring=False)
    return ServerSignIns(Preferences(database), secrets), secrets


def test_what_is_kept_comes_back_in_another_process_and_is_nowhere_to_be_read(database: Database, tmp_path: Path) -> None:
    first, secrets = opened(database, tmp_path)
    assert first.kept(URL) is None
    first.keep(URL, RECORD)
    database.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("convene.db*"))
    assert not [word for word in (b"the-access-token", b"the-client-secret", b"tools.example.com") if word in stored]
    assert secrets.redact("it is the-access-token and the-client-secret").count("the-") == 0

    again = open_database(f"sqlite:///{tmp_path / 'convene.db'}")
    second, hiding = opened(again, tmp_path)
    assert second.kept(URL) == RECORD
    assert "the-access-token" not in hiding.redact("it is the-access-token")
    assert second.kept("https://other.example.com/mcp") is None
    second.forget(URL)
    assert second.kept(URL) is None
    again.close()


def test_with_another_master_key_nobody_is_signed_in(database: Database, tmp_path: Path) -> None:
    opened(database, tmp_path)[0].keep(URL, RECORD)
    (tmp_path / "secret.key").unlink()
    assert opened(database, tmp_path)[0].kept(URL) is None


async def test_an_attempt_is_taken_once_and_none_that_nobody_began(database: Database, tmp_path: Path) -> None:
    sign_ins, _ = opened(database, tmp_path)
    with guarded_server() as server:
        attempt = await sign_ins.begin(server.url, "http://127.0.0.1:9/back")
        came = parse_qs(urlsplit(await asyncio.to_thread(browse, attempt.address)).query)
        for state in ("", "another"):
            with pytest.raises(NoSuchAttempt):
                await sign_ins.back(came["code"][0], state)
        await sign_ins.back(came["code"][0], came["state"][0])
        assert sign_ins.kept(server.url) is not None
        with pytest.raises(NoSuchAttempt):
            await sign_ins.back(came["code"][0], came["state"][0])


async def test_on_the_command_line_the_address_is_printed_and_the_browser_comes_back(database: Database, tmp_path: Path) -> None:
    sign_ins, _ = opened(database, tmp_path)
    told: list[str] = []
    with guarded_server() as server:

        def tell(words: str) -> None:
            told.append(words)
            if len(told) == 1:
                address = words.splitlines()[-1]
                asyncio.get_running_loop().run_in_executor(None, lambda: browse_back(address))

        await asyncio.wait_for(sign_in_here(sign_ins, server.url, tell), 20)
        assert told[0].startswith(f"Sign in at {server.url} in your browser:\nhttp://127.0.0.1:")
        assert told[1] == f"You are signed in at {server.url}."
        assert not [secret for secret in server.desk.given if secret in "".join(told)]

        told.clear()
        server.desk.refuses = True
        with pytest.raises(McpFailed, match="access_denied"):
            await asyncio.wait_for(sign_in_here(sign_ins, server.url, tell), 20)


def browse_back(address: str) -> None:
    """What a browser does: it signs in, and goes where it is sent back to."""
    import urllib.error
    import urllib.request

    try:
        urllib.request.urlopen(browse(address), timeout=10).read()
    except urllib.error.HTTPError as answer:
        answer.read()
