"""AG2's swarms under their old names, and agents whose system message follows the group's variables."""

from __future__ import annotations

import pytest

from studio.classic import (
    AfterWork,
    AfterWorkOption,
    ConversableAgent,
    SwarmAgent,
    SwarmResult,
    UpdateSystemMessage,
    UserProxyAgent,
    a_initiate_swarm_chat,
    initiate_group_chat,
    initiate_swarm_chat,
    register_hand_off,
    run_swarm,
)
from studio.classic.agentchat.contrib.swarm_agent import ON_CONDITION, OnCondition, OnContextCondition
from studio.classic.agentchat.group import ContextExpression, ContextStr, ContextVariables
from studio.classic.agentchat.group.patterns import RoundRobinPattern
from studio.classic.io import IOStream


@pytest.fixture
def agent(config):
    def made(name, **options):
        return SwarmAgent(name, system_message=f"I am {name}", llm_config=config, **options)

    return made


def speakers(result):
    return [event.source for event in result.events if event.type == "message"]


def offered(seen):
    return [tool["function"]["description"] for tool in seen.body.get("tools", ())]


def test_a_model_hands_over_and_the_swarm_ends_after_work(model_server, agent):
    model_server.script({"I am front": {"tool": "transfer_to_billing_1"}, "I am billing": "Paid."})
    front, billing = agent("front"), agent("billing")
    front.register_hand_off([OnCondition(billing, "When it is about money."), ON_CONDITION(front, "Never.", available="open")])
    result, variables, last = initiate_swarm_chat(front, "My bill", [front, billing], context_variables={"open": False})
    assert (last, speakers(result)[-1], dict(variables)) == (billing, "billing", {"open": False})
    assert offered(model_server.requests[0]) == ["When it is about money."]


def test_conditions_may_be_functions_of_the_agent_and_its_messages(model_server, agent):
    model_server.script({"I am front": "Done."})
    front, other = agent("front"), agent("other")

    def heard(who, messages):
        return f"{who.name} heard {messages[-1]['content']}"

    register_hand_off(front, [OnCondition(other, heard, available=lambda who, messages: len(messages) == 1)])
    register_hand_off(front, OnCondition(other, ContextStr("As of {day}.")))
    initiate_swarm_chat(front, "Hello", [front, other], context_variables=ContextVariables({"day": "Monday"}))
    assert offered(model_server.requests[0]) == ["front heard Hello", "As of Monday."]


def test_variables_and_results_of_functions_say_who_goes_on(model_server, agent):
    model_server.script({"I am front": {"tool": "look", "arguments": {}}, "I am billing": "Paid.", "I am boss": "I see."})

    def look(context_variables: ContextVariables):
        """Look."""
        return SwarmResult("Found.", billing, {"visits": context_variables["visits"] + 1})

    billing, boss = agent("billing"), agent("boss")
    front = agent("front", functions=[look])
    register_hand_off(billing, OnContextCondition(boss, ContextExpression("${visits} > 1")))
    result, variables, last = initiate_swarm_chat(front, "Hi", [front, billing, boss], context_variables={"visits": 1})
    assert (last.name, variables["visits"]) == ("boss", 2)
    assert speakers(result)[-1] == "boss"


def test_a_function_may_return_the_agent_itself(model_server, agent):
    model_server.script({"I am front": {"tool": "to_billing", "arguments": {}}, "I am billing": "Paid."})

    def to_billing():
        """Hand over."""
        return billing

    billing = agent("billing")
    _, _, last = initiate_swarm_chat(agent_with := agent("front", functions=[to_billing]), "Hi", [agent_with, billing])
    assert last is billing


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (AfterWorkOption.TERMINATE, ["front"]),
        ("stay", ["front", "front"]),
        (lambda last, messages, group: "billing" if last.name == "front" else AfterWorkOption.TERMINATE, ["front", "billing"]),
    ],
)
def test_after_work_is_an_option_its_name_or_a_function(model_server, agent, after, said):
    model_server.script({"I am front": "One.", "I am billing": "Two."})
    front, billing = agent("front"), agent("billing")
    if after == "stay":
        front.register_hand_off(AfterWork(after))
        after = AfterWorkOption.TERMINATE
    result, _, _ = initiate_swarm_chat(front, "Hi", [front, billing], after_work=after, max_rounds=3)
    assert speakers(result)[1:] == said


async def test_a_swarm_goes_back_to_the_user_and_is_awaited(model_server, agent):
    model_server.script({"I am front": "What else?"})
    front, person = agent("front"), UserProxyAgent("me", code_execution_config=False)

    class Typing(IOStream):
        def print(self, *objects, **options):
            pass

        def input(self, prompt="", *, password=False):
            return "exit"

    with IOStream.set_default(Typing()):
        result, _, _ = await a_initiate_swarm_chat(front, "Hi", [front], person, after_work=AfterWorkOption.REVERT_TO_USER)
    assert [message["content"] for message in result.chat_history] == ["Hi", "What else?"]


def test_a_swarm_runs_in_the_background(model_server, agent):
    model_server.script({"I am front": "Done."})
    front = agent("front")
    response = run_swarm(front, "Hi", [front])
    assert [event.type for event in response.events][-1] == "run_finished"
    assert response.last_speaker == "front"


def test_what_is_no_hand_off_is_refused(agent):
    with pytest.raises(ValueError, match="A hand-off is"):
        register_hand_off(agent("front"), ["billing"])
    with pytest.raises(ValueError, match="take over"):
        register_hand_off(agent("front"), OnCondition(7, "When?"))


def test_a_system_message_follows_the_variables_of_the_group(model_server, config):
    model_server.script({"You serve": "Hello."})
    texts = []
    guest = UpdateSystemMessage("You serve {guest}.")
    ann = ConversableAgent("ann", llm_config=config, human_input_mode="NEVER", update_agent_state_before_reply=[guest])
    count = UpdateSystemMessage(lambda agent, messages: f"You serve after {len(messages)} messages.")
    bob = ConversableAgent(
        "bob", llm_config=config, human_input_mode="NEVER", update_agent_state_before_reply=[count, lambda a, m: texts.append(a.name)]
    )
    pattern = RoundRobinPattern(ann, [ann, bob], context_variables=ContextVariables({"guest": "Zoe"}))
    initiate_group_chat(pattern, "Hi", max_rounds=3)
    assert [seen.messages[0]["content"] for seen in model_server.requests] == ["You serve Zoe.", "You serve after 2 messages."]
    assert texts == ["bob"]
