"""A desk that hands over by variables."""
import os
from typing import Annotated

from autogen import ConversableAgent, LLMConfig
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group import (
    AgentNameTarget, AgentTarget, ContextExpression, ContextVariables, ExpressionAvailableCondition, ExpressionContextCondition,
    OnCondition, OnContextCondition, ReplyResult, StayTarget, StringAvailableCondition, StringContextCondition, StringLLMCondition,
    TerminateTarget,
)
from autogen.agentchat.group.patterns import DefaultPattern

PRICES = {"rent": 900, "fine": 60}
shared = ContextVariables(data={"asked": 0, "topic": "", "open_items": [], "checked": False})
llm_config = LLMConfig(config_list=[{"api_type": "openai", "model": "gpt-4o-mini", "api_key": os.environ["OPENAI_API_KEY"]}])


def price_of(topic: str) -> int:
    return PRICES.get(topic, 0)


def note_topic(topic: Annotated[str, "What it is about"], context_variables: ContextVariables) -> ReplyResult:
    """Notes what it is about."""
    context_variables["topic"] = topic
    context_variables["asked"] += 1
    context_variables["open_items"] = [*context_variables["open_items"], topic]
    return ReplyResult(message=f"noted {topic} for {price_of(topic)}", context_variables=context_variables)


def settle(context_variables: ContextVariables) -> ReplyResult:
    """Settles what is open."""
    context_variables.set("open_items", [])
    context_variables["checked"] = True
    return ReplyResult(message="settled", target=AgentTarget(closer), context_variables=context_variables)


front = ConversableAgent(name="front", system_message="You are FRONT.", llm_config=llm_config, functions=[note_topic])
clerk = ConversableAgent(name="clerk", system_message="You are CLERK.", llm_config=llm_config, functions=[settle])
closer = ConversableAgent(name="closer", system_message="You are CLOSER.", llm_config=llm_config)

front.handoffs.add_context_conditions([
    OnContextCondition(target=AgentTarget(clerk), condition=ExpressionContextCondition(ContextExpression("${asked} > 0 & len(${open_items}) > 0"))),
    OnContextCondition(target=AgentTarget(closer), condition=StringContextCondition(variable_name="checked")),
])
clerk.handoffs.add_llm_condition(OnCondition(target=AgentTarget(front), condition=StringLLMCondition(prompt="Back to the desk."), available=StringAvailableCondition("checked")))
closer.handoffs.add_many([
    OnCondition(target=AgentNameTarget("front"), condition=StringLLMCondition(prompt="More is asked."), available=ExpressionAvailableCondition(ContextExpression("${asked} < 2"))),
])
closer.handoffs.set_after_work(TerminateTarget())
clerk.handoffs.set_after_work(StayTarget())
front.handoffs.set_after_work(StayTarget())

pattern = DefaultPattern(initial_agent=front, agents=[front, clerk, closer], context_variables=shared, group_after_work=StayTarget())

if __name__ == "__main__":
    result, context, last = initiate_group_chat(pattern=pattern, messages="The rent is too high.", max_rounds=16)
