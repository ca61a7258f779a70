"""Replies and hooks of one's own, a history limit, and an agent of one's own class."""

from autogen import Agent, AssistantAgent, ConversableAgent, UserProxyAgent
from autogen.agentchat.contrib.capabilities import transform_messages, transforms
from autogen.agentchat.contrib.capabilities.teachability import Teachability


class EchoAgent(ConversableAgent):
    def generate_reply(self, messages=None, sender=None, **kwargs):
        return messages[-1]["content"]


llm_config = {"config_list": [{"model": "gpt-4o", "api_type": "azure", "base_url": "https://me.openai.azure.com", "api_version": "2024-02-01"}]}
assistant = AssistantAgent("assistant", llm_config=llm_config, max_consecutive_auto_reply=5)
context_handling = transform_messages.TransformMessages(
    transforms=[
        transforms.MessageHistoryLimiter(max_messages=10),
        transforms.MessageTokenLimiter(max_tokens=1000, max_tokens_per_message=50, min_tokens=500),
    ]
)
context_handling.add_to_agent(assistant)
teachability = Teachability(verbosity=0, reset_db=True, path_to_db_dir="./tmp/teachable")
teachability.add_to_agent(assistant)


def print_messages(recipient, messages, sender, config):
    print(f"Messages sent to: {recipient.name}")
    return False, None


assistant.register_reply([Agent, None], reply_func=print_messages, config={"callback": None})
user_proxy = UserProxyAgent("user_proxy", human_input_mode="ALWAYS", code_execution_config=False)
echo = EchoAgent("echo", llm_config=False)
user_proxy.initiate_chat(assistant, message="Hello!")
user_proxy.initiate_chat(echo, message="Say it again.")
