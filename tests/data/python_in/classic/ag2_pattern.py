"""AG2: agents that hand over, and a pattern around them."""

from autogen import ConversableAgent, LLMConfig
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group import AgentTarget, ContextVariables, OnCondition, RevertToUserTarget, StringLLMCondition, TerminateTarget
from autogen.agentchat.group.patterns import DefaultPattern

llm_config = LLMConfig(api_type="openai", model="gpt-4o-mini", temperature=0.2)
shared = ContextVariables(data={"tickets": 0, "priority": "low"})


def lookup(order: str, context_variables: ContextVariables) -> str:
    """Looks up an order."""
    return f"Order {order} is on its way."


with llm_config:
    triage_agent = ConversableAgent(name="triage_agent", system_message="You are a triage agent.")
    tech_agent = ConversableAgent(name="tech_agent", system_message="You solve technical problems.", functions=[lookup])
    general_agent = ConversableAgent(name="general_agent", system_message="You handle everything else.")

user = ConversableAgent(name="customer", human_input_mode="ALWAYS")

triage_agent.handoffs.add_llm_conditions(
    [
        OnCondition(target=AgentTarget(tech_agent), condition=StringLLMCondition(prompt="When it is about computers.")),
        OnCondition(target=AgentTarget(general_agent), condition=StringLLMCondition(prompt="When it is about anything else.")),
    ]
)
triage_agent.handoffs.set_after_work(RevertToUserTarget())
tech_agent.handoffs.set_after_work(AgentTarget(triage_agent))

pattern = DefaultPattern(
    initial_agent=triage_agent,
    agents=[triage_agent, tech_agent, general_agent],
    user_agent=user,
    context_variables=shared,
    group_after_work=TerminateTarget(),
)
result, context, last_agent = initiate_group_chat(pattern=pattern, messages="My laptop keeps shutting down.", max_rounds=15)
