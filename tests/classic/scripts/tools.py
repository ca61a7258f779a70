from typing import Annotated, Literal

from autogen import ConversableAgent, register_function
from classic_prelude import LLM_CONFIG, said

REPLIES = {
    "Calculator": [
        {"calls": [["calculator", {"a": 44232, "b": 13312, "operator": "+"}]]},
        {"calls": [["calculator", {"a": 57544, "b": 4, "operator": "/"}], ["lookup", {"key": "x"}]]},
        "The result is 14386. TERMINATE",
    ]
}


def calculator(a: int, b: int, operator: Annotated[Literal["+", "-", "*", "/"], "operator"]) -> int:
    return {"+": a + b, "-": a - b, "*": a * b, "/": int(a / b)}[operator]


def lookup(key: Annotated[str, "what to look up"]) -> dict:
    return {"key": key, "found": [1, 2.5, None]}


assistant = ConversableAgent("assistant", system_message="Calculator", llm_config=LLM_CONFIG)
user = ConversableAgent(
    "user",
    llm_config=False,
    is_termination_msg=lambda message: message.get("content") is not None and "TERMINATE" in message["content"],
    human_input_mode="NEVER",
)
register_function(calculator, caller=assistant, executor=user, name="calculator", description="A simple calculator")
assistant.register_for_llm(name="lookup", description="Looks things up.")(lookup)
user.register_for_execution(name="lookup")(lookup)
result = user.initiate_chat(assistant, message="What is (44232 + 13312) / 4?")
RESULT = [said(result.chat_history), [tool["function"]["name"] for tool in assistant.llm_config["tools"]]]
