"""One of OpenAI's assistants, with functions, code and files."""

import os

from autogen import UserProxyAgent
from autogen.agentchat.contrib.gpt_assistant_agent import GPTAssistantAgent

config_list = [{"model": "gpt-4o", "api_key": os.environ["OPENAI_API_KEY"]}]


def opening_hours(day: str) -> str:
    """When the library opens."""
    return {"sunday": "closed"}.get(day, "9 to 18")


schema = {
    "name": "opening_hours",
    "description": "When the library opens on a day.",
    "parameters": {"type": "object", "properties": {"day": {"type": "string"}}, "required": ["day"]},
}
librarian = GPTAssistantAgent(
    name="librarian",
    instructions="You help readers. Say TERMINATE when you are done.",
    llm_config={"config_list": config_list},
    assistant_config={
        "assistant_id": os.environ.get("ASSISTANT_ID", None),
        "tools": [{"type": "code_interpreter"}, {"type": "file_search"}, {"type": "function", "function": schema}],
        "tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}},
    },
    overwrite_instructions=True,
    verbose=True,
)
librarian.register_function(function_map={"opening_hours": opening_hours})
reader = UserProxyAgent(name="reader", human_input_mode="NEVER", code_execution_config=False, max_consecutive_auto_reply=2)
reader.initiate_chat(librarian, message="When does the library open on Monday?")
