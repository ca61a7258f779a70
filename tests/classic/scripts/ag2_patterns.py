from autogen import ConversableAgent
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group import AgentNameTarget, StayTarget
from autogen.agentchat.group.patterns import AutoPattern, DefaultPattern, RoundRobinPattern
from classic_prelude import LLM_CONFIG, said

REPLIES = {"turns:chooser": ["c", "a", "b"], "I am": ["reply one", "reply two", "reply three", "reply four"]}


def agent(name, **options):
    return ConversableAgent(
        name, system_message=f"I am {name}", description=f"is {name}", llm_config=LLM_CONFIG, human_input_mode="NEVER", **options
    )


def told(pattern, rounds):
    result, _, last = initiate_group_chat(pattern=pattern, messages="Begin.", max_rounds=rounds)
    return [[text for _, text in said(result.chat_history)], [message.get("name") for message in result.chat_history][1:], last.name]


chooser = {**LLM_CONFIG, "config_list": [{**LLM_CONFIG["config_list"][0], "model": "chooser"}]}
RESULT = []
for kind in ("robin", "auto", "stay", "name"):
    a, b, c = agent("a"), agent("b"), agent("c")
    if kind == "robin":
        pattern = RoundRobinPattern(initial_agent=b, agents=[a, b, c])
    elif kind == "auto":
        pattern = AutoPattern(initial_agent=a, agents=[a, b, c], group_manager_args={"llm_config": chooser})
    elif kind == "stay":
        pattern = DefaultPattern(initial_agent=c, agents=[a, b, c], group_after_work=StayTarget())
    else:
        a.handoffs.set_after_work(AgentNameTarget("c"))
        c.handoffs.set_after_work(AgentNameTarget("b"))
        pattern = DefaultPattern(initial_agent=a, agents=[a, b, c])
    RESULT.append(told(pattern, 5))
