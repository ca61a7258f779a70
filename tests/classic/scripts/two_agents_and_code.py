import tempfile

from autogen import AssistantAgent, UserProxyAgent
from classic_prelude import LLM_CONFIG, said

REPLIES = {"Coder": ["Let me compute.\n```python\nprint(6 * 7)\n```", "And in a shell:\n```sh\necho done\n```", "It is 42.", "TERMINATE"]}

assistant = AssistantAgent("assistant", system_message="Coder", llm_config=LLM_CONFIG)
user = UserProxyAgent(
    "user",
    human_input_mode="NEVER",
    max_consecutive_auto_reply=10,
    code_execution_config={"work_dir": tempfile.mkdtemp(), "use_docker": False},
    default_auto_reply="Please go on.",
)
result = user.initiate_chat(assistant, message="What is six times seven?")
RESULT = [said(result.chat_history), result.summary, result.human_input]
