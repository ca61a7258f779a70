"""Editor with specialists.

An editor writes, and calls two specialists like any other tool: a researcher who
remembers what it found before, and a fact checker who judges every claim afresh.
"""

from studio.engine import (
    AgentTool,
    Assistant,
    MaxTurns,
    PracticeModel,
    Team,
    TextMention,
    console,
)

practice = PracticeModel(recording="editor-with-specialists")

researcher = Assistant(
    name="researcher",
    description="Finds facts, and knows what it found for you before.",
    system_message="""You find facts for an editor: short, one a line, without \
opinions. Do not repeat what you said before.""",
)

fact_checker = Assistant(
    name="fact_checker",
    description="""Says of each claim whether it holds. Give it the claims, \
word for word.""",
    system_message="""You check claims. Say of each whether it holds, and correct \
what does not.""",
)

editor = Assistant(
    name="editor",
    description="writes, and asks the specialists",
    system_message="""You write short texts for a travel page. Ask the researcher \
for facts, let the fact checker check what you want to print, and correct it. Then say \
the text with a title, and end with PUBLISHED.""",
    tools=[AgentTool(agent=researcher), AgentTool(agent=fact_checker, remembers=False)],
)

team = Team(
    name="Desk",
    participants=[editor],
    stop=TextMention(text="PUBLISHED", sources=["editor"]) | MaxTurns(max_turns=4),
    model=practice,
)

if __name__ == "__main__":
    console(team)
