from autogen import AssistantAgent, UserProxyAgent
from classic_prelude import LLM_CONFIG, said

REPLIES = {
    "Caller": [
        {"calls": [["broken", {"n": 1}]]},
        {"calls": [["missing", {}]]},
        {"calls": [["broken", '{"n": 2']]},
        "TERMINATE",
    ]
}

assistant = AssistantAgent("assistant", system_message="Caller", llm_config=LLM_CONFIG)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


@user.register_for_execution()
@assistant.register_for_llm(description="Breaks.")
def broken(n: int) -> str:
    raise ValueError("it is broken")


result = user.initiate_chat(assistant, message="Call it.")
heard = said(result.chat_history)
RESULT = [heard[:4], [text.startswith("Error: ") and "JSON format" in text for _, text in heard[5:7]]]
