import autogen
from autogen.agentchat.contrib.capabilities import transform_messages, transforms
llm_config = {"config_list": [{"model": "gpt-4o"}]}
context_handling = transform_messages.TransformMessages(transforms=[transforms.MessageHistoryLimiter(max_messages=10), transforms.MessageTokenLimiter(max_tokens=1000, max_tokens_per_message=50, min_tokens=500)])
a = autogen.AssistantAgent("a", llm_config=llm_config)
context_handling.add_to_agent(a)
u = autogen.UserProxyAgent("u", human_input_mode="NEVER", is_termination_msg=lambda x: "TERMINATE" in x.get("content", ""), code_execution_config={"work_dir": "coding", "use_docker": False}, max_consecutive_auto_reply=10)
u.initiate_chat(a, message="plot and save a graph of x^2 from -10 to 10")
