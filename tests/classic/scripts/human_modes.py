from autogen import ConversableAgent
from classic_prelude import LLM_CONFIG, said

REPLIES = {"Talker": ["a", "b", "TERMINATE", "d", "TERMINATE", "f", "g", "h", "i", "j", "k"]}


class Typist(ConversableAgent):
    lines = ()

    def get_human_input(self, prompt):
        line = self.lines.pop(0)
        self._human_input.append(line)
        return line


RESULT = []
for mode, most, lines in (
    ("ALWAYS", None, ["", "more", "", "exit"]),
    ("ALWAYS", None, ["", "", ""]),
    ("TERMINATE", None, ["go on", ""]),
    ("TERMINATE", 1, ["", "typed", "exit"]),
    ("NEVER", None, []),
    ("NEVER", 1, []),
    ("NEVER", 0, []),
    ("TERMINATE", 0, ["x", "exit"]),
):
    talker = ConversableAgent("talker", system_message="Talker", llm_config=LLM_CONFIG, human_input_mode="NEVER")
    user = Typist("user", llm_config=False, human_input_mode=mode, max_consecutive_auto_reply=most, default_auto_reply="auto")
    user.lines = list(lines)
    result = user.initiate_chat(talker, message="hi")
    RESULT.append([mode, most, said(result.chat_history), result.human_input, user.lines])
