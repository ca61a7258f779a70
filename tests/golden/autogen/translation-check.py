"""Translation with back-check.

A translator puts a text into German, a second one translates it back without looking at
the original, and a checker compares the two.
"""

import asyncio
import sys

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination
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

translator = AssistantAgent(
    "translator",
    model_client=practice,
    description="English to German",
    system_message="""You translate from English into natural German for business \
readers. Answer with the translation only. When the checker names mistakes, answer \
with the whole corrected translation.""",
)

back_translator = AssistantAgent(
    "back_translator",
    model_client=practice,
    description="German back to English",
    system_message="""You translate the last German text back into English, as \
literally as good English allows. Use nothing but the German text, even if you have \
seen the original. Answer with the translation only.""",
)

checker = AssistantAgent(
    "checker",
    model_client=practice,
    description="compares meaning with meaning",
    system_message="""Compare the original with the back-translation, sentence by \
sentence. Differences in wording are fine, differences in meaning are not. Name each \
difference in meaning, the German word that caused it and a better one. If there is \
none, end with the word ACCEPTED.""",
)

team = RoundRobinGroupChat(
    [translator, back_translator, checker],
    name="Translation desk",
    termination_condition=TextMentionTermination("ACCEPTED", sources=["checker"])
    | MaxMessageTermination(10),
    max_turns=50,
)

if __name__ == "__main__":
    task = " ".join(sys.argv[1:]) or input("Task: ")
    asyncio.run(Console(team.run_stream(task=task)))
