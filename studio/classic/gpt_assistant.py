"""What OpenAI's assistants did, by the name and the arguments of AutoGen's agent for them, over a model that chats."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from studio.classic.llm_config import LLMConfig
from studio.classic.model_configs import ConfigUnusable
from studio.classic.ready_agents import ASSISTANT
from studio.classic.tooled import TooledAgent
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.documents.document import LARGEST, Document
from studio.engine.tools.search_documents import SearchDocuments
from studio.texts import text

CODE, SEARCHES = ("code_interpreter",), ("file_search", "retrieval")
_OF_ASSISTANTS = ("assistant_id", "tools", "file_ids", "tool_resources", "check_every_ms", "truncation_strategy", "verbose")
"""What AutoGen takes out of llm_config, where old scripts have it."""

WORK = Path("coding")
"""Where the code of assistants keeps its files, below the folder that the script runs in."""

CODE_TOLD = """Run a Python program in a sandbox without a network and read its exit code and what it printed. Files stay for the next \
program, variables do not."""


class GPTAssistantAgent(TooledAgent):
    """The Assistants API ended in August 2026: the chat of the same model does what it did, and keeps the conversation on this side.

    Of `assistant_config` its tools count: `code_interpreter` runs Python in Docker, `file_search` and `retrieval` search the files whose
    paths stand where their ids stood, functions are those that are registered with the agent. An assistant that was kept by OpenAI
    under an `assistant_id` is gone; its instructions have to be given. Raises ConfigUnusable without a model.
    """

    def __init__(
        self,
        name: str = "GPT Assistant",
        instructions: str | None = None,
        llm_config: Mapping[str, Any] | bool | None = None,
        assistant_config: Mapping[str, Any] | None = None,
        overwrite_instructions: bool = False,
        overwrite_tools: bool = False,
        **options: Any,
    ) -> None:
        if llm_config is None:
            llm_config = LLMConfig.current()
        if not isinstance(llm_config, Mapping):
            raise ConfigUnusable(text("classic.assistant.no_model", agent=name), text("classic.give_one"))
        config = {field: llm_config[field] for field in _OF_ASSISTANTS if field in llm_config} | dict(assistant_config or {})
        verbose = options.pop("verbose", None)
        super().__init__(
            name,
            instructions if instructions is not None else ASSISTANT,
            human_input_mode="NEVER",
            llm_config={field: value for field, value in llm_config.items() if field not in _OF_ASSISTANTS},
            **options,
        )
        self._verbose = bool(verbose)
        self.assistant_id: str | None = config.get("assistant_id")
        if self.assistant_id and instructions is None:
            warnings.warn(text("classic.assistant.gone", agent=name, assistant=self.assistant_id), stacklevel=2)
        self._take_tools(config)

    def get_assistant_instructions(self) -> str:
        """What it is told."""
        return self.system_message

    def delete_assistant(self) -> None:
        """There is nothing elsewhere to delete; it only forgets what was said."""
        self.clear_history()

    def _take_tools(self, config: Mapping[str, Any]) -> None:
        searched = False
        for tool in config.get("tools") or ():
            kind = tool.get("type") if isinstance(tool, Mapping) else None
            if kind in CODE:
                self.give_code(DockerExecutor(), WORK, "code_interpreter", CODE_TOLD)
            elif kind in SEARCHES and not searched:
                searched = True
                self.give(SearchDocuments(documents=tuple(self._documents(config))))
            elif kind == "function":
                self.update_tool_signature({"type": "function", "function": dict(tool["function"])}, False)
            elif kind not in SEARCHES:
                raise ConfigUnusable(
                    text("classic.assistant.unknown_tool", agent=self.name, kind=repr(kind)), text("classic.assistant.unknown_tool.remedy")
                )

    def _documents(self, config: Mapping[str, Any]) -> Iterable[Document]:
        """The files that are named where the ids of files stood, below the folder that the script runs in."""
        from studio.engine.documents.document import Shelf

        root, kept = Path.cwd().resolve(), self.workshop.place()
        self.workshop.documents = kept.folder / ".documents"
        for each in dict.fromkeys(_files(config)):
            path = (root / each).resolve()
            if not path.is_relative_to(root) or not path.is_file() or path.stat().st_size > LARGEST:
                warnings.warn(text("classic.assistant.file_gone", agent=self.name, file=each), stacklevel=4)
                continue
            yield Shelf(self.workshop.documents).put(path.name, path.read_bytes())


def _files(config: Mapping[str, Any]) -> Iterable[str]:
    """The ids of files that a configuration names."""
    resources = config.get("tool_resources") or {}
    search = (resources.get("file_search") or {}) if isinstance(resources, Mapping) else {}
    lists = [config.get("file_ids"), search.get("vector_store_ids"), *(each.get("file_ids") for each in search.get("vector_stores") or ())]
    return [str(each) for listed in lists for each in listed or ()]
