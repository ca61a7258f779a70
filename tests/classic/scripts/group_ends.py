from autogen import AssistantAgent, ConversableAgent, GroupChat, GroupChatManager
from classic_prelude import LLM_CONFIG, said

REPLIES = {"I am ender": ["TERMINATE"], "I am": ["one", "two", "three"]}


def group_of(*names, **options):
    agents = [AssistantAgent(name, system_message=f"I am {name}", llm_config=LLM_CONFIG) for name in names]
    group = GroupChat(agents=agents, messages=[], **{"speaker_selection_method": "round_robin", **options})
    return agents, group, GroupChatManager(groupchat=group, llm_config=LLM_CONFIG)


agents, group, manager = group_of("a", "ender", "c", max_round=8)
result = agents[0].initiate_chat(manager, message="Go.")
RESULT = [said(group.messages), result.summary]

agents, group, manager = group_of("a", "b", max_round=3)
user = ConversableAgent("outsider", llm_config=False, human_input_mode="NEVER")
result = user.initiate_chat(manager, message="From outside.", max_turns=1)
RESULT.append([said(group.messages), said(result.chat_history), result.summary])


def first_four(last, chat):
    return chat.agents[len(chat.messages) % 3] if len(chat.messages) < 4 else None


agents, group, manager = group_of("a", "b", "c", max_round=6, speaker_selection_method=first_four)
first = agents[0].initiate_chat(manager, message="Go.")
again = agents[1].initiate_chat(manager, message="Once more.", clear_history=False)
RESULT.append([said(group.messages), said(agents[2].chat_messages[manager])])
