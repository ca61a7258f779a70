"""Answers with sources. A guide cites documents, a checker looks them up again."""

import sys

from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

llm_config = {"model": "test-model", "cache_seed": None}

guide = AssistantAgent(
    "guide",
    description="answers from the documents",
    system_message="""You answer guests of a boat hire from its documents, in \
three or four short sentences. Say only what the passages hold, with their numbers in \
brackets, such as [1]. Say so when they do not hold an answer.""",
    llm_config=llm_config,
)

checker = AssistantAgent(
    "checker",
    description="reads the sources again",
    system_message="""You check the guide's answer against the passages. Say in \
one or two sentences whether each figure is right, and cite the passage. End with the \
word CHECKED when all of it is right; otherwise say what must be changed.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

group_chat = GroupChat(
    [guide, checker], messages=[], max_round=7, speaker_selection_method="round_robin"
)
manager = GroupChatManager(
    group_chat,
    is_termination_msg=lambda message: (
        message.get("name") == "checker" and "CHECKED" in (message.get("content") or "")
    ),
)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
