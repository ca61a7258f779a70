"""A writer whose answers a critic has read before."""

import autogen

llm_config = {"model": "gpt-4o", "api_key": "sk-abcdefghijklmnop"}

writer = autogen.AssistantAgent(
    name="Writer", llm_config=llm_config, system_message="You are a writer. Improve the quality of the content based on feedback."
)
user_proxy = autogen.UserProxyAgent(
    name="User",
    human_input_mode="NEVER",
    is_termination_msg=lambda x: x.get("content", "").find("TERMINATE") >= 0,
    code_execution_config=False,
    default_auto_reply="Reply TERMINATE if it is good.",
)
critic = autogen.AssistantAgent(name="Critic", llm_config=llm_config, system_message="You are a critic, known for your thoroughness.")


def reflection_message(recipient, messages, sender, config):
    return f"Reflect and provide critique on the following writing. \n\n {recipient.chat_messages_for_summary(sender)[-1]['content']}"


user_proxy.register_nested_chats(
    [{"recipient": critic, "message": reflection_message, "summary_method": "last_msg", "max_turns": 1}],
    trigger=writer,
)
res = user_proxy.initiate_chat(recipient=writer, message="Write a blogpost about Navigation.", max_turns=2, summary_method="last_msg")
