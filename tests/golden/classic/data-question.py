"""Question to the data. An analyst quotes only figures that a runner has calculated."""

import sys

from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

llm_config = {"model": "test-model", "cache_seed": None}

analyst = AssistantAgent(
    "analyst",
    description="asks the data with Python",
    system_message="""You answer questions about data with Python that somebody else runs for you.
First write the data into a CSV file and print how many rows were read back. Then calculate, and print every figure that you are going to use. One ```python block a message, standard library only; files stay there between blocks. State only figures that were printed. Begin the final answer with the word ANSWER: and use one or two sentences.""",
    llm_config=llm_config,
)

runner = UserProxyAgent(
    "runner",
    description="runs the code",
    human_input_mode="NEVER",
    code_execution_config={"work_dir": "coding", "timeout": 60},
    default_auto_reply="There was no code to run. Send it fenced, with its language.",
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

group_chat = GroupChat(
    [analyst, runner], messages=[], max_round=11, speaker_selection_method="round_robin"
)
manager = GroupChatManager(
    group_chat,
    is_termination_msg=lambda message: (
        message.get("name") == "analyst" and "ANSWER:" in (message.get("content") or "")
    ),
)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
