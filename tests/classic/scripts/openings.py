from autogen import ConversableAgent
from classic_prelude import LLM_CONFIG, said

REPLIES = {"Talker": ["a", "b"]}


class Typist(ConversableAgent):
    def get_human_input(self, prompt):
        self._human_input.append("typed")
        return "typed"


class Own(ConversableAgent):
    def generate_init_message(self, message, **kwargs):
        return f"{kwargs['problem']}, own words"


talker = ConversableAgent("talker", system_message="Talker", llm_config=LLM_CONFIG, human_input_mode="NEVER")
typist = Typist("typist", llm_config=False, human_input_mode="NEVER")
asked = typist.initiate_chat(talker, max_turns=1, carryover="what was")
RESULT = [said(asked.chat_history), asked.human_input]
own = Own("own", llm_config=False, human_input_mode="NEVER").initiate_chat(talker, message="ignored", problem="P", max_turns=1)
made = typist.initiate_chat(
    talker,
    message=lambda sender, recipient, context: {"content": f"{recipient.name}: {context['x']}"},
    x=1,
    carryover=["one", {"content": "two"}],
    max_turns=1,
)
RESULT += [said(own.chat_history), said(made.chat_history)]
parts = [{"type": "text", "text": "Look"}]
mixed = typist.initiate_chat(talker, message={"content": parts}, carryover="before", max_turns=1)
RESULT.append(mixed.chat_history[0]["content"])
