"""The model accounts page: a list, a form for one of them, a test, and the local servers that answer."""

from __future__ import annotations

import asyncio
from dataclasses import astuple
from typing import Any, TypedDict
from urllib.parse import parse_qs

import reflex as rx

from studio.api.services import services
from studio.engine.models.azure import version_in, with_version
from studio.library.account_limits import FIELDS, AccountLimits
from studio.texts import text
from studio.ui.accounts.presets import address, preset, preset_of
from studio.ui.accounts.spending import SpendingState
from studio.ui.shared.notices import done, told
from studio.ui.shared.servers import FoundServer, local_servers

TEST_TIME = 30.0
"""Seconds that testing an account may take."""


class AccountLine(TypedDict):
    name: str
    provider: str
    base_url: str
    key: str
    model: str
    local: bool
    preset: str
    stored: bool
    limits: list[str]
    """Requests a minute, tokens a minute, requests at once; "" is no limit."""


class AccountsState(rx.State):
    """A key goes to the server once, when the form is sent, and never comes back: pages see its last four characters."""

    accounts: list[AccountLine] = []
    found: list[FoundServer] = []
    looking: bool = True
    loaded: bool = False

    step: str = ""
    """What the dialog shows: "" closed, `provider`, `form`."""
    form_number: int = 0
    original: str = ""
    provider: str = ""
    provider_title: str = ""
    name: str = ""
    base_url: str = ""
    key_hint: str = ""
    key_at: str = ""
    needs_key: bool = True
    is_azure: bool = False
    version: str = ""
    model: str = ""
    example: str = ""
    models: list[str] = []
    limits: list[str] = ["", "", ""]

    testing: bool = False
    tested: bool = False
    test_ok: bool = False
    test_text: str = ""
    test_remedy: str = ""
    form_error: str = ""
    deleting: str = ""

    @rx.event
    @told
    def open(self) -> Any:
        """Reads the list; `?open=NAME` opens the form of that account, which an error of a run leads to."""
        self._read()
        self.step = ""
        if asked := parse_qs(self.router.url.query).get("open", [""])[0][:100]:
            self._open(asked)
        return [AccountsState.look_around, SpendingState.read_spending]

    def _open(self, name: str) -> None:
        """The form of an account; of a new one with that name where there is none."""
        account = next((each for each in self.accounts if each["name"] == name), None)
        if account is not None:
            self._form_of(account)
        else:
            chosen = preset(name)
            self._form("", chosen["id"], name, chosen["base_url"], "", "")

    def _read(self) -> None:
        self.accounts = [
            {
                "name": row.name,
                "provider": preset_of(row.base_url or "", row.provider)["title"] or text("ui.accounts.elsewhere"),
                "base_url": row.base_url or "",
                "key": row.key_hint or "",
                "model": row.default_model or "",
                "local": preset_of(row.base_url or "", row.provider)["local"],
                "preset": preset_of(row.base_url or "", row.provider)["id"],
                "stored": row.stored,
                "limits": [str(limit or "") for limit in astuple(row.limits)],
            }
            for row in services().accounts.list()
        ]
        self.loaded = True

    @rx.event(background=True)
    async def look_around(self) -> None:
        async with self:
            self.looking = True
        found = await local_servers()
        async with self:
            self.found = found
            self.looking = False

    @rx.event
    def add(self) -> None:
        self.step = "provider"

    @rx.event
    def close(self) -> None:
        self.step = ""

    @rx.event
    def choose_provider(self, provider: str) -> None:
        chosen = preset(provider)
        taken = {account["name"] for account in self.accounts}
        base = "" if chosen["id"] == "other" else chosen["id"]
        name, number = base, 2
        while name and name in taken:
            name, number = f"{base} {number}", number + 1
        self._form("", chosen["id"], name, chosen["base_url"], "", "")

    @rx.event
    def edit(self, name: str) -> None:
        self._open(name)

    def _form_of(self, account: AccountLine) -> None:
        """The form of an account; one from the environment is kept as a new one, which counts before it."""
        original = account["name"] if account["stored"] else ""
        key = account["key"] if account["stored"] else ""
        self._form(original, account["preset"], account["name"], account["base_url"], key, account["model"], account["limits"])

    def _form(self, original: str, provider: str, name: str, base_url: str, key: str, model: str, limits: list[str] | None = None) -> None:
        chosen = preset(provider)
        self.original, self.provider, self.name, self.base_url, self.key_hint, self.model = (
            original,
            chosen["id"],
            name,
            base_url,
            key,
            model,
        )
        self.provider_title = chosen["title"] or text("ui.accounts.elsewhere")
        self.key_at, self.needs_key, self.example = chosen["key_at"], not chosen["local"], chosen["example"]
        self.is_azure = chosen["id"] == "azure"
        self.version = version_in(base_url)
        self.base_url = with_version(base_url, "") if self.is_azure else base_url
        self.limits = limits or ["", "", ""]
        self.models, self.tested, self.testing, self.form_error = [], False, False, ""
        self.form_number += 1
        self.step = "form"

    @rx.event
    async def send(self, form: dict[str, Any]) -> Any:
        """Keeps what the form says, then tries it. The dialog stays open with what came out, until it answers as it should."""
        from studio.engine.errors import ConveneError

        name = str(form.get("name") or "").strip()
        original = str(form.get("original") or "")
        self.form_error = ""
        if not name:
            self.form_error = text("ui.accounts.name_wanted")
            return
        try:
            services().accounts.save(
                name,
                provider=self.provider or "openai",
                base_url=address(self.provider, str(form.get("base_url") or ""), str(form.get("version") or "")),
                default_model=str(form.get("model") or "").strip(),
                key=str(form.get("key") or "").strip() or None,
                limits=AccountLimits.entered(*(str(form.get(field) or "") for field in FIELDS)),
                rename_from=original or None,
            )
        except ConveneError as error:
            self.form_error = str(error)
            return
        self._read()
        saved = next((each for each in self.accounts if each["name"] == name), None)
        self.original, self.name = name, name
        self.key_hint = saved["key"] if saved else ""
        self.base_url = (with_version(saved["base_url"], "") if self.is_azure else saved["base_url"]) if saved else self.base_url
        self.version = version_in(saved["base_url"]) if saved else self.version
        self.model = saved["model"] if saved else self.model
        self.limits = saved["limits"] if saved else self.limits
        # A new form: the key that was typed does not stay in the page.
        self.form_number += 1
        self.testing, self.tested = True, False
        yield
        await self._test(name)

    @rx.event
    async def test(self, name: str) -> Any:
        """Tries a kept account; what comes out is shown in its form."""
        account = next((each for each in self.accounts if each["name"] == name), None)
        if account is None:
            return
        self._form_of(account)
        self.testing = True
        yield
        await self._test(name)

    async def _test(self, name: str) -> None:
        try:
            async with asyncio.timeout(TEST_TIME):
                result = await services().accounts.test(name)
        except TimeoutError:
            self.test_ok, self.test_text, self.test_remedy = False, text("ui.accounts.no_answer"), text("ui.accounts.no_answer_remedy")
        else:
            self.test_ok, self.test_text, self.test_remedy = result.ok, result.text, result.remedy or ""
            self.models = sorted({*result.models[:500], *([self.model] if self.model else [])}) if result.models else []
        self.testing, self.tested = False, True

    @rx.event
    @told
    def use_found(self, name: str, base_url: str, model: str) -> Any:
        services().accounts.save(name, provider=preset_of(base_url)["id"], base_url=base_url, default_model=model)
        self._read()
        return done(text("ui.accounts.added", name=name))

    @rx.event
    def ask_delete(self, name: str) -> None:
        self.deleting = name

    @rx.event
    def keep(self) -> None:
        self.deleting = ""

    @rx.event
    @told
    def delete(self, name: str) -> Any:
        self.deleting = ""
        services().accounts.delete(name)
        self._read()
        return done(text("ui.accounts.deleted", name=name))
