from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
from classic_prelude import LLM_CONFIG, said

REPLIES = {
    "turns:chooser": ["Alice", "Either Alice or Bob.", "I say Bob", "nobody here", "nor here", "and not now", "Alice."],
    "I am Alice": ["Alice 1", "Alice 2", "Alice 3"],
    "I am Bob": ["Bob 1", "Bob 2"],
}

alice = AssistantAgent("Alice", system_message="I am Alice", description="plans", llm_config=LLM_CONFIG)
bob = AssistantAgent("Bob", system_message="I am Bob", description="codes", llm_config=LLM_CONFIG)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, default_auto_reply="Mm.")
group = GroupChat(agents=[user, alice, bob], messages=[], max_round=5)
manager = GroupChatManager(
    groupchat=group, llm_config={**LLM_CONFIG, "config_list": [{**LLM_CONFIG["config_list"][0], "model": "chooser"}]}
)
user.initiate_chat(manager, message="Begin.")
RESULT = said(group.messages)
