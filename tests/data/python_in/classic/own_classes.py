from autogen import AssistantAgent, UserProxyAgent

class Researcher(AssistantAgent):
    """An agent that researches."""
    PROMPT = "You research the topic."

    def __init__(self, name, llm_config, **kwargs):
        super().__init__(name=name, system_message=self.PROMPT, llm_config=llm_config, **kwargs)

class Polite(AssistantAgent):
    pass

llm_config = {"config_list": [{"model": "gpt-4o"}]}
r = Researcher("researcher", llm_config, max_consecutive_auto_reply=3)
p = Polite("polite", system_message="Be polite.", llm_config=llm_config)
u = UserProxyAgent("u", human_input_mode="TERMINATE", is_termination_msg=lambda m: m.get("content", "").rstrip().endswith("TERMINATE"), code_execution_config=False)
u.initiate_chat(r, message="Tell me about bees")
u.initiate_chat(p, message="Hello")


class Guide(AssistantAgent):
    def __init__(self, city, mood="kind"):
        AssistantAgent.__init__(self, f"guide_of_{city}", system_message="You guide.", llm_config=llm_config)
        self.mood = mood
        self.register_hook("process_last_received_message", self.remember)

    def remember(self, message):
        return message


guide = Guide("Rome", mood="cheerful")
u.initiate_chat(guide, message="Where to?", max_turns=2)
