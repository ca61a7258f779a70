"""The reply of an agent that runs the code which others wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.classic.chat_log import record
from studio.classic.coding.base import CodeBlock, CodeResult, EngineExecutor
from studio.classic.coding.factory import CodeWish, code_wish
from studio.classic.io import show
from studio.classic.loops import Either, Steps, drive, drive_async
from studio.classic.messages import Message, content_str
from studio.classic.model_replies import ModelAgent
from studio.classic.speaker import Agent
from studio.engine.code.fences import foreign_languages
from studio.engine.code.local import LocalExecutor
from studio.engine.code.threads import in_thread
from studio.engine.errors import CodeExecutionError, ConveneError, DockerUnavailable
from studio.engine.events import CodeBlock as LoggedBlock
from studio.engine.events import CodeFinished, CodeStarted

_YES = frozenset({"y", "yes", "ok"})


class CodeAgent(ModelAgent):
    """An agent that may run code."""

    _code: CodeWish | None = None
    _code_execution_config: Any = False

    def _take_code_config(self, config: Mapping[str, Any] | bool | None) -> None:
        """Raises ExecutorUnusable, a ValueError, for a configuration that is none."""
        if config is False:
            self._code_execution_config, self._code = False, None
            return
        self._code_execution_config = dict(config) if isinstance(config, Mapping) else {}
        self._code = code_wish(self._code_execution_config)

    @property
    def use_docker(self) -> bool | str | None:
        """What the configuration says, None when it says nothing or runs no code."""
        return self._code_execution_config.get("use_docker") if isinstance(self._code_execution_config, dict) else None

    @property
    def code_executor(self) -> Any:
        """The executor, None for an agent that runs no code."""
        return self._code.executor if self._code is not None else None

    def execute_code_blocks(self, code_blocks: list[tuple[str, str]]) -> tuple[int, str]:
        """Run (language, code) pairs: exit code and output. Override it to run code in another way."""
        result = drive(self._execute([CodeBlock(code, language) for language, code in code_blocks]))
        return result.exit_code, result.output

    def generate_code_execution_reply(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: Any = None
    ) -> tuple[bool, str | None]:
        """What came of the newest code that was heard; (False, None) when there is none."""
        return drive(self._run_heard_code(messages, sender))

    async def a_generate_code_execution_reply(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: Any = None
    ) -> tuple[bool, str | None]:
        """The same in an async chat."""
        return await drive_async(self._run_heard_code(messages, sender))

    def _run_heard_code(self, messages: list[Message] | None, sender: Agent | None) -> Steps[tuple[bool, str | None]]:
        if self._code is None:
            return False, None
        if messages is None:
            messages = self._heard[sender] if sender is not None else []
        extractor = self._code.executor.code_extractor
        for message in reversed(_looked_at(messages, self._code.last)):
            heard = content_str(message.get("content"))
            blocks = extractor.extract_code_blocks(heard)
            if blocks:
                break
            if isinstance(self._code.executor, EngineExecutor) and (languages := foreign_languages(heard)):
                self._about["role"] = "code"
                return True, self._as_reply(CodeResult(1, f"unknown language {languages[0]}"))
        else:
            return False, None
        overridden = type(self).execute_code_blocks is not CodeAgent.execute_code_blocks
        if overridden:
            exit_code, output = self.execute_code_blocks([(block.language, block.code) for block in blocks])
            result = CodeResult(exit_code, output)
        else:
            result = yield from self._execute(blocks)
        self._about["role"] = "code"
        return True, self._as_reply(result)

    def _as_reply(self, result: Any) -> str:
        outcome = "execution succeeded" if result.exit_code == 0 else "execution failed"
        line = "\n" if self._code is not None and self._code.own_line else ""
        return f"exitcode: {result.exit_code} ({outcome})\nCode output: {line}{result.output}"

    def _execute(self, blocks: list[Any]) -> Steps[Any]:
        """The result of the blocks. What could not be started is a result that says why: the log and the conversation go on."""
        assert self._code is not None
        logged = tuple(LoggedBlock(language=block.language or "", code=block.code) for block in blocks)
        record(CodeStarted(source=self.name, blocks=logged, where=getattr(self._code.executor, "where", "")))
        show(f"\n({self.name} runs {len(blocks)} block{'s' if len(blocks) != 1 else ''} of code)")
        try:
            result = yield _execution(self._code.executor, blocks)
        except DockerUnavailable as mistake:
            if (yield from self._this_machine_instead(mistake)):
                result = yield _execution(self._code.executor, blocks)
            else:
                remedy = "Start Docker, or run code on this machine: code_execution_config={'use_docker': False, …}."
                result = CodeResult(1, f"The code was not run. {mistake.sentence} {remedy}")
        except ConveneError as mistake:
            result = CodeResult(1, f"The code was not run. {mistake}")
        files = tuple(getattr(result, "output_files", ()) or ())
        record(
            CodeFinished(
                source=self.name,
                exit_code=result.exit_code,
                output=result.output,
                where=getattr(self._code.executor, "where", ""),
                files=tuple(str(name) for name in files),
            )
        )
        return result

    def _this_machine_instead(self, mistake: CodeExecutionError) -> Steps[bool]:
        """Whether a person lets code run on this machine, where nobody chose Docker and somebody can be asked."""
        code = self._code
        if code is None or not code.may_ask or self.human_input_mode == "NEVER" or not isinstance(code.executor, EngineExecutor):
            return False
        answer = yield from self._ask(f"{mistake.sentence} May the code run on this machine, without a sandbox? (yes / no) ")
        if answer.strip().lower() not in _YES:
            return False
        code.executor = EngineExecutor(
            LocalExecutor(timeout=code.executor.timeout, disk_mb=1_000_000), code.executor.work_dir, code.executor.timeout
        )
        code.may_ask = False
        return True


def _execution(executor: Any, blocks: list[Any]) -> Either:
    """Running blocks in an executor of ours, or in a script's own, which may block."""
    if isinstance(executor, EngineExecutor):
        return Either(lambda: executor.execute_code_blocks(blocks), lambda: executor.a_execute_code_blocks(blocks))
    return Either(lambda: executor.execute_code_blocks(blocks), lambda: in_thread(lambda: executor.execute_code_blocks(blocks)))


def _looked_at(messages: list[Message], last: int | str) -> list[Message]:
    """The messages in which code is looked for; "auto" takes those that were heard since this agent spoke last."""
    if isinstance(last, int):
        return messages[-last:] if last else []
    first = len(messages)
    while first > 0 and messages[first - 1].get("role") == "user":
        first -= 1
    return messages[first:]
