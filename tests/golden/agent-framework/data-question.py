"""Question to the data. An analyst quotes only figures that a runner has calculated."""

import asyncio
import re
import sys
from shlex import quote

from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.tools import DockerShellTool

analyst = OpenAIChatCompletionClient(model="test-model").as_agent(
    name="analyst",
    description="asks the data with Python",
    instructions="""You answer questions about data with Python that somebody else runs for you.
First write the data into a CSV file and print how many rows were read back. Then calculate, and print every figure that you are going to use. One ```python block a message, standard library only; files stay there between blocks. State only figures that were printed. Begin the final answer with the word ANSWER: and use one or two sentences.""",
)

runner = DockerShellTool(image="python:3.12-slim", workdir="/tmp", timeout=60)


async def main(task: str) -> None:
    session = analyst.create_session()
    async with runner:
        for _ in range(5):
            said = await analyst.run(task, session=session)
            print(f"\nanalyst: {said.text}")
            if "ANSWER:" in said.text:
                break
            task = "There was no code to run. Send it fenced, with its language."
            if code := re.findall(r"```(?:python|py)\n(.*?)```", said.text, re.DOTALL):
                done = await runner.run(f"python -uc {quote(''.join(code))} 2>&1")
                outcome = "failed" if done.exit_code else "succeeded"
                task = f"exitcode: {done.exit_code} (execution {outcome})\n"
                task += f"Code output: {done.stdout}"
            print(f"\nrunner: {task}")


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or input("Task: ")))
