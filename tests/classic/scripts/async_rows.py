import asyncio

from autogen import ConversableAgent
from classic_prelude import LLM_CONFIG, said

REPLIES = {"first": ["one"], "second": ["two"], "third": ["three"]}


def agent(name):
    return ConversableAgent(name, system_message=name, llm_config=LLM_CONFIG, human_input_mode="NEVER")


user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
row = [
    {"chat_id": 3, "prerequisites": [1, 2], "recipient": agent("third"), "message": "c", "max_turns": 1},
    {"chat_id": 1, "recipient": agent("first"), "message": "a", "max_turns": 1},
    {"chat_id": 2, "prerequisites": [1], "recipient": agent("second"), "message": "b", "max_turns": 1},
]
results = asyncio.run(user.a_initiate_chats(row))
RESULT = sorted([key, said(result.chat_history)] for key, result in results.items())
