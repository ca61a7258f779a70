"""Shortening what a model is shown, and the addresses that longer imports use."""

from __future__ import annotations

from importlib import import_module

import pytest

from studio.classic import ConversableAgent, GroupChat, GroupChatManager
from studio.classic.agentchat.contrib.capabilities import transform_messages, transforms


def messages(*texts):
    return [{"role": "user", "content": text} for text in texts]


def test_the_last_messages_are_kept_and_the_first_when_wanted():
    said = messages("a", "b", "c", "d")
    assert transforms.MessageHistoryLimiter(2).apply_transform(said) == said[2:]
    assert transforms.MessageHistoryLimiter(2, keep_first_message=True).apply_transform(said) == [said[0], said[3]]
    assert transforms.MessageHistoryLimiter().apply_transform(said) == said


def test_a_result_is_not_kept_without_its_call():
    said = [{"role": "assistant", "content": None, "tool_calls": []}, {"role": "tool", "content": "r"}, *messages("x")]
    assert transforms.MessageHistoryLimiter(2).apply_transform(said) == said[2:]


def test_tokens_are_cut_from_the_oldest_and_reckoned_without_a_download():
    said = messages("a" * 400, "b" * 400, "c" * 40)
    each = transforms.MessageTokenLimiter(max_tokens_per_message=10).apply_transform(said)
    assert [len(message["content"]) for message in each] == [40, 40, 40]
    whole = transforms.MessageTokenLimiter(max_tokens=60).apply_transform(said)
    assert [len(message["content"]) for message in whole] == [200, 40]
    assert transforms.MessageTokenLimiter(max_tokens=1, min_tokens=1).apply_transform(messages("abc")) == messages("abc")
    with pytest.raises(ValueError, match="max_tokens"):
        transforms.MessageTokenLimiter(max_tokens=1, min_tokens=2)


def test_an_agents_model_sees_less_and_its_history_stays_whole(model_server, config):
    model_server.script({"*": "ok"})
    one = ConversableAgent("one", llm_config=config, human_input_mode="NEVER")
    limits = transform_messages.TransformMessages(transforms=[transforms.MessageHistoryLimiter(1)])
    limits.add_to_agent(one)
    user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER", default_auto_reply="more")
    result = user.initiate_chat(one, message="hi", max_turns=3)
    assert [message["role"] for message in model_server.requests[-1].messages] == ["system", "user"]
    assert len(result.chat_history) == 6


def test_the_choosing_model_may_see_less(model_server, config):
    model_server.script({"hold a conversation": "a", "*": "ok"})
    agents = [ConversableAgent(name, llm_config=config, human_input_mode="NEVER") for name in ("a", "b")]
    limits = transform_messages.TransformMessages(transforms=[transforms.MessageHistoryLimiter(1)])
    group = GroupChat(agents, max_round=4, select_speaker_transform_messages=limits)
    agents[0].initiate_chat(GroupChatManager(group, llm_config=config), message="go", silent=True)
    choosing = [seen for seen in model_server.requests if "hold a conversation" in seen.system]
    assert [len(seen.messages) for seen in choosing] == [3, 3, 3]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("agentchat", "initiate_chats"),
        ("agentchat.agent", "Agent"),
        ("agentchat.assistant_agent", "AssistantAgent"),
        ("agentchat.chat", "ChatResult"),
        ("agentchat.conversable_agent", "ConversableAgent"),
        ("agentchat.group", "AgentTarget"),
        ("agentchat.group.patterns", "AutoPattern"),
        ("agentchat.groupchat", "GroupChatManager"),
        ("agentchat.user_proxy_agent", "UserProxyAgent"),
        ("cache", "Cache"),
        ("code_utils", "extract_code"),
        ("coding", "DockerCommandLineCodeExecutor"),
        ("coding.base", "CodeBlock"),
        ("coding.jupyter", "JupyterCodeExecutor"),
        ("io", "IOStream"),
        ("io.base", "IOStream"),
        ("oai", "OpenAIWrapper"),
    ],
)
def test_longer_imports_find_what_they_name(address, name):
    assert hasattr(import_module(f"studio.classic.{address}"), name)


def test_every_name_of_the_package_can_be_imported():
    package = import_module("studio.classic")
    assert [name for name in package.__all__ if not hasattr(package, name)] == []
    assert package.coding.CodeBlock("x", "python").language == "python"
