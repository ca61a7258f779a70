"""A tool by which an assistant runs Python of its own."""

from __future__ import annotations

from pydantic import BaseModel, Field

from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.code_executor import CodeBlock, CodeExecutor
from studio.engine.agentchat.tools import BaseTool


class CodeExecutionInput(BaseModel):
    code: str = Field(description="The contents of the Python code block that should be executed")


class CodeExecutionResult(BaseModel):
    success: bool
    output: str


class PythonCodeExecutionTool(BaseTool[CodeExecutionInput, CodeExecutionResult]):
    """Runs it in the executor that the script opened."""

    def __init__(self, executor: CodeExecutor) -> None:
        super().__init__(CodeExecutionInput, CodeExecutionResult, "CodeExecutor", "Execute Python code blocks.")
        self._executor = executor

    async def run(self, args: CodeExecutionInput, cancellation_token: CancellationToken) -> CodeExecutionResult:
        result = await self._executor.execute_code_blocks([CodeBlock(code=args.code, language="python")], cancellation_token)
        return CodeExecutionResult(success=result.exit_code == 0, output=result.output)

    def return_value_as_string(self, value: CodeExecutionResult) -> str:
        return value.output
