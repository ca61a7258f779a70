import asyncio

from autogen import AssistantAgent, UserProxyAgent
from classic_prelude import LLM_CONFIG, said

REPLIES = {"Caller": [{"calls": [["slow", {"n": 2}], ["slow", {"n": 1}]]}, "between", "TERMINATE"]}

assistant = AssistantAgent("assistant", system_message="Caller", llm_config=LLM_CONFIG)


class User(UserProxyAgent):
    async def a_get_human_input(self, prompt):
        await asyncio.sleep(0.001)
        return "a person speaks"


user = User("user", human_input_mode="NEVER", code_execution_config=False)


@user.register_for_execution()
@assistant.register_for_llm(description="Takes its time.")
async def slow(n: int) -> int:
    await asyncio.sleep(0.01 * n)
    return n * 10


async def replies(recipient, messages=None, sender=None, config=None):
    await asyncio.sleep(0)
    return (True, "from async") if messages[-1]["content"] == "between" else (False, None)


user.register_reply([AssistantAgent], replies, position=0, ignore_async_in_sync_chat=True)
result = asyncio.run(user.a_initiate_chat(assistant, message="Call it."))
RESULT = said(result.chat_history)
