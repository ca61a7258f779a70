"""Translation with back-check.

A translator puts a text into German, a second one translates it back without looking at
the original, and a checker compares the two.
"""

import sys

from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

llm_config = {"model": "test-model", "cache_seed": None}

translator = AssistantAgent(
    "translator",
    description="English to German",
    system_message="""You translate from English into natural German for business \
readers. Answer with the translation only. When the checker names mistakes, answer \
with the whole corrected translation.""",
    llm_config=llm_config,
)

back_translator = AssistantAgent(
    "back_translator",
    description="German back to English",
    system_message="""You translate the last German text back into English, as \
literally as good English allows. Use nothing but the German text, even if you have \
seen the original. Answer with the translation only.""",
    llm_config=llm_config,
)

checker = AssistantAgent(
    "checker",
    description="compares meaning with meaning",
    system_message="""Compare the original with the back-translation, sentence by \
sentence. Differences in wording are fine, differences in meaning are not. Name each \
difference in meaning, the German word that caused it and a better one. If there is \
none, end with the word ACCEPTED.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

group_chat = GroupChat(
    [translator, back_translator, checker],
    messages=[],
    max_round=10,
    speaker_selection_method="round_robin",
)
manager = GroupChatManager(
    group_chat,
    is_termination_msg=lambda message: (
        message.get("name") == "checker"
        and "ACCEPTED" in (message.get("content") or "")
    ),
)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
