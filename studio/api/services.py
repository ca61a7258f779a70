"""The services of this process, opened once: database, flows, model accounts, runs, preferences."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.engine.errors import ConveneError
from studio.settings import Settings, read_settings
from studio.texts import text

if TYPE_CHECKING:
    from studio.library.accounts import ModelAccounts
    from studio.library.flows import Flows
    from studio.library.preferences import Preferences
    from studio.library.prices import PriceTable
    from studio.library.reports import Reports
    from studio.library.shares import Shares
    from studio.library.sign_ins import ServerSignIns
    from studio.runs.service import Runs
    from studio.store.database import Database


class DataDirectoryUnusable(ConveneError):
    code = "data_directory"

    def __init__(self, settings: Settings, error: OSError) -> None:
        path = str(error.filename or settings.data_dir)[:300]
        super().__init__(text("start.data_dir", path=path, why=error.strerror or error), text("start.data_dir.remedy"))


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that pages, routes and commands work with."""

    settings: Settings
    database: Database
    flows: Flows
    accounts: ModelAccounts
    runs: Runs
    preferences: Preferences
    prices: PriceTable
    reports: Reports
    shares: Shares
    sign_ins: ServerSignIns

    async def close(self) -> None:
        """Lets the runs come to rest and closes the database. Waits twenty seconds at most."""
        try:
            async with asyncio.timeout(20):
                await self.runs.close()
        finally:
            self.database.close()


_opened: Services | None = None
_settings: Settings | None = None


def configure(settings: Settings) -> None:
    """Says where the services of this process keep their data. Must come before the first `services()`."""
    global _settings
    _settings = settings


def current_settings() -> Settings:
    """The settings that `services()` opens with."""
    return _settings or read_settings()


def services() -> Services:
    """The one instance of this process, opened at the first call. Raises ConveneError when the database cannot be opened."""
    global _opened
    if _opened is None:
        _opened = open_services(current_settings())
    return _opened


async def close_services() -> None:
    """Closes what `services()` opened, if it did."""
    global _opened
    if _opened is not None:
        opened, _opened = _opened, None
        await opened.close()


def open_services(settings: Settings) -> Services:
    """Opens the database of `settings` (with its migrations) and builds the services on it.

    Raises DataDirectoryUnusable, DatabaseUnusable and PricesUnusable.
    """
    from studio.engine.models.prices import prices_of_environment
    from studio.engine.telemetry_export import export_spans
    from studio.library.accounts import ModelAccounts
    from studio.library.flows import Flows
    from studio.library.preferences import Preferences
    from studio.library.prices import PriceTable
    from studio.library.reports import Reports
    from studio.library.shares import Shares
    from studio.library.sign_ins import ServerSignIns
    from studio.runs.service import Runs
    from studio.store.database import open_database
    from studio.store.redaction import redact_logs
    from studio.store.secrets import Secrets

    given = prices_of_environment()
    make_data_directory(settings)
    database = open_database(settings.database, backup_dir=settings.data_dir / "backups")
    secrets = Secrets(settings.data_dir)
    accounts = ModelAccounts(database, secrets)
    redact_logs(accounts.redactor)
    export_spans()
    preferences = Preferences(database)
    prices = PriceTable(preferences, given)
    sign_ins = ServerSignIns(preferences, secrets)
    return Services(
        settings=settings,
        database=database,
        flows=Flows(database),
        accounts=accounts,
        runs=Runs(database, accounts, settings, prices.current, sign_ins),
        preferences=preferences,
        prices=prices,
        reports=Reports(database),
        shares=Shares(database),
        sign_ins=sign_ins,
    )


def make_data_directory(settings: Settings) -> None:
    """Makes the data directory, for its owner alone, when it is not there. Raises DataDirectoryUnusable.

    One that was there may be open to others; the folders of runs, some of which the user of a container writes to, are not.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings.work_dir.mkdir(exist_ok=True)
        settings.work_dir.chmod(0o700)
    except OSError as error:
        raise DataDirectoryUnusable(settings, error) from None
