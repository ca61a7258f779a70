"""Engineering team.

A planner, a coder, a tester who really runs the code, and a reviewer. A model chooses
who speaks next, along the arrows that you draw.
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
from agent_framework.orchestrations import GroupChatBuilder, GroupChatState

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


async def tester_answer(messages: list[Message]) -> str:
    """What tester says."""
    messages = [each for each in messages if each.author_name in ["coder"]]
    return (
        await run_code(messages, in_docker("python:3.12-slim"), 60.0)
        or """There was no code to run. Put complete code into a fenced \
block that names its language."""
    )


planner = client.as_agent(
    name="planner",
    description="breaks the task into steps",
    instructions="""You plan small pieces of software. Answer with at most five \
numbered steps: what is to be written, which cases must be tested, and what counts as \
done. Write no code.""",
)

coder = client.as_agent(
    name="coder",
    description="writes the module and its tests",
    instructions="""You write clean, typed Python for the standard library.

Always send the whole program as one ```python block: the functions first, then the tests as plain asserts or printed checks. The program must exit with an error when a test fails. Before the block, say in one or two sentences what you changed and why.""",
)

tester = Speaker("tester", "runs the tests", tester_answer)

reviewer = client.as_agent(
    name="reviewer",
    description="reads for edge cases and names",
    instructions="""You review code that already passes its tests. Look for \
cases that the tests forgot, unclear names and needless complexity. Ask for the one \
change that matters most, with an example. When nothing important is left, say why it \
is good and end with the word APPROVED.""",
)

AFTER = {
    "planner": ["coder"],
    "coder": ["tester"],
    "tester": ["coder", "reviewer"],
    "reviewer": ["coder"],
}

chooser = client.as_agent(
    name="chooser",
    instructions="""Several agents work on a task together. You say who speaks next. The agents are:

planner: breaks the task into steps
coder: writes the module and its tests
tester: runs the tests
reviewer: reads for edge cases and names

Failing code goes back to the coder, code that ran without an error to the reviewer.""",
)


async def next_speaker(state: GroupChatState) -> str:
    """A model chooses."""
    last = state.conversation[-1].author_name or ""
    names = AFTER.get(last, ["planner"])
    if len(names) == 1:
        return names[0]
    question = f"Who speaks next? Answer with one name: {', '.join(names)}."
    answer = await chooser.run([*state.conversation, Message("user", [question])])
    return next((name for name in names if name in answer.text), names[0])


workflow = GroupChatBuilder(
    participants=[planner, coder, tester, reviewer],
    selection_func=next_speaker,
    termination_condition=lambda conversation: (
        conversation[-1].author_name == "reviewer"
        and "APPROVED" in conversation[-1].text
    ),
    max_rounds=16,
).build()


async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        for said in event.data or () if event.type == "executor_completed" else ():
            if isinstance(said, AgentExecutorResponse):
                print(f"\n{event.executor_id}: {said.agent_response.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
