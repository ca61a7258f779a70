"""Scripts that begin nothing themselves: web applications, factories of agents, modules of a larger program."""

from __future__ import annotations

import pytest

from studio.flow.findings import ForeignFileError, Imported
from studio.formats.recognise import read_bytes

CLASSIC = "import os\nimport autogen\n\nconfig = {'config_list': [{'model': 'gpt-4o', 'api_key': os.environ['OPENAI_API_KEY']}]}\n"
AGENTCHAT = (
    "from autogen_agentchat.agents import AssistantAgent\nfrom autogen_agentchat.teams import RoundRobinGroupChat\n"
    "from autogen_agentchat.tools import AgentTool\nfrom autogen_ext.models.openai import OpenAIChatCompletionClient\n\n"
)


def flows(script: str) -> tuple[Imported, ...]:
    return read_bytes(script.encode()).flows


def named(script: str) -> list[list[str]]:
    return [[node.name for node in flow.document.nodes if node.kind in ("assistant", "human")] for flow in flows(script)]


def test_a_class_that_nobody_makes_an_object_of_is_gone_through() -> None:
    script = """
class Session:
    def __init__(self, client):
        self.helper = AssistantAgent("helper", client, system_message="Help.")
        self.critic = AssistantAgent("critic", client, system_message="Find fault.")

    def team(self):
        return RoundRobinGroupChat([self.helper, self.critic], max_turns=3)
"""
    (flow,) = flows(AGENTCHAT + script)
    team = next(node for node in flow.document.nodes if node.kind == "team")
    assert team.config["max_turns"] == 3
    assert named(AGENTCHAT + script) == [["helper", "critic"]]


def test_methods_that_nobody_calls_know_what_the_constructor_was_told() -> None:
    script = """
class Factory:
    def __init__(self, tone):
        self.tone = tone

    def writer(self):
        return AssistantAgent("writer", OpenAIChatCompletionClient(model="gpt-4o"), system_message=f"Write, {self.tone}.")

factory = Factory("softly")
"""
    (flow,) = flows(AGENTCHAT + script)
    (writer,) = [node for node in flow.document.nodes if node.kind == "assistant"]
    assert writer.config["system_message"] == "Write, softly."


def test_a_function_that_a_server_is_given_is_gone_through_when_nobody_is_found_otherwise() -> None:
    script = """
from autogen.io.websockets import IOWebsockets

def on_connect(stream):
    bot = autogen.ConversableAgent("bot", system_message="Answer.", llm_config=config)
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(bot, message=stream.input(), max_turns=2)

IOWebsockets.run_server_in_thread(on_connect=on_connect, port=8765)
"""
    assert named(CLASSIC + script) == [["bot", "user"]]


def test_a_function_that_agents_call_makes_no_flow_of_its_own_beside_others() -> None:
    script = """
def ask(question: str) -> str:
    inner = autogen.AssistantAgent("inner", llm_config=config)
    outer.initiate_chat(inner, message=question)
    return "done"

helper = autogen.AssistantAgent("helper", llm_config=config)
outer = autogen.UserProxyAgent("outer", human_input_mode="NEVER")
autogen.register_function(ask, caller=helper, executor=outer, description="Asks.")
outer.initiate_chat(helper, message="Go.")
"""
    assert len(flows(CLASSIC + script)) == 1


def test_a_class_of_agents_is_an_agent_where_a_script_makes_none() -> None:
    script = """
class Writer(autogen.AssistantAgent):
    def __init__(self, config):
        super().__init__("writer", system_message="Write.", llm_config=config)
"""
    (flow,) = flows(CLASSIC + script)
    (writer,) = [node for node in flow.document.nodes if node.kind == "assistant"]
    assert (writer.name, writer.config["system_message"]) == ("writer", "Write.")


def test_an_agent_that_only_a_tool_has_is_found() -> None:
    script = 'def lend(client):\n    return AgentTool(AssistantAgent("lent", client, system_message="Count."))\n'
    assert named(AGENTCHAT + script) == [["lent"]]


def test_a_check_that_may_say_yes_or_no_leaves_both_open() -> None:
    script = """
def works():
    if not os.getenv("TOKEN"):
        return False
    return True

def main():
    helper = autogen.AssistantAgent("helper", llm_config=config)
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER")
    user.initiate_chat(helper, message="Go.")

if works():
    main()
"""
    assert named(CLASSIC + script) == [["helper", "user"]]


def test_a_list_that_grew_by_what_is_not_known_is_not_empty() -> None:
    script = """
from settings import configs_of

def main():
    found = []
    for each in ("one", "two"):
        found.extend(configs_of(each))
    more = []
    more += configs_of("three")
    if not found or not more:
        return
    helper = autogen.AssistantAgent("helper", llm_config={"config_list": found})
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER")
    user.initiate_chat(helper, message="Go.")

main()
"""
    assert named(CLASSIC + script) == [["helper", "user"]]


def test_the_other_framework_of_ag2_is_named_where_it_is_refused() -> None:
    with pytest.raises(ForeignFileError, match=r"autogen\.beta \(line 1\), which is not read") as refused:
        flows('from autogen.beta import Agent\n\nagent = Agent("helper", prompt="Help.")\n')
    assert refused.value.remedy
