"""Release notes in files.

A drafter writes a file, an editor reads it and writes it anew, and a checker searches
it for what was forgotten. The file is there to download when they are done.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from agent_framework import (
    AgentContext,
    AgentExecutorResponse,
    AgentResponse,
    Message,
    Workflow,
    agent_middleware,
)
from agent_framework.openai import OpenAIChatCompletionClient
from agent_framework.orchestrations import GroupChatBuilder

client = OpenAIChatCompletionClient(model="test-model")

used_tokens: dict[str, int] = {}


@agent_middleware
async def count_tokens(
    context: AgentContext, call_next: Callable[[], Awaitable[None]]
) -> None:
    """Add up the tokens that all agents use."""

    def add(response: AgentResponse) -> None:
        for kind, count in (response.usage_details or {}).items():
            if isinstance(count, int):
                used_tokens[kind] = used_tokens.get(kind, 0) + count

    context.stream_result_hooks.append(add)
    await call_next()


FILES = Path("files")


def inside(path: str) -> Path:
    """A place in the folder of this conversation. Raises ValueError for any other."""
    found = (FILES / path).resolve()
    if not found.is_relative_to(FILES.resolve()):
        raise ValueError(f"'{path}' leads out of the work folder.")
    return found


def list_files(folder: str = "") -> str:
    """List the files of this conversation with their sizes."""
    found = sorted(path for path in inside(folder).rglob("*") if path.is_file())
    root = FILES.resolve()
    lines = [
        f"{path.relative_to(root).as_posix()}  ({path.stat().st_size:,} bytes)"
        for path in found
    ]
    return "\n".join(lines) or "There are no files."


def read_file(path: str, start: int = 1) -> str:
    """Read a text file of this conversation, from a line on; the first one is 1."""
    lines = inside(path).read_text("utf-8").splitlines(keepends=True)
    return "".join(lines[start - 1 :]) or "The file is empty."


def search_files(text: str, folder: str = "") -> str:
    """Find the lines in the files of this conversation that contain a text, in upper or lower case."""
    root = FILES.resolve()
    found = [
        f"{path.relative_to(root).as_posix()}:{number}: {line.strip()}"
        for path in sorted(inside(folder).rglob("*"))
        if path.is_file()
        for number, line in enumerate(
            path.read_text("utf-8", "replace").splitlines(), 1
        )
        if text.casefold() in line.casefold()
    ]
    return "\n".join(found) or f"No line contains '{text}'."


def write_file(path: str, content: str) -> str:
    """Write a text file. A file of that name is replaced."""
    place = inside(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content, "utf-8")
    return f"Wrote {path} ({len(content):,} characters)."


def append_to_file(path: str, content: str) -> str:
    """Add text to the end of a file; a file that is not there is made."""
    place = inside(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("a", encoding="utf-8") as file:
        file.write(content)
    return f"Added {len(content):,} characters to {path}."


drafter = client.as_agent(
    name="drafter",
    description="writes the first version",
    instructions="""You write release notes from what you are told. Put them \
into the file release-notes.md with your tool, under the headings New, Changed and \
Fixed, one line a change. Mark what you do not know with TODO. Then say in one \
sentence what you wrote.""",
    tools=[list_files, read_file, search_files, write_file, append_to_file],
    middleware=[count_tokens],
)

editor = client.as_agent(
    name="editor",
    description="makes it readable",
    instructions="""You edit release notes. Read release-notes.md, make every \
line short and friendly, settle what is marked TODO by leaving out what nobody knows, \
and write the file anew. Then say what you changed.""",
    tools=[list_files, read_file, search_files, write_file, append_to_file],
    middleware=[count_tokens],
)

checker = client.as_agent(
    name="checker",
    description="looks for what was forgotten",
    instructions="""You check release-notes.md. Search it for TODO, read it \
once, and compare it with the task. List what is missing or invented. If nothing is, \
say what you checked and end with the word PUBLISH.""",
    tools=[list_files, read_file, search_files, write_file, append_to_file],
    middleware=[count_tokens],
)


def is_over(conversation: list[Message]) -> bool:
    """Whether the conversation has come to its end."""
    last = conversation[-1]
    if last.author_name == "checker" and "PUBLISH" in last.text:
        return True
    return used_tokens.get("total_token_count", 0) >= 50_000


workflow = GroupChatBuilder(
    participants=[drafter, editor, checker],
    selection_func=lambda state: list(state.participants)[
        state.current_round % len(state.participants)
    ],
    termination_condition=is_over,
    max_rounds=9,
).build()


async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\n{event.executor_id}: {said.text}")


if __name__ == "__main__":
    asyncio.run(talk(workflow, " ".join(sys.argv[1:]) or input("Task: ")))
