"""Release notes in files.

A drafter writes a file, an editor reads it and writes it anew, and a checker searches
it for what was forgotten. The file is there to download when they are done.
"""

import asyncio
import sys
from pathlib import Path

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import TextMentionTermination, TokenUsageTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_agentchat.ui import Console
from autogen_ext.models.openai import OpenAIChatCompletionClient

practice = OpenAIChatCompletionClient(
    model="test-model",
    model_info={
        "vision": False,
        "function_calling": True,
        "json_output": True,
        "family": "unknown",
        "structured_output": True,
        "multiple_system_messages": True,
    },
)

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


drafter = AssistantAgent(
    "drafter",
    model_client=practice,
    description="writes the first version",
    system_message="""You write release notes from what you are told. Put them \
into the file release-notes.md with your tool, under the headings New, Changed and \
Fixed, one line a change. Mark what you do not know with TODO. Then say in one \
sentence what you wrote.""",
    tools=[list_files, read_file, search_files, write_file, append_to_file],
    reflect_on_tool_use=True,
    max_tool_iterations=10,
)

editor = AssistantAgent(
    "editor",
    model_client=practice,
    description="makes it readable",
    system_message="""You edit release notes. Read release-notes.md, make every \
line short and friendly, settle what is marked TODO by leaving out what nobody knows, \
and write the file anew. Then say what you changed.""",
    tools=[list_files, read_file, search_files, write_file, append_to_file],
    reflect_on_tool_use=True,
    max_tool_iterations=10,
)

checker = AssistantAgent(
    "checker",
    model_client=practice,
    description="looks for what was forgotten",
    system_message="""You check release-notes.md. Search it for TODO, read it \
once, and compare it with the task. List what is missing or invented. If nothing is, \
say what you checked and end with the word PUBLISH.""",
    tools=[list_files, read_file, search_files, write_file, append_to_file],
    reflect_on_tool_use=True,
    max_tool_iterations=10,
)

team = RoundRobinGroupChat(
    [drafter, editor, checker],
    name="Release desk",
    termination_condition=TextMentionTermination("PUBLISH", sources=["checker"])
    | TokenUsageTermination(max_total_token=50_000),
    max_turns=9,
)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or input("Task: ")
    asyncio.run(Console(team.run_stream(task=task)))
