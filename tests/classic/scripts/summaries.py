from autogen import ConversableAgent
from classic_prelude import LLM_CONFIG, said

REPLIES = {
    "Sum it up": ["a summary by the model"],
    "Talker": ["an answer TERMINATE", "b", "c"],
    "turns:writer": ["what a model says", "a summary by the model"],
}

config = {**LLM_CONFIG, "config_list": [{**LLM_CONFIG["config_list"][0], "model": "writer"}]}
talker = ConversableAgent("talker", system_message="Anything", llm_config=config, human_input_mode="NEVER")
user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
first = user.initiate_chat(
    talker,
    message="hi",
    max_turns=1,
    summary_method="reflection_with_llm",
    summary_args={"summary_prompt": "Sum it up", "summary_role": "user"},
)
plain = ConversableAgent("plain", system_message="Talker", llm_config=LLM_CONFIG, human_input_mode="NEVER")
second = user.initiate_chat(
    plain, message=lambda sender, recipient, context: f"{sender.name} {context['what']}", what="asks", carryover=["x", "y"], max_turns=1
)
heard = said(second.chat_history)
third = user.initiate_chat(plain, message="none", summary_method=None, max_turns=1)
RESULT = [first.summary, second.summary, heard, third.summary]
