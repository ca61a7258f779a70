"""Model accounts: entered once, shared by all agents that name them, with keys that never come back out."""

from __future__ import annotations

import builtins
import urllib.parse
from dataclasses import dataclass

from sqlmodel import Session, col, select

from studio.engine.errors import AccountMissing
from studio.engine.models.accounts import EnvironmentAccounts, variable_prefix
from studio.engine.models.base import Account
from studio.flow.document import Node
from studio.flow.kinds import drawn_class
from studio.library import account_probe
from studio.library.account_limits import NO_LIMITS, AccountLimits
from studio.library.account_probe import AccountTest, LocalServer
from studio.library.errors import AccountInvalid
from studio.library.flows import Flows
from studio.store.database import Database
from studio.store.ids import new_id
from studio.store.redaction import Redactor
from studio.store.secrets import Secrets
from studio.store.tables import ModelAccountRow, now
from studio.texts import text

MAX_NAME = 60
MAX_URL = 2_000
MAX_KEY = 10_000
OPENAI = "openai"
"""The account that needs no entering where OPENAI_API_KEY is set."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as it may be shown. `key_hint` are the key's last four characters; `stored` is False for one from the environment."""

    name: str
    provider: str
    base_url: str | None
    key_hint: str
    default_model: str
    stored: bool = True
    limits: AccountLimits = NO_LIMITS


class ModelAccounts:
    """All accounts of an installation, for the engine and for people; a name that was not entered is looked for in the environment."""

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self._database = database
        self._secrets = secrets
        self._environment = EnvironmentAccounts()

    @property
    def redactor(self) -> Redactor:
        """Takes the keys of these accounts out of texts."""
        return self._secrets.redactor

    def account(self, name: str) -> Account:
        """Raises AccountMissing, SecretUnreadable and KeyringSilent."""
        with self._database.reading() as session:
            row = _find(session, name)
        if row is None:
            return self._from_environment(name)
        key = self._secrets.open(row.sealed_key, _identity(row), name) if row.sealed_key else None
        return Account(
            row.name,
            row.base_url,
            key,
            row.provider,
            row.default_model,
            row.requests_per_minute,
            row.tokens_per_minute,
            row.requests_at_once,
        )

    def list(self) -> builtins.list[AccountRow]:
        """All accounts by name, then those that the variables of known providers make."""
        with self._database.reading() as session:
            rows = session.exec(select(ModelAccountRow).order_by(col(ModelAccountRow.name))).all()
        found = [AccountRow(row.name, row.provider, row.base_url, row.key_hint, row.default_model, limits=_limits(row)) for row in rows]
        entered = {row.name for row in found}
        for account in self._environment.known():
            if account.name not in entered:
                self.redactor.know(account.key)
                hint = _hint(account.key)
                found.append(
                    AccountRow(
                        account.name, account.provider, account.base_url, hint, account.default_model, stored=False, limits=_limits(account)
                    )
                )
        return found

    def save(
        self,
        name: str,
        *,
        provider: str = OPENAI,
        base_url: str | None = None,
        default_model: str = "",
        key: str | None = None,
        limits: AccountLimits | None = None,
        rename_from: str | None = None,
    ) -> None:
        """Keep an account. A key of None keeps the one that is there, "" removes it; another address always removes it. Limits of None
        keep those that are there.

        Flows that name a renamed account follow. Raises AccountInvalid, which names the field, and AccountMissing for a
        `rename_from` that is not there.
        """
        name, base_url = _good_name(name), good_address(base_url)
        key = _good_key(key)
        with self._database.writing() as session:
            row = _find(session, rename_from or name)
            if rename_from and row is None:
                raise AccountMissing(rename_from, text("accounts.missing.remedy", prefix=variable_prefix(rename_from)))
            if rename_from and rename_from != name and _find(session, name) is not None:
                raise AccountInvalid("name", text("accounts.name_taken", name=name), text("accounts.name_taken.remedy"))
            row = row or ModelAccountRow(id=new_id(), name=name)
            if row.base_url != base_url:
                # A key was entered for one server and goes to no other.
                row.sealed_key, row.key_hint = None, ""
            row.name, row.provider, row.base_url, row.default_model = name, provider, base_url, default_model.strip()
            if key is not None:
                row.sealed_key = self._secrets.seal(key, _identity(row)) if key else None
                row.key_hint = _hint(key)
            if limits is not None:
                row.requests_per_minute, row.tokens_per_minute = limits.requests_per_minute, limits.tokens_per_minute
                row.requests_at_once = limits.requests_at_once
            row.updated = now()
            session.add(row)
        if rename_from and rename_from != name:
            self._follow(rename_from, name)

    def delete(self, name: str) -> None:
        """Forget an account and its key. Raises AccountMissing."""
        with self._database.writing() as session:
            row = _find(session, name)
            if row is None:
                raise AccountMissing(name, text("accounts.missing.remedy", prefix=variable_prefix(name)))
            session.delete(row)

    async def test(self, name: str) -> AccountTest:
        """Ask the account's server for its models, and its default model for one word. What goes wrong is in the result."""
        return await account_probe.try_account(self, name)

    async def discover(self) -> builtins.list[LocalServer]:
        """The model servers on this machine that answer, with their models."""
        return await account_probe.discover()

    def _follow(self, old: str, new: str) -> None:
        """Let the models of all flows that name the account name it anew; each flow can undo that."""
        flows = Flows(self._database)
        for flow in flows.list():
            document = flows.get(flow.id).document
            naming = [node.id for node in document.nodes if _account_of(node) == old]
            if naming:
                edits = [{"type": "configure", "id": node, "values": {"account": new}} for node in naming]
                flows.edit(flow.id, {"type": "several", "edits": edits})

    def _from_environment(self, name: str) -> Account:
        try:
            account = self._environment.account(name)
        except AccountMissing:
            raise AccountMissing(name, text("accounts.missing.remedy", prefix=variable_prefix(name))) from None
        self.redactor.know(account.key)
        return account


def _account_of(node: Node) -> str | None:
    """The account that a node names, its kind's own one where it names none; None for kinds that have no account."""
    found = drawn_class(node.kind)
    field = found.model_fields.get("account") if found is not None else None
    return None if field is None else str(node.config.get("account", field.default))


def _find(session: Session, name: str) -> ModelAccountRow | None:
    return session.exec(select(ModelAccountRow).where(ModelAccountRow.name == name)).first()


def _limits(account: ModelAccountRow | Account) -> AccountLimits:
    return AccountLimits(account.requests_per_minute, account.tokens_per_minute, account.requests_at_once)


def _identity(row: ModelAccountRow) -> str:
    return f"model_account {row.id} {row.base_url or ''}"


def _hint(key: str | None) -> str:
    return key[-4:] if key and len(key) >= 12 else "••••" if key else ""


def _good_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        raise AccountInvalid("name", text("accounts.name_length", limit=MAX_NAME), text("accounts.name_length.remedy"))
    return name


def _good_key(key: str | None) -> str | None:
    if key is None:
        return None
    key = key.strip()
    if len(key) > MAX_KEY or not key.isprintable() or not key.isascii() or " " in key:
        raise AccountInvalid("key", text("accounts.key_odd"), text("accounts.key_odd.remedy"))
    return key


def good_address(base_url: str | None) -> str | None:
    """The address of a model server as it is kept, None for an empty one. Raises AccountInvalid for what is no web address."""
    base_url = (base_url or "").strip().rstrip("/")
    if not base_url:
        return None
    try:
        parts = urllib.parse.urlsplit(base_url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        fine = False
    if not fine or len(base_url) > MAX_URL or not base_url.isprintable() or " " in base_url:
        raise AccountInvalid("base_url", text("accounts.url_odd"), text("accounts.url_odd.remedy"))
    if "@" in parts.netloc or parts.fragment:
        raise AccountInvalid("base_url", text("accounts.url_secret"), text("accounts.url_secret.remedy"))
    return base_url
