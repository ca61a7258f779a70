from autogen import ConversableAgent
from classic_prelude import LLM_CONFIG, said

REPLIES = {"Talker": [" TERMINATE", "done. TERMINATE", "TERMINATE ", "terminate", "TERMINATE", "never said"]}

talker = ConversableAgent("talker", system_message="Talker", llm_config=LLM_CONFIG, human_input_mode="NEVER")
user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER", default_auto_reply="go on")
result = user.initiate_chat(talker, message="hi")
RESULT = [said(result.chat_history), result.summary]
