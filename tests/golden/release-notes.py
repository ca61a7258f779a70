"""Release notes in files.

A drafter writes a file, an editor reads it and writes it anew, and a checker searches
it for what was forgotten. The file is there to download when they are done.
"""

from studio.engine import (
    Assistant,
    Files,
    MaxTurns,
    PracticeModel,
    Team,
    TextMention,
    TokenLimit,
    console,
)

practice = PracticeModel(
    script={
        "drafter": [
            {
                "tool": "write_file",
                "arguments": {
                    "path": "release-notes.md",
                    "content": """# Lista 2.0

## New

- Shared lists: invite people by a link, see who ticked what.
- Reminders that follow your time zone.

## Changed

- The app starts in half the time.
- Dark mode follows the system. TODO: since which version?

## Fixed

- Ticked items no longer come back after going offline.
""",
                },
            },
            (
                "I wrote release-notes.md with two new features, two changes and one fix. "
                "One thing is open: since when dark mode follows the system."
            ),
        ],
        "editor": [
            {"tool": "read_file", "arguments": {"path": "release-notes.md"}},
            {
                "tool": "write_file",
                "arguments": {
                    "path": "release-notes.md",
                    "content": """# Lista 2.0

Lists are better together: this version lets you share them.

## New

- **Shared lists.** Invite people by a link and see who ticked what.
- **Reminders** follow your time zone.

## Changed

- The app starts in half the time.
- Dark mode follows the system.

## Fixed

- Ticked items no longer come back after you were offline.
""",
                },
            },
            (
                "I put one sentence at the top that says what this version is about, set the "
                "names of the features in bold, and left out the open question about dark "
                "mode, which the task does not answer."
            ),
        ],
        "checker": [
            {"tool": "search_files", "arguments": {"text": "TODO"}},
            {"tool": "read_file", "arguments": {"path": "release-notes.md"}},
            (
                "No TODO is left. All five changes of the task stand in the file: shared "
                "lists, reminders, the quicker start, dark mode, and ticked items that came "
                "back. Nothing is in it that the task does not say. PUBLISH"
            ),
        ],
    }
)

files = Files()

drafter = Assistant(
    name="drafter",
    description="writes the first version",
    system_message=(
        "You write release notes from what you are told. Put them into the file "
        "release-notes.md with your tool, under the headings New, Changed and Fixed, "
        "one line a change. Mark what you do not know with TODO. Then say in one "
        "sentence what you wrote."
    ),
    tools=[files],
)

editor = Assistant(
    name="editor",
    description="makes it readable",
    system_message=(
        "You edit release notes. Read release-notes.md, make every line short and "
        "friendly, settle what is marked TODO by leaving out what nobody knows, and "
        "write the file anew. Then say what you changed."
    ),
    tools=[files],
)

checker = Assistant(
    name="checker",
    description="looks for what was forgotten",
    system_message=(
        "You check release-notes.md. Search it for TODO, read it once, and compare "
        "it with the task. List what is missing or invented. If nothing is, say what "
        "you checked and end with the word PUBLISH."
    ),
    tools=[files],
)

team = Team(
    name="Release desk",
    participants=[drafter, editor, checker],
    stop=TextMention(text="PUBLISH", sources=["checker"])
    | MaxTurns(max_turns=9)
    | TokenLimit(total=50_000),
    model=practice,
)

if __name__ == "__main__":
    console(team)
