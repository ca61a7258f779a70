"""Release notes in files.

A drafter writes a file, an editor reads it and writes it anew, and a checker searches
it for what was forgotten. The file is there to download when they are done.
"""

import sys
from pathlib import Path
from typing import Any

from autogen import (
    Agent,
    AssistantAgent,
    GroupChat,
    GroupChatManager,
    UserProxyAgent,
    gather_usage_summary,
    register_function,
)

llm_config = {"model": "test-model", "cache_seed": None}

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


def tokens(agents: list[Agent], kind: str) -> int:
    """Tokens of one kind that the models of these agents used so far."""
    usage = gather_usage_summary(agents)["usage_including_cached_inference"]
    return sum(used[kind] for used in usage.values() if isinstance(used, dict))


drafter = AssistantAgent(
    "drafter",
    description="writes the first version",
    system_message="""You write release notes from what you are told. Put them \
into the file release-notes.md with your tool, under the headings New, Changed and \
Fixed, one line a change. Mark what you do not know with TODO. Then say in one \
sentence what you wrote.""",
    llm_config=llm_config,
)

editor = AssistantAgent(
    "editor",
    description="makes it readable",
    system_message="""You edit release notes. Read release-notes.md, make every \
line short and friendly, settle what is marked TODO by leaving out what nobody knows, \
and write the file anew. Then say what you changed.""",
    llm_config=llm_config,
)

checker = AssistantAgent(
    "checker",
    description="looks for what was forgotten",
    system_message="""You check release-notes.md. Search it for TODO, read it \
once, and compare it with the task. List what is missing or invented. If nothing is, \
say what you checked and end with the word PUBLISH.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

for caller in (drafter, editor, checker):
    for function in (list_files, read_file, search_files, write_file, append_to_file):
        register_function(
            function, caller=caller, executor=caller, description=function.__doc__ or ""
        )


def next_speaker(last_speaker: Agent, group_chat: GroupChat) -> Agent | str | None:
    """Everybody in turn; who calls a tool first hears what it gives."""
    message = group_chat.messages[-1]
    if message.get("tool_calls") or message.get("tool_responses"):
        return last_speaker
    spoken = [
        each
        for each in group_chat.messages
        if not (each.get("tool_calls") or each.get("tool_responses"))
    ]
    turns = len(spoken) - 1
    if turns >= 9:
        return None
    return "round_robin"


def is_over(message: dict[str, Any]) -> bool:
    """Whether this message ends the conversation."""
    if (
        message.get("name") == "checker"
        and not message.get("tool_calls")
        and not message.get("tool_responses")
        and "PUBLISH" in (message.get("content") or "")
    ):
        return True
    return tokens([drafter, editor, checker], "total_tokens") >= 50_000


group_chat = GroupChat(
    [drafter, editor, checker],
    messages=[],
    max_round=180,
    speaker_selection_method=next_speaker,
)
manager = GroupChatManager(group_chat, is_termination_msg=is_over)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
