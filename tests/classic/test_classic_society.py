"""A group that speaks as one agent, and agents that talk in the background."""

from __future__ import annotations

import pytest

from studio.classic import AssistantAgent, ConversableAgent, GroupChat, GroupChatManager
from studio.classic.agentchat.contrib.society_of_mind_agent import SocietyOfMindAgent
from studio.classic.io import IOStream


@pytest.fixture
def us(config):
    """A society of two; `more` is given to it."""

    def made(**more):
        pair = [
            AssistantAgent(name, system_message=f"I am {name}", llm_config=config, is_termination_msg=lambda message: False)
            for name in ("ann", "bob")
        ]
        group = GroupChat(pair, max_round=3, speaker_selection_method="round_robin")
        return SocietyOfMindAgent("us", GroupChatManager(group, llm_config=config), human_input_mode="NEVER", **more)

    return made


def user():
    return ConversableAgent("me", llm_config=False, human_input_mode="NEVER")


def inner(result):
    return [event.source for event in result.events if event.type == "message" and event.scope]


def test_a_society_says_what_was_said_last_where_it_has_no_model(model_server, us):
    model_server.script({"I am ann": "An idea.", "I am bob": "A better one. TERMINATE"})
    result = user().initiate_chat(us(), message="Think.", max_turns=1)
    assert result.summary == "A better one."
    assert inner(result)[-2:] == ["ann", "bob"]


@pytest.mark.parametrize(
    ("prepares", "said"), [("Say it short.", "In short: yes."), (lambda agent, messages: f"{agent.name}: {len(messages)}", "us: 3")]
)
async def test_a_society_has_a_model_or_a_function_say_it(model_server, us, config, prepares, said):
    model_server.script({"I am ann": "An idea.", "I am bob": "A better one.", "You were asked": "In short: yes."})
    result = await user().a_initiate_chat(us(response_preparer=prepares, llm_config=config), message="Think.", max_turns=1)
    assert result.summary == said
    if isinstance(prepares, str):
        last = model_server.requests[-1].messages
        assert "A better one." in str(last)
        assert last[-1]["content"] == "Say it short."


def test_a_society_remembers_what_was_said_outside_and_not_what_was_said_inside(model_server, us):
    model_server.script({"I am ann": "Something new.", "I am bob": "An answer."})
    me, society = user(), us()
    me.initiate_chat(society, message="First.", max_turns=1)
    model_server.requests.clear()
    me.initiate_chat(society, message="Second.", max_turns=1, clear_history=False)
    heard = str(model_server.requests[0].messages)
    assert "First." in heard
    assert "An answer." in heard
    assert "Something new." not in heard


def test_an_agent_runs_by_itself_with_its_tools(model_server, config):
    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    replies = [{"tool": "add", "arguments": {"a": 1, "b": 2}}, "It is 3. TERMINATE"]
    model_server.script({"I count": replies})
    agent = ConversableAgent("counter", system_message="I count", llm_config=config, human_input_mode="NEVER", functions=[add])
    response = agent.run(message="1 + 2?", max_turns=5)
    types = [event.type for event in response.events]
    assert types[-1] == "run_finished"
    assert response.last_speaker == "counter"
    assert response.messages[-1]["content"] == "It is 3. TERMINATE"
    assert any(message.get("content") == "3" for message in response.messages)


class Typing(IOStream):
    def __init__(self, *lines):
        self.lines = list(lines)

    def print(self, *objects, **options):
        pass

    def input(self, prompt="", *, password=False):
        return self.lines.pop(0)


async def test_an_agent_runs_with_a_person_or_with_another_agent(model_server, config):
    model_server.script({"I am ann": "What else?", "I am bob": "Nothing."})
    ann = ConversableAgent("ann", system_message="I am ann", llm_config=config, human_input_mode="NEVER")
    bob = ConversableAgent("bob", system_message="I am bob", llm_config=config, human_input_mode="NEVER")
    with IOStream.set_default(Typing("exit")):
        response = await ann.a_run(message="Hello", user_input=True)
        await response.process()
    assert [message["content"] for message in await response.messages] == ["Hello", "What else?"]
    other = ann.run(bob, message="Bob?", max_turns=1)
    other.process()
    assert (other.last_speaker, other.summary) == ("bob", "Nothing.")
