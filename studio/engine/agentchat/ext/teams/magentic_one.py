"""AutoGen's ready team Magentic-One, with its arguments: a planner, two surfers, a coder, who runs its code, and a person if wanted."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from studio.engine.agentchat.agents.code_executor import ApprovalFuncType, CodeExecutorAgent
from studio.engine.agentchat.agents.user_proxy import UserProxyAgent
from studio.engine.agentchat.core.code_executor import CodeExecutor
from studio.engine.agentchat.core.models import ChatCompletionClient
from studio.engine.agentchat.ext.agents.file_surfer import FileSurfer
from studio.engine.agentchat.ext.agents.magentic_one import MagenticOneCoderAgent
from studio.engine.agentchat.ext.agents.web_surfer import MultimodalWebSurfer
from studio.engine.agentchat.ext.code_executors import create_default_code_executor
from studio.engine.agentchat.teams.magentic import MagenticOneGroupChat

InputFuncType = Callable[..., Any]
"""`input_func(prompt)`, or an async one of the prompt and a cancellation token."""

NEEDED = ("function_calling", "json_output")


class MagenticOne(MagenticOneGroupChat):
    """FileSurfer, WebSurfer, Coder and ComputerTerminal, and with `hil_mode` a User, all over one client."""

    def __init__(
        self,
        client: ChatCompletionClient,
        hil_mode: bool = False,
        input_func: InputFuncType | None = None,
        code_executor: CodeExecutor | None = None,
        approval_func: ApprovalFuncType | None = None,
    ) -> None:
        """Without `code_executor` code runs in Docker where that answers, otherwise here after a yes.

        `input_func` is asked with `hil_mode` only; `approval_func` sees all code before it runs. Warns of a client that says that it
        lacks what the team needs. Raises ValueError for one that can call no functions.
        """
        self.client = client
        if not all(client.model_info.get(each) for each in NEEDED):
            warnings.warn(f"The client of MagenticOne must be capable of {' and '.join(NEEDED)}.", stacklevel=2)
        agents: list[Any] = [
            FileSurfer("FileSurfer", model_client=client),
            MultimodalWebSurfer("WebSurfer", model_client=client),
            MagenticOneCoderAgent("Coder", model_client=client),
            CodeExecutorAgent(
                "ComputerTerminal", code_executor=code_executor or create_default_code_executor(), approval_func=approval_func
            ),
        ]
        if hil_mode:
            agents.append(UserProxyAgent("User", input_func=input_func))
        super().__init__(agents, model_client=client)
