"""A tool that fetches a page of the web and gives its readable text as Markdown."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.code.base import FunctionResult
from studio.engine.component import Widget
from studio.engine.models.base import ToolSchema
from studio.engine.tools.approval import AskFirst, AskWhen, must_ask
from studio.engine.tools.base import Tool, ToolPlace
from studio.engine.tools.own_functions import CallFailed, call_function
from studio.engine.tools.page_text import PageText, page_text
from studio.engine.tools.reach_fields import Hosts, PrivateHosts
from studio.engine.tools.schema import schema_of_function
from studio.engine.tools.web import Reach, WebAnswer, WebRequest, fetch

_ACCEPT = "text/html, application/xhtml+xml, text/plain;q=0.9, application/json;q=0.8, */*;q=0.1"


class WebPage(Tool):
    """One function, `read_page`. A model chooses the address, so that private networks are out of reach unless hosts are named."""

    kind: ClassVar[str] = "web_page"
    title: ClassVar[str] = "Web page"
    summary: ClassVar[str] = "Reads a page of the web"

    hosts: Hosts = ()
    approval: AskFirst = "never"
    approval_pattern: AskWhen = ()
    private_hosts: PrivateHosts = ()
    characters: Annotated[
        int,
        Field(title="Characters at once", description="A longer page is read in parts.", ge=1_000, le=60_000),
        Widget("", advanced=True),
    ] = 20_000
    timeout: Annotated[float, Field(title="Time limit", description="Seconds.", gt=0, le=300), Widget("seconds", advanced=True)] = 20.0

    def schema_for_model(self) -> ToolSchema:
        return _schema()

    def needs_approval(self, name: str, arguments: str) -> bool:
        return must_ask(self.approval, self.approval_pattern, name, arguments)

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        async def read_page(url: str, start: int = 0) -> str:
            answer = await fetch(WebRequest(url, headers={"Accept": _ACCEPT}), Reach(self.hosts, self.private_hosts), timeout=self.timeout)
            page = await asyncio.to_thread(_readable, answer)
            return _part(page, answer, start, self.characters)

        return await call_function(read_page, arguments, self.timeout + 10.0)


async def read_page(url: str, start: int = 0) -> str:
    """Read a page of the web: its title and its text as Markdown with links. Long pages are read in parts.

    Args:
        url: The address of the page, beginning with https:// or http://.
        start: Where to begin in the text, for the next part of a long page.
    """
    raise CallFailed("A page is read where its tool says.")


@cache
def _schema() -> ToolSchema:
    return schema_of_function(read_page)


def _readable(answer: WebAnswer) -> PageText:
    """What a page says. Raises CallFailed for one that says nothing."""
    if answer.status >= 400:
        raise CallFailed(f"{answer.url} cannot be read: HTTP {answer.status} {answer.reason}".rstrip() + ".")
    if not answer.is_text:
        kind = answer.content_type or "of an unknown type"
        raise CallFailed(f"{answer.url} is no page of text, but {kind} ({len(answer.body):,} bytes).")
    text = answer.text
    is_page = "html" in answer.content_type or (not answer.content_type and "<html" in text[:2_000].lower())
    return page_text(text, str(answer.url)) if is_page else PageText("", text.strip())


def _part(page: PageText, answer: WebAnswer, start: int, length: int) -> str:
    """The part of a page from `start` on, under its title and its address, and where to go on."""
    if not page.text:
        return (
            f"{page.title}\n{answer.url}\n\nThe page has no text of its own: it may be written by scripts, which are not run here.".lstrip()
        )
    if not 0 <= start < len(page.text):
        raise CallFailed(f"The text of {answer.url} has {len(page.text):,} characters, so that none is at {start}.")
    end = start + length
    if end < len(page.text):
        end = max(page.text.rfind("\n", start + length // 2, end), page.text.rfind(" ", start + length // 2, end)) + 1 or end
    rest = f"\n\n… {len(page.text) - end:,} more characters: go on with start={end}" if end < len(page.text) else ""
    cut = "\n\n… the page is longer than what is fetched" if answer.cut and not rest else ""
    title = f"# {page.title}\n" if page.title and not start else ""
    return f"{title}{answer.url}\n\n{page.text[start:end].rstrip()}{rest}{cut}"
