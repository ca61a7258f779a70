"""AgentChat's web surfer, with AutoGen's arguments: an assistant that uses a web browser, one action a turn."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from studio.engine.agentchat.core.models import ChatCompletionClient
from studio.engine.agentchat.ext.agents.folder_tool import FolderTool
from studio.engine.agentchat.ext.agents.ready_assistant import ReadyAssistant
from studio.engine.agentchat.messages import BaseChatMessage, MultiModalMessage, TextMessage
from studio.engine.agents.surfers import START_PAGE, WEB_SURFER, WEB_SURFER_DESCRIPTION
from studio.engine.code.base import FunctionResult
from studio.engine.tools.base import ToolPlace
from studio.engine.tools.web_browser import WebBrowser


class MultimodalWebSurfer(ReadyAssistant):
    """Its browser is started when it is first needed in a run, and closed with the run; a script's yes to it is its name."""

    def __init__(
        self,
        name: str,
        model_client: ChatCompletionClient,
        downloads_folder: str | None = None,
        description: str = WEB_SURFER_DESCRIPTION,
        debug_dir: str | None = None,
        headless: bool = True,
        start_page: str | None = START_PAGE,
        animate_actions: bool = False,
        to_save_screenshots: bool = False,
        use_ocr: bool = False,
        browser_channel: str | None = None,
        browser_data_dir: str | None = None,
        to_resize_viewport: bool = True,
        *,
        browser: WebBrowser | None = None,
    ) -> None:
        """`browser` says more of the browser than AutoGen's arguments do: hosts, private hosts, approval.

        Which Chromium it is, how it looks while it works and where pictures are kept (browser_channel, browser_data_dir, headless,
        animate_actions, to_resize_viewport, use_ocr, debug_dir) makes no difference: the pictures are in its messages. Raises
        ValueError as AssistantAgent does, and for screenshots without a debug_dir.
        """
        if debug_dir is None and to_save_screenshots:
            raise ValueError("Cannot save screenshots without a debug directory: name one as debug_dir.")
        chosen = browser or WebBrowser(start_page=start_page or START_PAGE)
        settings = {field: getattr(chosen, field) for field in WebBrowser.model_fields}
        held = ScriptBrowser(**settings | {"downloads": chosen.downloads or downloads_folder is not None, "folder": downloads_folder or ""})
        super().__init__(name, model_client, tools=[held], description=description, system_message=WEB_SURFER)

    @property
    def produced_message_types(self) -> tuple[type[BaseChatMessage], ...]:
        return (MultiModalMessage, TextMessage)


class ScriptBrowser(FolderTool, WebBrowser):
    """A browser of a script, which keeps files in a folder of the script's own where one is named."""

    kind: ClassVar[str] = WebBrowser.kind
    drawable: ClassVar[bool] = False
    kept_in: ClassVar[str] = ""

    async def call(self, name: str, arguments: str, place: ToolPlace) -> FunctionResult:
        if self.folder:
            await asyncio.to_thread(Path(self.folder).mkdir, parents=True, exist_ok=True)
        return await super().call(name, arguments, place)
