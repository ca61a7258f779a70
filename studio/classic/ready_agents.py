"""The two agents that most scripts begin with: one who writes, one who runs and decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from studio.classic.conversable import ConversableAgent

ASSISTANT = """You are a capable assistant who solves tasks by thinking, by writing and by code that somebody runs for you.
When something has to be looked up, computed or done, put it into one fenced block whose first word names the language, `python` or `sh`.
The block is run as it stands: write it complete, leave no gaps for others to fill, and print what you want to know. One block a reply.
To keep the code in a file, make its first line a comment: # filename: name.py
You are told the exit code and the output. Read them: when something failed, find out why and write the
whole corrected block; when it worked, check that it answers the task.
Explain your plan in few words before you begin, and say which part you are at.
When the task is done and nothing is left to run, answer it and reply with the word TERMINATE alone at the end."""

ASSISTANT_DESCRIPTION = "Solves tasks by thinking and by writing Python or shell code, which others run, and corrects it by what came out."

PROXY_DESCRIPTIONS = {
    "ALWAYS": "A person who answers questions about the task, and who can run Python and shell code and tell what came out.",
    "TERMINATE": "Runs Python and shell code on a person's behalf and tells what came out; the person looks in at the end.",
    "NEVER": "A terminal: it runs Python in ```python blocks and shell in ```sh blocks, tells what came out, and does nothing else.",
}


class AssistantAgent(ConversableAgent):
    """Writes answers and code; runs none, asks nobody."""

    DEFAULT_SYSTEM_MESSAGE = ASSISTANT
    DEFAULT_DESCRIPTION = ASSISTANT_DESCRIPTION

    def __init__(
        self,
        name: str,
        system_message: str | Sequence[str] | None = ASSISTANT,
        llm_config: Mapping[str, Any] | bool | None = None,
        is_termination_msg: Callable[[dict[str, Any]], bool] | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: str = "NEVER",
        description: str | None = None,
        **options: Any,
    ) -> None:
        if description is None and system_message == ASSISTANT:
            description = ASSISTANT_DESCRIPTION
        super().__init__(
            name,
            system_message,
            is_termination_msg,
            max_consecutive_auto_reply,
            human_input_mode,
            llm_config=llm_config,
            description=description,
            **options,
        )


class UserProxyAgent(ConversableAgent):
    """Stands for a person: asks them, runs code and functions; has no model unless it is given one."""

    def __init__(
        self,
        name: str,
        is_termination_msg: Callable[[dict[str, Any]], bool] | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: str = "ALWAYS",
        function_map: Mapping[str, Callable[..., Any]] | None = None,
        code_execution_config: Mapping[str, Any] | bool | None = None,
        default_auto_reply: Any = "",
        llm_config: Mapping[str, Any] | bool | None = False,
        system_message: str | Sequence[str] | None = "",
        description: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            name,
            system_message,
            is_termination_msg,
            max_consecutive_auto_reply,
            human_input_mode,
            function_map,
            {} if code_execution_config is None else code_execution_config,
            llm_config,
            default_auto_reply,
            description if description is not None else PROXY_DESCRIPTIONS.get(human_input_mode, ""),
            **options,
        )
