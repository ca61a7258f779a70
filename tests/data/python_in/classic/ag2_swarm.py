from autogen import SwarmAgent, initiate_swarm_chat, AfterWork, AfterWorkOption, OnCondition, SwarmResult, UserProxyAgent, register_hand_off, AssistantAgent
llm_config = {"config_list": [{"model": "gpt-4o", "api_type": "openai"}]}
context_variables = {"passport": False, "customer": None}
def check_passport(context_variables: dict) -> SwarmResult:
    context_variables["passport"] = True
    return SwarmResult(agent="seat", context_variables=context_variables, values="ok")
triage = AssistantAgent(name="triage", system_message="Route.", llm_config=llm_config)
seat = AssistantAgent(name="seat", system_message="Seats.", llm_config=llm_config, functions=[check_passport])
user = UserProxyAgent(name="user", code_execution_config=False)
register_hand_off(agent=triage, hand_to=[OnCondition(seat, "About seats", available="passport"), AfterWork(AfterWorkOption.REVERT_TO_USER)])
register_hand_off(seat, [AfterWork(triage)])
chat_result, ctx, last = initiate_swarm_chat(initial_agent=triage, agents=[triage, seat], user_agent=user, messages="I want a seat", context_variables=context_variables, max_rounds=15, after_work=AfterWork(AfterWorkOption.TERMINATE))
