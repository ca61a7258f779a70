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

practice = PracticeModel(recording="release-notes")

files = Files()

drafter = Assistant(
    name="drafter",
    description="writes the first version",
    system_message="""You write release notes from what you are told. Put them \
into the file release-notes.md with your tool, under the headings New, Changed and \
Fixed, one line a change. Mark what you do not know with TODO. Then say in one \
sentence what you wrote.""",
    tools=[files],
)

editor = Assistant(
    name="editor",
    description="makes it readable",
    system_message="""You edit release notes. Read release-notes.md, make every \
line short and friendly, settle what is marked TODO by leaving out what nobody knows, \
and write the file anew. Then say what you changed.""",
    tools=[files],
)

checker = Assistant(
    name="checker",
    description="looks for what was forgotten",
    system_message="""You check release-notes.md. Search it for TODO, read it \
once, and compare it with the task. List what is missing or invented. If nothing is, \
say what you checked and end with the word PUBLISH.""",
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
