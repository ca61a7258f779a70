"""Engineering team.

A planner, a coder, a tester who really runs the code, and a reviewer. A model chooses
who speaks next, along the arrows that you draw.
"""

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
from agent_framework.orchestrations import GroupChatBuilder, GroupChatState
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
                done = await self.shell.run(f"{self.python} -u code.py 2>&1")
                late = "Stopped: it took too long.\n" if done.timed_out else ""
                outcome = "failed" if done.exit_code else "succeeded"
                return f"exitcode: {done.exit_code} (execution {outcome})\nCode output: {done.stdout or done.stderr}{late}"
        return ""


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

tester = CodeExecutor("tester", "runs the tests", sources=["coder"])

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
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\n{event.executor_id}: {said.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
