from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent, register_function
from classic_prelude import LLM_CONFIG, said

REPLIES = {
    "I plan": ["A plan.", "All is done. TERMINATE"],
    "I ask": [{"calls": [["weather", {"city": "Rome"}]]}, "It is sunny."],
}


def weather(city: str) -> str:
    return f"sunny in {city}"


planner = AssistantAgent("planner", system_message="I plan", llm_config=LLM_CONFIG)
asker = AssistantAgent("asker", system_message="I ask", llm_config=LLM_CONFIG)
runner = UserProxyAgent("runner", human_input_mode="NEVER", code_execution_config=False)
register_function(weather, caller=asker, executor=runner, name="weather", description="The weather")
group = GroupChat(agents=[planner, asker, runner], messages=[], max_round=10, speaker_selection_method="round_robin")
manager = GroupChatManager(
    groupchat=group, llm_config=LLM_CONFIG, is_termination_msg=lambda message: "TERMINATE" in (message.get("content") or "")
)
runner.initiate_chat(manager, message="How is the weather?")
RESULT = [said(group.messages), said(planner.chat_messages[manager])]
