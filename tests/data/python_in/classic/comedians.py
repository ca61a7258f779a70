"""Two comedians, as the course begins."""

from autogen import ConversableAgent
from utils import get_openai_api_key

OPENAI_API_KEY = get_openai_api_key()
llm_config = {"model": "gpt-3.5-turbo"}


class Show:
    def __init__(self, config):
        self.cathy = self._make("cathy", config, topic="stand-up")
        self.joe = self._make("joe", config)

    @staticmethod
    def _make(name, config, topic="jokes"):
        return ConversableAgent(
            name=name,
            system_message="Your name is " + name.title() + " and you do " + topic + ". When you're ready to end, say 'I gotta go'.",
            llm_config=config,
            human_input_mode="NEVER",
            is_termination_msg=lambda msg: "I gotta go" in msg["content"],
        )

    def play(self, opener):
        return self.joe.initiate_chat(recipient=self.cathy, message=opener, max_turns=3)


result = Show(llm_config).play("I'm Joe. Cathy, let's keep the jokes rolling.")
