"""An assistant who writes code and somebody who runs it."""

import autogen
from autogen import AssistantAgent, UserProxyAgent

config_list = autogen.config_list_from_json(
    "OAI_CONFIG_LIST",
    filter_dict={"model": ["gpt-4", "gpt-4-0314", "gpt4"]},
)

assistant = AssistantAgent(
    name="assistant",
    llm_config={"cache_seed": 41, "config_list": config_list, "temperature": 0},
)
user_proxy = UserProxyAgent(
    name="user_proxy",
    human_input_mode="NEVER",
    max_consecutive_auto_reply=10,
    is_termination_msg=lambda x: x.get("content", "").rstrip().endswith("TERMINATE"),
    code_execution_config={"work_dir": "coding", "use_docker": False},
)

chat_res = user_proxy.initiate_chat(
    assistant,
    message="""What date is today? Compare the year-to-date gain for META and TESLA.""",
    summary_method="reflection_with_llm",
)
user_proxy.send(recipient=assistant, message="Plot a chart of their stock price change YTD.")
print("Chat history:", chat_res.chat_history)
