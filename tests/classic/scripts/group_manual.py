from autogen import ConversableAgent, GroupChat, GroupChatManager
from autogen.io import IOStream
from classic_prelude import LLM_CONFIG, said

REPLIES = {"I am": ["reply one", "reply two", "reply three", "reply four"]}


class Typed(IOStream):
    def __init__(self, lines):
        self.lines = list(lines)

    def print(self, *objects, sep=" ", end="\n", flush=False):
        pass

    def input(self, prompt="", *, password=False):
        return self.lines.pop(0)


agents = [
    ConversableAgent(name, system_message=f"I am {name}", llm_config=LLM_CONFIG, human_input_mode="NEVER") for name in ("a", "b", "c")
]
group = GroupChat(agents=agents, messages=[], max_round=6, speaker_selection_method="manual")
manager = GroupChatManager(groupchat=group, llm_config=LLM_CONFIG)
with IOStream.set_default(Typed(["3", "2", "", "nine", "77", "q"])):
    agents[0].initiate_chat(manager, message="Go.")
RESULT = said(group.messages)
