from autogen import ConversableAgent
from classic_prelude import LLM_CONFIG, said

REPLIES = {"One": ["1a", "1b", "1c"], "Two": ["2a", "2b", "2c"]}

one = ConversableAgent("one", system_message="One", llm_config=LLM_CONFIG, human_input_mode="NEVER")
two = ConversableAgent("two", system_message="Two", llm_config=LLM_CONFIG, human_input_mode="NEVER", max_consecutive_auto_reply=1)
limited = one.initiate_chat(two, message="hello", max_turns=3)
kept = one.initiate_chat(two, message="again", max_turns=1, clear_history=False)
stopped = one.initiate_chat(two, message="once more")
RESULT = [said(limited.chat_history), said(kept.chat_history), said(stopped.chat_history), one.last_message(two)["content"]]
