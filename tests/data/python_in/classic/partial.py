import functools
from autogen import AssistantAgent, UserProxyAgent

make = functools.partial(AssistantAgent, llm_config={"model": "gpt-4o-mini"}, human_input_mode="NEVER")
writer = make(name="writer", system_message="You write poems.")
critic = make(name="critic", system_message="You judge poems.")
user = UserProxyAgent("user", code_execution_config=False)
user.initiate_chats([
    {"recipient": writer, "message": "A poem about rain", "max_turns": 1, "summary_method": "last_msg"},
    {"recipient": critic, "message": "Judge it", "max_turns": 1},
])
