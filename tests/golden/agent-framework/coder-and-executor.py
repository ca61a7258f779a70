"""Coder and executor. One agent writes Python, the other runs it until it works."""

import asyncio
import re
import sys
from shlex import quote

from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.tools import DockerShellTool

coder = OpenAIChatCompletionClient(model="test-model").as_agent(
    name="coder",
    description="writes Python and repairs it",
    instructions="""You solve tasks with Python that somebody else runs for you.
Send the whole program as one ```python block; use the standard library only and print what shows that the result is right.
Read the output: if it shows a mistake, say what was wrong and send the whole corrected program; when it proves that the task is solved, sum it up in two sentences and end with the word TERMINATE.""",
)

executor = DockerShellTool(image="python:3.12-slim", workdir="/tmp", timeout=60)


async def main(task: str) -> None:
    session = coder.create_session()
    async with executor:
        for _ in range(6):
            said = await coder.run(task, session=session)
            print(f"\ncoder: {said.text}")
            if "TERMINATE" in said.text:
                break
            task = "There was no code to run. Send it fenced, with its language."
            if code := re.findall(r"```(?:python|py)\n(.*?)```", said.text, re.DOTALL):
                done = await executor.run(f"python -uc {quote(''.join(code))} 2>&1")
                outcome = "failed" if done.exit_code else "succeeded"
                task = f"exitcode: {done.exit_code} (execution {outcome})\n"
                task += f"Code output: {done.stdout}"
            print(f"\nexecutor: {task}")


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or input("Task: ")))
