import asyncio

from autogen import AssistantAgent, GroupChat, GroupChatManager, register_function
from classic_prelude import LLM_CONFIG, said

REPLIES = {"I am a": [{"calls": [["slow", {"n": 3}]]}, "a is done"], "I am": ["one", "two", "three"]}


async def slow(n: int) -> str:
    await asyncio.sleep(0.01)
    return "x" * n


agents = [AssistantAgent(name, system_message=f"I am {name}", llm_config=LLM_CONFIG) for name in ("a", "b", "c")]
register_function(slow, caller=agents[0], executor=agents[2], name="slow", description="slow")
group = GroupChat(agents=agents, messages=[], max_round=6, speaker_selection_method="round_robin")
manager = GroupChatManager(groupchat=group, llm_config=LLM_CONFIG)
result = asyncio.run(agents[1].a_initiate_chat(manager, message="Go."))
RESULT = [said(group.messages), said(agents[1].chat_messages[manager]), result.summary]
