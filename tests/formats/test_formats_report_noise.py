"""Reports say what a person would miss, and nothing that nobody would see."""

from __future__ import annotations

import json

from autogen_samples import assistant, model, team

from studio.flow.findings import Imported
from studio.formats.recognise import read_bytes

ROW = """\
from autogen import ConversableAgent, GroupChat, GroupChatManager, initiate_chats

user = ConversableAgent("User", llm_config=False, human_input_mode="NEVER")
ann = ConversableAgent("Ann", llm_config={"model": "gpt-5-mini"})
bob = ConversableAgent("Bob", llm_config={"model": "gpt-5-mini"})
manager = GroupChatManager(groupchat=GroupChat(agents=[ann, bob], max_round=4), llm_config={"model": "gpt-5-mini"})
initiate_chats([
    {"sender": user, "recipient": ann, "message": "One", "max_turns": 2},
    {"sender": user, "recipient": bob, "message": "Two", "max_turns": 2},
    {"sender": user, "recipient": ann, "message": "Three", "max_turns": 2},
    {"sender": user, "recipient": manager, "message": "Four"},
])
"""
TOKENS = """\
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_agentchat.tools import AgentTool, TeamTool
from autogen_ext.models.openai import AzureOpenAIChatCompletionClient
from azure.identity import DefaultAzureCredential, get_bearer_token_provider
from somewhere import only_last

tokens = get_bearer_token_provider(DefaultAzureCredential(), "https://cognitiveservices.azure.com/.default")
client = AzureOpenAIChatCompletionClient(
    model="gpt-4o",
    azure_ad_token_provider=tokens,
)
helper = AssistantAgent("helper", client)
writer = AssistantAgent("writer", client, tools=[AgentTool(helper, return_value_as_last_message=only_last())])
"""


def told(imported: Imported, *codes: str) -> list[str]:
    return [each.text for each in imported.report.findings if each.code in codes]


def test_who_takes_part_in_several_chats_is_told_of_once() -> None:
    (imported,) = read_bytes(ROW.encode()).flows
    assert told(imported, "renamed") == []
    assert told(imported, "again") == [
        "“Ann” takes part more than once. Names are one of a kind here, so it is also called Ann_2, Ann_3.",
        "“User” takes part more than once. Names are one of a kind here, so it is also called User_2, User_3.",
        "“Bob” takes part more than once. Names are one of a kind here, so it is also called Bob_2.",
    ]
    again = next(each for each in imported.report.findings if each.code == "again")
    assert [node.name for node in imported.document.nodes if node.id in again.nodes] == ["Ann_2", "Ann_3"]


def test_blanks_that_nobody_sees_are_no_other_name() -> None:
    (imported,) = read_bytes(json.dumps(team(assistant(" my  writer "), assistant("critic!"))).encode()).flows
    assert told(imported, "renamed") == ["“critic!” is called “critic_” here."]


def test_agents_of_the_same_name_are_told_apart_and_that_is_said() -> None:
    (imported,) = read_bytes(json.dumps(team(assistant("ann"), assistant("ann"))).encode()).flows
    assert told(imported, "renamed") == ["“ann” is called “ann_2” here."]


def test_tokens_of_azure_have_their_own_line() -> None:
    (imported,) = read_bytes(TOKENS.encode()).flows
    (found,) = [each for each in imported.report.findings if each.code == "token_provider"]
    assert (found.level, found.place.line) == ("decision", 11)
    assert found.text.startswith("azure asks for tokens of Microsoft Entra ID (“azure_ad_token_provider”).")
    provider = {"provider": "autogen_ext.auth.azure.AzureTokenProvider", "component_type": "token_provider", "config": {}}
    client = model("gpt-4o", azure_ad_token_provider=provider)
    client["provider"] = "autogen_ext.models.openai.AzureOpenAIChatCompletionClient"
    (imported,) = read_bytes(json.dumps(assistant("ann", model_client=client)).encode()).flows
    assert len(told(imported, "token_provider")) == 1
    settings = '{"model": "gpt-4o", "api_type": "azure", "azure_ad_token_provider": make_tokens(), "azure_ad_token": "secret-token"}'
    script = (
        f"from autogen import AssistantAgent\nann = AssistantAgent('ann', llm_config={settings})\nann.initiate_chat(ann, message='Hi')\n"
    )
    (imported,) = read_bytes(script.encode()).flows
    assert len(told(imported, "token_provider")) == 2
    assert "secret-token" not in imported.document.model_dump_json() + json.dumps(imported.report.to_dict())


def test_what_a_tool_gives_has_its_own_line_where_only_a_run_would_tell() -> None:
    (imported,) = read_bytes(TOKENS.encode()).flows
    (found,) = [each for each in imported.report.findings if each.code == "last_message_unknown"]
    assert (found.level, found.place.line) == ("decision", 14)
    assert [edge.config for edge in imported.document.edges if edge.kind == "tool"] == [{"heard": "all"}]


def test_an_agent_that_saw_images_in_texts_differs_and_says_so() -> None:
    script = (
        "from autogen import UserProxyAgent\n"
        "from autogen.agentchat.contrib.multimodal_conversable_agent import MultimodalConversableAgent\n"
        "eye = MultimodalConversableAgent('eye', llm_config={'model': 'gpt-5-mini'})\n"
        "me = UserProxyAgent('me', code_execution_config=False)\n"
        "me.initiate_chat(eye, message='What is on <img https://example.org/plan.png>?')\n"
    )
    (imported,) = read_bytes(script.encode()).flows
    (eye,) = [node.id for node in imported.document.nodes if node.name == "eye"]
    (found,) = [each for each in imported.report.findings if each.code == "differs_images"]
    assert (found.level, found.nodes, found.place.line) == ("approximated", (eye,), 3)
    assert not [each for each in imported.report.of("exact") if eye in each.nodes]
    assert next(node for node in imported.document.nodes if node.id == eye).config["named_images"] is True
