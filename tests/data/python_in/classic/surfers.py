"""A web surfer and a reader of Wikipedia in a group."""

import os

from autogen import GroupChat, GroupChatManager, UserProxyAgent
from autogen.agentchat.contrib.web_surfer import WebSurferAgent
from autogen.agents.experimental import WikipediaAgent

llm_config = {"config_list": [{"model": "gpt-4o", "api_key": os.environ["OPENAI_API_KEY"]}]}
surfer = WebSurferAgent(
    "surfer",
    llm_config=llm_config,
    summarizer_llm_config=llm_config,
    browser_config={"start_page": "https://example.com/", "viewport_size": 4096, "bing_api_key": os.environ["BING_API_KEY"]},
    is_termination_msg=lambda message: "TERMINATE" in message["content"],
)
reader = WikipediaAgent(name="reader", llm_config=llm_config, language="de", top_k=3)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
group = GroupChat(agents=[user, surfer, reader], messages=[], max_round=8)
user.initiate_chat(GroupChatManager(groupchat=group, llm_config=llm_config), message="How high is the minster of Ulm?")
