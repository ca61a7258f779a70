from autogen import ConversableAgent, LLMConfig
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group.patterns import AutoPattern
from autogen.agentchat.group import ReplyResult, ContextVariables, AgentNameTarget
llm_config = LLMConfig.from_json(path="OAI_CONFIG_LIST").where(model="gpt-4o")
with llm_config:
    teacher = ConversableAgent(name="teacher", system_message="You teach.")
    reviewer = ConversableAgent(name="reviewer", system_message="You review.", functions=[])
    user = ConversableAgent(name="user", human_input_mode="ALWAYS")
def next_lesson(topic: str, context_variables: ContextVariables) -> ReplyResult:
    """Goes on."""
    context_variables["n"] = 1
    return ReplyResult(message="ok", target=AgentNameTarget("reviewer"), context_variables=context_variables)
teacher.register_for_llm(description="x")(next_lesson)
pattern = AutoPattern(agents=[teacher, reviewer], initial_agent=teacher, user_agent=user, context_variables=ContextVariables(data={"n": 0}), group_manager_args={"llm_config": llm_config})
result, context, last_agent = initiate_group_chat(pattern=pattern, messages="Let's plan a lesson", max_rounds=10)
