"""What AutoGen 0.2 does not do, or does wrong, and ours does."""

from __future__ import annotations

import asyncio
import time

import pytest
from model_server import Fault, InTurn, Said
from patience import within

from studio.classic import AssistantAgent, ConversableAgent, GroupChat, GroupChatManager, UserProxyAgent
from studio.engine.errors import ModelError
from studio.engine.stored_events import event_from_json, event_to_json


def talker(name="talker", config=False, **options):
    return ConversableAgent(name, system_message=name, llm_config=config, human_input_mode="NEVER", **options)


def test_a_chat_of_thousands_of_messages_does_not_nest():
    one = talker("one", default_auto_reply="tick", max_consecutive_auto_reply=3_000)
    two = talker("two", default_auto_reply="tock", max_consecutive_auto_reply=3_000)
    result = one.initiate_chat(two, message="go", silent=True)
    assert len(result.chat_history) == 6_001
    assert [message["content"] for message in result.chat_history[-3:]] == ["tick", "tock", "tick"]


async def test_an_async_chat_of_thousands_of_messages_does_not_nest():
    one = talker("one", default_auto_reply="tick", max_consecutive_auto_reply=1_500)
    two = talker("two", default_auto_reply="tock", max_consecutive_auto_reply=1_500)
    result = await one.a_initiate_chat(two, message="go", silent=True)
    assert len(result.chat_history) == 3_001


async def test_a_plain_call_works_within_a_running_loop(model_server, config):
    model_server.script({"*": "hello"})
    result = talker("user").initiate_chat(talker(config=config), message="hi", max_turns=1)
    assert result.summary == "hello"


async def test_a_plain_chat_may_be_held_by_an_async_function_of_a_plain_chat(model_server, config):
    model_server.script({"helper": "42", "caller": [{"tool": "ask"}, "TERMINATE"]})
    caller, user, helper = talker("caller", config), talker("user"), talker("helper", config)

    @user.register_for_execution()
    @caller.register_for_llm(description="Asks the helper.")
    async def ask() -> str:
        await asyncio.sleep(0)
        return str(user.initiate_chat(helper, message="what?", max_turns=1).summary)

    result = user.initiate_chat(caller, message="go")
    assert "42" in [message["content"] for message in result.chat_history]


def test_the_log_has_every_event_in_order_and_can_be_stored(model_server, config):
    model_server.script({"*": [{"tool": "double", "arguments": {"n": 4}}, "TERMINATE"]})
    assistant, user = (
        AssistantAgent("assistant", llm_config=config),
        UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False),
    )

    @user.register_for_execution()
    @assistant.register_for_llm(description="Doubles.")
    def double(n: int) -> int:
        return n * 2

    result = user.initiate_chat(assistant, message="Double four.")
    kinds = [event.type for event in result.events]
    assert kinds == ["run_started", "message", "tool_calls", "tool_started", "tool_result", "message", "run_finished"]
    assert [event.seq for event in result.events] == list(range(1, 8))
    assert [event_from_json(event_to_json(event)) for event in result.events] == list(result.events)
    assert result.events[4].output == "8"
    assert result.events[5].usage.completion_tokens > 0
    assert result.events[-1].usage.calls == 2


def test_a_nested_chat_has_a_scope_of_its_own_in_the_log(model_server, config):
    model_server.script({"inner": "inside", "writer": "outside"})
    writer, inner, user = talker("writer", config), talker("inner", config), talker("user")
    writer.register_nested_chats([{"recipient": inner, "max_turns": 1}], trigger=user)
    result = user.initiate_chat(writer, message="go", max_turns=1)
    opened = next(event for event in result.events if event.type == "conversation_opened")
    closed = next(event for event in result.events if event.type == "conversation_closed")
    within = [event for event in result.events if event.scope == opened.id]
    assert [(event.source, event.text) for event in within] == [("writer", "go"), ("inner", "inside")]
    assert (closed.id, closed.text) == (opened.id, "inside")
    assert result.summary == "inside"


def test_an_exception_never_loses_the_log(model_server, config):
    model_server.script({"*": [Fault("status", status=400, message="no such thing")]})
    with pytest.raises(ModelError) as failure:
        talker("user").initiate_chat(talker(config=config), message="hi")
    events = failure.value.events
    assert [event.type for event in events] == ["run_started", "message", "error"]
    assert "no such thing" in events[-1].text


def test_an_exception_of_a_script_comes_out_as_it_is():
    def fails(recipient, messages, sender, config):
        raise KeyError("mine")

    other = talker("other")
    other.register_reply(ConversableAgent, fails)
    with pytest.raises(KeyError, match="mine"):
        talker("user").initiate_chat(other, message="hi")


async def test_cancelling_returns_at_once_and_the_agents_can_talk_again(model_server, config):
    model_server.script({"*": InTurn(Said("late", first=30), "in time")})
    user, other = talker("user"), talker(config=config)
    chat = asyncio.create_task(user.a_initiate_chat(other, message="hi", max_turns=1))
    await asyncio.sleep(0.3)
    began = time.monotonic()
    chat.cancel()
    with pytest.raises(asyncio.CancelledError):
        await chat
    assert time.monotonic() - began < within(1)
    assert (await user.a_initiate_chat(other, message="hi", max_turns=1)).summary == "in time"


async def test_chats_are_held_at_the_same_time(model_server, config):
    model_server.script({"*": Said("here", first=0.3)})
    user = talker("user")
    chats = [{"chat_id": n, "recipient": talker(f"t{n}", config), "message": "hi", "max_turns": 1} for n in range(5)]
    began = time.monotonic()
    results = await user.a_initiate_chats(chats)
    assert time.monotonic() - began < within(1.2)
    assert [results[n].summary for n in range(5)] == ["here"] * 5


async def test_a_person_is_asked_once_a_turn_in_an_async_chat():
    asked = []

    class Person(ConversableAgent):
        def get_human_input(self, prompt):
            asked.append(prompt)
            return "" if len(asked) < 3 else "exit"

    person = Person("person", llm_config=False, human_input_mode="ALWAYS", default_auto_reply="auto")
    result = await person.a_initiate_chat(talker(default_auto_reply="tick"), message="hi")
    assert len(asked) == 3
    assert [message["content"] for message in result.chat_history] == ["hi", "tick", "auto", "tick", "auto", "tick"]


def test_a_pending_call_is_told_that_a_person_interrupted(model_server, config):
    model_server.script({"*": [{"tool": "double", "arguments": {"n": 4}}, "TERMINATE"]})
    assistant = talker("assistant", config)

    class Person(UserProxyAgent):
        def get_human_input(self, prompt):
            return "do not do that" if len(self.chat_messages[assistant]) < 3 else "exit"

    person = Person("person", code_execution_config=False)

    @person.register_for_execution()
    @assistant.register_for_llm(description="Doubles.")
    def double(n: int) -> int:
        raise AssertionError("nobody calls this")

    person.initiate_chat(assistant, message="go")
    sent = model_server.requests[-1].messages
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool", "user"]
    assert sent[3]["content"] == "USER INTERRUPTED"
    assert sent[4]["content"].endswith("do not do that")
    assert sent[3]["tool_call_id"] == sent[2]["tool_calls"][0]["id"]


def test_an_async_reply_function_in_a_plain_chat_is_refused_at_its_start():
    async def replies(recipient, messages, sender, config):
        return True, "x"

    other = talker("other")
    other.register_reply(ConversableAgent, replies)
    with pytest.raises(RuntimeError, match="a_initiate_chat"):
        talker("user").initiate_chat(other, message="hi")


def test_a_picture_reaches_the_model_and_the_log(model_server, config):
    model_server.script({"*": "I see"})
    picture = "data:image/png;base64,iVBORw0KGgo="
    content = [{"type": "text", "text": "Look:"}, {"type": "image_url", "image_url": {"url": picture}}]
    result = talker("user").initiate_chat(talker(config=config), message={"content": content}, max_turns=1, carryover="before")
    parts = model_server.requests[-1].messages[-1]["content"]
    assert [part["type"] for part in parts] == ["text", "image_url"]
    assert "before" in parts[0]["text"]
    assert result.events[1].attachments[0].media_type == "image/png"


def test_a_manager_lets_nobody_speak_twice_when_that_is_not_wanted(model_server, config):
    model_server.script({"chooser": InTurn("a", again=True), "*": "said"})
    agents = [talker(name, config) for name in ("a", "b")]
    group = GroupChat(agents, max_round=6, allow_repeat_speaker=False)
    manager = GroupChatManager(group, llm_config={**config, "config_list": [{**config["config_list"][0], "model": "chooser"}]})
    agents[0].initiate_chat(manager, message="go", silent=True)
    assert [message["name"] for message in group.messages] == ["a", "b", "a", "b", "a", "b"]


def test_the_choice_of_a_speaker_is_in_the_log_with_what_it_cost(model_server, config):
    model_server.script({"chooser": InTurn("nobody", "b"), "*": "said"})
    agents = [talker(name, config) for name in ("a", "b", "c")]
    group = GroupChat(agents, max_round=2)
    manager = GroupChatManager(group, llm_config={**config, "config_list": [{**config["config_list"][0], "model": "chooser"}]})
    result = agents[0].initiate_chat(manager, message="go", silent=True)
    rejected = next(event for event in result.events if event.type == "selection_rejected")
    chosen = next(event for event in result.events if event.type == "speaker_chosen")
    assert (rejected.answer, chosen.speaker, chosen.by, chosen.attempts) == ("nobody", "b", "auto", 2)
    assert rejected.usage.calls == chosen.usage.calls == 1
    assert [event.source for event in result.events if event.type == "message"] == ["a", "b"]


def test_a_group_without_a_model_goes_on_in_the_order_of_the_list():
    agents = [talker(name, default_auto_reply=name) for name in ("a", "b", "c")]
    group = GroupChat(agents, max_round=4)
    agents[0].initiate_chat(GroupChatManager(group), message="go", silent=True)
    assert [message["name"] for message in group.messages] == ["a", "b", "c", "a"]


@pytest.mark.parametrize(
    "options",
    [
        {"allow_repeat_speaker": "yes"},
        {"speaker_transitions_type": "maybe"},
        {"max_retries_for_selecting_speaker": -1},
        {"select_speaker_message_template": ""},
        {"role_for_select_speaker_messages": ""},
    ],
)
def test_a_group_with_settings_that_are_none_is_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        GroupChat([talker("a"), talker("b")], **options)


def test_transitions_need_to_be_allowed_or_disallowed_and_exclude_repeats():
    a, b = talker("a"), talker("b")
    with pytest.raises(ValueError, match="speaker_transitions_type"):
        GroupChat([a, b], allowed_or_disallowed_speaker_transitions={a: [b]})
    with pytest.raises(ValueError, match="allow_repeat_speaker"):
        GroupChat([a, b], allowed_or_disallowed_speaker_transitions={a: [b]}, speaker_transitions_type="allowed", allow_repeat_speaker=True)
    with pytest.raises(ValueError, match="not in the group"):
        GroupChat([a], allowed_or_disallowed_speaker_transitions={a: [b]}, speaker_transitions_type="allowed")


def test_a_manager_is_offered_no_tools(config):
    with pytest.raises(ValueError, match="runs no functions"):
        GroupChatManager(GroupChat([talker("a"), talker("b")]), llm_config={**config, "functions": [{"name": "x"}]})


def test_a_function_that_nobody_in_the_group_runs_is_named(model_server, config):
    model_server.script({"*": {"tool": "unknown_one"}})
    a, b = talker("a", config), talker("b", config)
    manager = GroupChatManager(GroupChat([a, b], speaker_selection_method="round_robin"), llm_config=config)
    with pytest.raises(ValueError, match="unknown_one"):
        a.initiate_chat(manager, message="go")


def test_chats_that_wait_for_one_another_are_refused():
    a, b = talker("a"), talker("b")
    circle = [{"chat_id": 1, "prerequisites": [2], "recipient": b, "message": "x"}, {"chat_id": 2, "prerequisites": [1], "recipient": b}]
    with pytest.raises(ValueError, match="circle"):
        asyncio.run(a.a_initiate_chats(circle))


def test_histories_are_kept_in_part_with_the_call_of_a_kept_result():
    a, b = talker("a"), talker("b")
    a.chat_messages[b].extend([{"role": "user", "content": "1"}, {"role": "assistant", "tool_calls": []}, {"role": "tool", "content": "r"}])
    a.clear_history(b, nr_messages_to_preserve=1)
    assert [message["role"] for message in a.chat_messages[b]] == ["assistant", "tool"]
    a.reset()
    assert a.last_message(b) is None


def test_a_message_without_content_is_refused():
    with pytest.raises(ValueError, match="needs a content"):
        talker("a").send({"name": "a"}, talker("b"))


def test_a_group_that_is_changed_after_its_manager_was_made_is_taken_as_it_is():
    agents = [talker(name, default_auto_reply=name) for name in ("a", "b", "c")]
    group = GroupChat(agents, max_round=9, speaker_selection_method="round_robin")
    manager = GroupChatManager(group)
    group.max_round = 3
    agents[0].initiate_chat(manager, message="go", silent=True)
    assert [message["name"] for message in group.messages] == ["a", "b", "c"]
    manager.reset()
    assert group.messages == []


def test_somebody_who_joins_a_group_after_its_manager_was_made_speaks_too():
    agents = [talker(name, default_auto_reply=name) for name in ("a", "b", "c")]
    group = GroupChat(agents[:2], max_round=4, speaker_selection_method="round_robin")
    manager = GroupChatManager(group)
    group.agents.append(agents[2])
    agents[0].initiate_chat(manager, message="go", silent=True)
    assert [message["name"] for message in group.messages] == ["a", "b", "c", "a"]


def test_async_functions_of_a_script_are_awaited_in_a_plain_chat():
    async def summary(sender, recipient, arguments):
        await asyncio.sleep(0)
        return "awaited"

    async def opening(sender, recipient, context):
        await asyncio.sleep(0)
        return "opened"

    result = talker("user").initiate_chat(talker(default_auto_reply="yes"), message=opening, summary_method=summary, max_turns=1)
    assert (result.chat_history[0]["content"], result.summary) == ("opened", "awaited")


async def test_an_async_hook_changes_what_is_sent():
    async def louder(sender, message, recipient, silent):
        await asyncio.sleep(0)
        return message.upper()

    user = talker("user")
    user.register_hook("a_process_message_before_send", louder)
    result = await user.a_initiate_chat(talker(default_auto_reply="yes"), message="hi", max_turns=1)
    assert result.chat_history[0]["content"] == "HI"
    with pytest.raises(ValueError, match="async"):
        user.register_hook("a_process_message_before_send", lambda **_: "")
    with pytest.raises(ValueError, match="takes no hooks"):
        user.register_hook("process_everything", louder)


async def test_what_several_chats_came_to_is_kept_by_who_began_them(model_server, config):
    model_server.script({"ann": "by ann", "bob": "by bob"})
    user = talker("user")
    row = [{"recipient": talker(name, config), "message": "hi", "max_turns": 1} for name in ("ann", "bob")]
    assert user.get_chat_results() == ()
    user.initiate_chats(row)
    assert [each.summary for each in user.get_chat_results()] == ["by ann", "by bob"]
    assert user.get_chat_results(1).summary == "by bob"
    await user.a_initiate_chats([{**chat, "chat_id": name} for name, chat in zip("xy", row, strict=True)])
    assert user.get_chat_results("y").summary == "by bob"


def test_a_way_to_sum_up_that_is_not_there_is_told_before_the_chat(model_server, config):
    model_server.script({"*": "hello"})
    with pytest.raises(ValueError, match="summary_method"):
        talker("user").initiate_chat(talker(config=config), message="hi", max_turns=1, summary_method="last_message")
    assert not model_server.requests
