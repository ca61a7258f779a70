"""A group with a manager who chooses."""

import os

import autogen

config_list = [
    {"model": "gpt-4o", "api_key": os.environ.get("OPENAI_API_KEY")},
    {"model": "gpt-4o-mini", "api_key": os.environ["OPENAI_API_KEY"], "base_url": "https://api.openai.com/v1"},
]
llm_config = {"config_list": config_list, "temperature": 0.3, "timeout": 120}

user_proxy = autogen.UserProxyAgent(
    name="User_proxy",
    system_message="A human admin.",
    code_execution_config={"last_n_messages": 2, "work_dir": "groupchat", "use_docker": "python:3.11"},
    human_input_mode="TERMINATE",
)
coder = autogen.AssistantAgent(name="Coder", llm_config=llm_config)
pm = autogen.AssistantAgent(
    name="Product manager",
    system_message="Creative in software product ideas.",
    llm_config=llm_config,
)
groupchat = autogen.GroupChat(agents=[user_proxy, coder, pm], messages=[], max_round=12)
manager = autogen.GroupChatManager(groupchat=groupchat, llm_config=llm_config)

user_proxy.initiate_chat(manager, message="Find a latest paper about gpt-4 on arxiv and find its potential applications in software.")
