"""A tool by which agents use a web browser: they visit pages, click, type, scroll and read, and see what is in view."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from studio.engine.code.base import FunctionResult
from studio.engine.component import Widget
from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.models.base import ToolSchema
from studio.engine.tools.addresses import AddressRefused, read_address
from studio.engine.tools.approval import AskFirst, AskWhen, must_ask
from studio.engine.tools.base import Offered, Tool, ToolPlace
from studio.engine.tools.browser_functions import ASKING, ASKS_MODEL, BrowserUse, functions_of
from studio.engine.tools.browser_session import BrowserSession
from studio.engine.tools.browser_start import STARTING, opened_browser
from studio.engine.tools.own_functions import call_function
from studio.engine.tools.reach_fields import Hosts, PrivateHosts
from studio.engine.tools.schema import schema_of_function
from studio.engine.tools.search_providers import DuckDuckGo, SearchProvider
from studio.engine.tools.web import Reach
from studio.texts import text


def _is_page(url: str) -> str:
    if url.strip():
        try:
            read_address(url)
        except AddressRefused as mistake:
            raise ValueError(str(mistake).rstrip(".")) from None
    return url.strip()


class WebBrowser(Tool):
    """Functions over one page of a Chromium that is started in a run when one is first called, and closed with the run.

    All that the page loads, wherever it comes from, passes the guard of the other tools that reach the web.
    """

    kind: ClassVar[str] = "web_browser"
    title: ClassVar[str] = "Web browser"
    summary: ClassVar[str] = "Visits pages, clicks and types, and sees them"
    kept_in: ClassVar[str] = "downloads"
    """The folder, within the run's, that files go to."""

    start_page: Annotated[
        str,
        Field(title="Start page", description="What is open at first; nothing where it is empty.", max_length=2_000),
        AfterValidator(_is_page),
        Widget("line", placeholder="https://example.com/"),
    ] = ""
    screenshots: Annotated[
        bool, Field(title="Shows pictures", description="Each result comes with a picture of the page, for models that see.")
    ] = True
    provider: Annotated[SearchProvider, Field(title="Web search")] = DuckDuckGo()
    hosts: Hosts = ()
    approval: AskFirst = "never"
    approval_pattern: AskWhen = ()
    downloads: Annotated[
        bool,
        Field(title="Keeps files", description="Files that pages offer are kept in the run's folder."),
        Widget("", advanced=True),
    ] = False
    uploads: Annotated[
        bool,
        Field(title="Gives files away", description="Files of the run's folder may be chosen in forms of pages."),
        Widget("", advanced=True),
    ] = False
    private_hosts: PrivateHosts = ()
    questions: Annotated[
        int,
        Field(
            title="May ask the model",
            description="How often in a run the agent's own model answers questions about a whole page; 0 is never.",
            ge=0,
            le=1_000,
        ),
        Widget("", advanced=True),
    ] = 20
    characters: Annotated[
        int,
        Field(title="Characters at once", description="A longer page is read in parts.", ge=1_000, le=60_000),
        Widget("", advanced=True),
    ] = 20_000
    timeout: Annotated[
        float, Field(title="Time limit", description="Seconds for one action.", gt=0, le=300), Widget("seconds", advanced=True)
    ] = 30.0

    def schemas(self, offered: Offered) -> tuple[ToolSchema, ...]:
        return _schemas(bool(self.questions), self.uploads)

    @property
    def may_ask_model(self) -> int:
        return self.questions

    def needs_approval(self, name: str, arguments: str) -> bool:
        return must_ask(self.approval, self.approval_pattern, name, arguments)

    def needs_consent(self) -> str:
        if self.hosts:
            said = [text("engine.browser.consent.some_hosts", hosts=", ".join(self.hosts))]
        else:
            said = [text("engine.browser.consent.all_hosts")]
        if self.private_hosts:
            said.append(text("engine.browser.consent.private_hosts", hosts=", ".join(self.private_hosts)))
        if self.downloads:
            said.append(text("engine.browser.consent.files"))
        if self.uploads:
            said.append(text("engine.browser.consent.uploads"))
        return "\n\n".join(said)

    @property
    def reach(self) -> Reach:
        return Reach(self.hosts, self.private_hosts)

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        use = BrowserUse(self, place)
        function = functions_of(use, bool(self.questions), self.uploads).get(name)
        if function is None:
            return FunctionResult(f"There is no tool '{name}' among this browser's tools.", is_error=True)
        limit = self.timeout + STARTING + (ASKING if name in ASKS_MODEL else 0)
        result = await call_function(function, arguments, limit, limit=self.characters + 20_000)
        return replace(result, files=tuple(use.files), attachments=tuple(use.pictures))

    async def session(self, place: ToolPlace) -> BrowserSession:
        """The browser of this run, started where it is not yet. Raises BrowserMissing and BrowserFailed."""

        async def opened() -> BrowserSession:
            kept_in = self.kept_in if self.downloads else None
            return await place.resources.opened(
                self.key, lambda: opened_browser(self.reach, place.folder, kept_in, self.uploads), outlasts=True
            )

        session = await opened()
        if not session.alive:
            await place.resources.drop(self.key)
            session = await opened()
        return session


@cache
def _schemas(asks: bool, lends: bool) -> tuple[ToolSchema, ...]:
    nowhere = BrowserUse(WebBrowser(), ToolPlace(Path(), EnvironmentAccounts()))
    return tuple(schema_of_function(function, name) for name, function in functions_of(nowhere, asks, lends).items())
