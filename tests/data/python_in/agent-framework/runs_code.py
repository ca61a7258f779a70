"""Question to the data.

An analyst answers a question about figures by writing Python, a runner executes it, and
the answer quotes only what was really calculated.
"""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
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

client = OpenAIChatCompletionClient(model="test-model")

CODING = Path("coding")


async def run_code(messages: list[Message], command: list[str], timeout: float) -> str:
    """Run the Python in the newest message that holds some, and say what came out."""
    for message in reversed(messages):
        blocks = re.findall(r"```(?:python|py)\r?\n(.*?)```", message.text, re.DOTALL)
        if blocks:
            CODING.mkdir(exist_ok=True)
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                cwd=CODING,
            )
            try:
                code = "\n\n".join(blocks).encode()
                output, _ = await asyncio.wait_for(process.communicate(code), timeout)
            except TimeoutError:
                process.kill()
                return f"exitcode: 124 (execution failed)\nCode output: stopped after {timeout:g} seconds"
            outcome = (
                "execution succeeded" if process.returncode == 0 else "execution failed"
            )
            return f"exitcode: {process.returncode} ({outcome})\nCode output: {output.decode(errors='replace')}"
    return ""


def in_docker(image: str) -> list[str]:
    """Python in a container without a network; on this machine where USE_DOCKER=0 says so."""
    if os.environ.get("USE_DOCKER") == "0":
        return [sys.executable, "-"]
    docker = "docker run --rm -i --network=none -w /work".split()
    return [*docker, f"--volume={CODING.resolve()}:/work", image, "python", "-"]


class Speaker(BaseAgent):
    """Somebody who answers by a function of what was said since the last answer."""

    def __init__(
        self,
        name: str,
        description: str,
        answer: Callable[[list[Message]], Awaitable[str]],
    ) -> None:
        super().__init__(name=name, description=description)
        self.answer = answer

    def run(self, messages: Any = None, *, stream: bool = False, **options: Any) -> Any:
        async def words() -> AsyncIterator[AgentResponseUpdate]:
            text = await self.answer(list(messages or ()))
            yield AgentResponseUpdate(
                contents=[Content.from_text(text)],
                role="assistant",
                author_name=self.name,
            )

        said = ResponseStream(words(), finalizer=AgentResponse.from_updates)
        return said if stream else said.get_final_response()


async def runner_answer(messages: list[Message]) -> str:
    """What runner says."""
    messages = [each for each in messages if each.author_name in ["analyst"]]
    return (
        await run_code(messages, in_docker("python:3.12-slim"), 60.0)
        or """There was no code to run. Put complete code into a fenced \
block that names its language."""
    )


analyst = client.as_agent(
    name="analyst",
    description="asks the data with Python",
    instructions="""You answer questions about data with Python that somebody else runs for you.

First write the data into a CSV file and print how many rows were read back. Then calculate, and print every figure that you are going to use. One ```python block a message, standard library only; files stay there between blocks. State only figures that were printed. Begin the final answer with the word ANSWER: and use one or two sentences.""",
)

runner = Speaker("runner", "runs the code", runner_answer)

workflow = GroupChatBuilder(
    participants=[analyst, runner],
    selection_func=lambda state: ["analyst", "runner"][state.current_round % 2],
    termination_condition=lambda conversation: (
        conversation[-1].author_name == "analyst" and "ANSWER:" in conversation[-1].text
    ),
    max_rounds=10,
).build()


async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        for said in event.data or () if event.type == "executor_completed" else ():
            if isinstance(said, AgentExecutorResponse):
                print(f"\n{event.executor_id}: {said.agent_response.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
