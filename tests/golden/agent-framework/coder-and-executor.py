"""Coder and executor. One agent writes Python, the other runs it until it works."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from agent_framework import (
    AgentExecutorResponse,
    AgentResponse,
    AgentResponseUpdate,
    BaseAgent,
    Content,
    Message,
    ResponseStream,
    Workflow,
)
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder
from agent_framework.tools import DockerShellTool, LocalShellTool, ShellExecutor

client = OpenAIChatCompletionClient(model="test-model")

CODING = Path("coding")
CODE = re.compile(r"```(?:python|py)\r?\n(.*?)```", re.DOTALL)
NO_CODE = "There was no code to run. Send it fenced, with its language."


class CodeExecutor(BaseAgent):
    """Runs the newest Python that others wrote, and says what came of it.

    It does so in a container without a network; without an image, or with USE_DOCKER=0
    in the environment, on this machine.
    """

    def __init__(
        self,
        name: str,
        description: str,
        sources: Sequence[str] = (),
        image: str = "python:3.12-slim",
        timeout: float = 60,
    ) -> None:
        super().__init__(name=name, description=description)
        self.sources = sources
        CODING.mkdir(exist_ok=True)
        self.shell: ShellExecutor = LocalShellTool(
            mode="stateless",
            workdir=CODING,
            timeout=timeout,
            approval_mode="never_require",
            acknowledge_unsafe=True,
        )
        self.python = Path(sys.executable).name
        if image and os.environ.get("USE_DOCKER") != "0":
            CODING.chmod(0o777)  # the container's user is nobody on this machine
            self.shell = DockerShellTool(
                image=image,
                mode="stateless",
                host_workdir=CODING.resolve(),
                mount_readonly=False,
                timeout=timeout,
            )
            self.python = "python"

    def run(self, messages: Any = None, *, stream: bool = False, **options: Any) -> Any:
        turn = ResponseStream(self.say(messages), finalizer=AgentResponse.from_updates)
        return turn if stream else turn.get_final_response()

    async def say(self, messages: Any) -> AsyncIterator[AgentResponseUpdate]:
        said = Content.from_text(await self.answer(messages or ()) or NO_CODE)
        yield AgentResponseUpdate(
            contents=[said], role="assistant", author_name=self.name
        )

    async def answer(self, messages: Sequence[Message]) -> str:
        """What came of the newest Python; empty where there is none."""
        for message in reversed(messages):
            blocks = CODE.findall(message.text)
            if blocks and (not self.sources or message.author_name in self.sources):
                (CODING / "code.py").write_text("\n\n".join(blocks), "utf-8")
                done = await self.shell.run(f"{self.python} code.py 2>&1")
                late = "Stopped: it took too long.\n" if done.timed_out else ""
                outcome = "failed" if done.exit_code else "succeeded"
                return f"exitcode: {done.exit_code} (execution {outcome})\nCode output: {done.stdout or done.stderr}{late}"
        return ""


coder = client.as_agent(
    name="coder",
    description="writes Python and repairs it",
    instructions="""You solve tasks with Python that somebody else runs for you.
Send the whole program as one ```python block; use the standard library only and print what shows that the result is right.
Read the output: if it shows a mistake, say what was wrong and send the whole corrected program; when it proves that the task is solved, sum it up in two sentences and end with the word TERMINATE.""",
)

executor = CodeExecutor("executor", "runs it")

workflow = GroupChatBuilder(
    participants=[coder, executor],
    selection_func=lambda state: ["coder", "executor"][state.current_round % 2],
    termination_condition=lambda conversation: (
        conversation[-1].author_name == "coder" and "TERMINATE" in conversation[-1].text
    ),
    max_rounds=12,
).build()


async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\n{event.executor_id}: {said.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
