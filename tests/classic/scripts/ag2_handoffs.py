from autogen import ConversableAgent
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group import (
    AgentTarget,
    ContextExpression,
    ContextVariables,
    ExpressionContextCondition,
    OnCondition,
    OnContextCondition,
    ReplyResult,
    StringLLMCondition,
    TerminateTarget,
)
from autogen.agentchat.group.patterns import DefaultPattern
from classic_prelude import LLM_CONFIG, said

REPLIES = {
    "I am triage": [{"calls": [["classify", {"topic": "money"}]]}, {"calls": [["transfer_to_billing_1", {}]]}],
    "I am billing": ["What is the number?", "Paid."],
    "I am closer": ["Goodbye."],
}


def classify(topic: str, context_variables: ContextVariables) -> ReplyResult:
    """Says what it is about."""
    context_variables["topic"] = topic
    return ReplyResult(message=f"It is {topic}.", context_variables=context_variables)


def agent(name, **options):
    return ConversableAgent(name, system_message=f"I am {name}", llm_config=LLM_CONFIG, human_input_mode="NEVER", **options)


triage, billing, closer = agent("triage", functions=[classify]), agent("billing"), agent("closer")
triage.handoffs.add_llm_conditions(
    [OnCondition(target=AgentTarget(billing), condition=StringLLMCondition(prompt="When it is about money."))]
)
billing.handoffs.set_after_work(AgentTarget(closer))
closer.handoffs.set_after_work(TerminateTarget())
closer.handoffs.add_context_condition(
    OnContextCondition(target=AgentTarget(billing), condition=ExpressionContextCondition(ContextExpression("${topic} == 'nothing'")))
)
variables = ContextVariables(data={"topic": None})
pattern = DefaultPattern(initial_agent=triage, agents=[triage, billing, closer], context_variables=variables)
result, final, last = initiate_group_chat(pattern=pattern, messages="My bill is wrong.", max_rounds=12)
spoken = [
    [name, text] for name, text in said(result.chat_history) if text not in ("", "None") and not text.startswith(("Transfer", "Handed"))
]
RESULT = [[text for _, text in spoken], final.to_dict(), last.name]
