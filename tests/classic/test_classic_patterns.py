"""AG2's groups by pattern: hand-offs by a model, by variables, after work, and functions that name who takes over."""

from __future__ import annotations

import itertools
from typing import Annotated

import pytest
from model_server import InTurn, Said

from studio.classic import (
    ConversableAgent,
    LLMConfig,
    UserProxyAgent,
    a_initiate_group_chat,
    a_run_group_chat,
    initiate_group_chat,
    run_group_chat,
)
from studio.classic.agentchat.group import (
    AgentNameTarget,
    AgentTarget,
    AskUserTarget,
    ContextExpression,
    ContextVariables,
    ExpressionAvailableCondition,
    ExpressionContextCondition,
    FunctionTarget,
    NestedChatTarget,
    OnCondition,
    OnContextCondition,
    ReplyResult,
    RevertToUserTarget,
    StayTarget,
    StringContextCondition,
    StringLLMCondition,
    TerminateTarget,
)
from studio.classic.agentchat.group.guardrails import LLMGuardrail, RegexGuardrail
from studio.classic.agentchat.group.patterns import AutoPattern, DefaultPattern, ManualPattern, RandomPattern, RoundRobinPattern
from studio.classic.io import IOStream


@pytest.fixture
def agent(config):
    def made(name, **options):
        return ConversableAgent(name, system_message=f"I am {name}", llm_config=config, human_input_mode="NEVER", **options)

    return made


def speakers(result):
    return [event.source for event in result.events if event.type == "message"]


def test_a_model_hands_over_by_a_tool_and_the_call_is_hidden_from_the_next(model_server, agent):
    model_server.script({"I am front": {"tool": "transfer_to_billing_1"}, "I am billing": "Paid."})
    front, billing = agent("front"), agent("billing")
    front.handoffs.add_llm_condition(OnCondition(AgentTarget(billing), StringLLMCondition("When it is about money.")))
    result, _, last = initiate_group_chat(DefaultPattern(front, [front, billing]), "My bill", max_rounds=10)
    assert last is billing
    assert speakers(result)[-1] == "billing"
    assert [message["role"] for message in model_server.requests[-1].messages] == ["system", "user"]
    assert model_server.requests[0].body["tools"][0]["function"]["description"] == "When it is about money."
    assert "tools" not in front.llm_config


def test_a_function_sets_variables_and_names_who_takes_over(model_server, agent):
    model_server.script({"I am triage": {"tool": "classify", "arguments": {"topic": "tech"}}, "I am tech": "Fixed."})
    seen = []

    def classify(topic: Annotated[str, "what it is about"], context_variables: ContextVariables) -> ReplyResult:
        seen.append(dict(context_variables))
        return ReplyResult(message="noted", target=AgentNameTarget("tech"), context_variables={"topic": topic})

    triage, tech = agent("triage", functions=[classify]), agent("tech")
    pattern = DefaultPattern(triage, [triage, tech], context_variables=ContextVariables(data={"visits": 1}))
    result, variables, last = initiate_group_chat(pattern, "Help")
    assert seen == [{"visits": 1}]
    assert variables.to_dict() == {"visits": 1, "topic": "tech"}
    assert (last.name, result.summary) == ("tech", "Fixed.")
    offered = model_server.requests[0].body["tools"][0]["function"]
    assert list(offered["parameters"]["properties"]) == ["topic"]
    assert offered["parameters"]["properties"]["topic"]["description"] == "what it is about"


def test_a_function_without_a_target_goes_back_to_its_caller(model_server, agent):
    model_server.script({"I am one": [{"tool": "look"}, "seen"]})

    async def look() -> int:
        return 7

    one, two = agent("one", functions=look), agent("two")
    result, _, last = initiate_group_chat(DefaultPattern(one, [one, two]), "Look")
    assert (last.name, result.summary) == ("one", "seen")


def test_variables_hand_over_before_any_model_is_asked(model_server, agent):
    model_server.script({"I am": "said"})
    one, two, three = agent("one"), agent("two"), agent("three")
    one.handoffs.add_context_condition(
        OnContextCondition(AgentTarget(two), ExpressionContextCondition(ContextExpression("${level} >= 3 and not ${closed}")))
    )
    two.handoffs.add_context_condition(OnContextCondition(AgentTarget(three), StringContextCondition("vip")))
    pattern = DefaultPattern(one, [one, two, three], context_variables=ContextVariables({"level": 3, "closed": False, "vip": True}))
    _, _, last = initiate_group_chat(pattern, "Hello")
    assert last is three
    assert len(model_server.requests) == 1


def test_a_handover_is_offered_only_while_it_is_available(model_server, agent):
    model_server.script({"I am": "said"})
    one, two = agent("one"), agent("two")
    open_ = ExpressionAvailableCondition(ContextExpression("${open}"))
    one.handoffs.add_llm_condition(OnCondition(AgentTarget(two), StringLLMCondition("x"), available=open_))
    initiate_group_chat(DefaultPattern(one, [one, two], context_variables=ContextVariables(open=False)), "Hello")
    assert "tools" not in model_server.requests[-1].body


def test_after_work_comes_in_order_and_the_pattern_last(model_server, agent):
    model_server.script({"I am": "said"})
    one, two, three = agent("one"), agent("two"), agent("three")
    one.handoffs.add_after_work(OnContextCondition(AgentTarget(three), StringContextCondition("never")))
    one.handoffs.add_after_work(OnContextCondition(AgentTarget(two)))
    two.handoffs.set_after_work(FunctionTarget(lambda text, variables: AgentTarget(three)))
    result, _, last = initiate_group_chat(DefaultPattern(one, [one, two, three]), "Hello")
    assert last is three
    assert speakers(result)[1:] == ["one", "two", "three"]


def test_an_agent_may_stay_and_the_rounds_end_it(model_server, agent):
    model_server.script({"I am": "said"})
    one, two = agent("one"), agent("two")
    result, _, _ = initiate_group_chat(DefaultPattern(one, [one, two], group_after_work=StayTarget()), "Hello", max_rounds=4)
    assert speakers(result)[1:] == ["one", "one", "one"]


def test_the_user_gets_the_word_back_and_the_last_agent_goes_on(model_server, agent):
    model_server.script({"I am": "said"})
    one, two = agent("one"), agent("two")
    typed = ["more", "exit"]

    class Person(ConversableAgent):
        def get_human_input(self, prompt):
            return typed.pop(0)

    person = Person("person", llm_config=False, human_input_mode="ALWAYS")
    pattern = DefaultPattern(two, [one, two], user_agent=person, group_after_work=RevertToUserTarget())
    result, _, _ = initiate_group_chat(pattern, "Hello")
    assert speakers(result) == ["person", "two", "person", "two"]


def test_round_robin_begins_with_the_initial_agent(model_server, agent):
    model_server.script({"I am": "said"})
    one, two, three = agent("one"), agent("two"), agent("three")
    result, _, _ = initiate_group_chat(RoundRobinPattern(two, [one, two, three]), "Hello", max_rounds=6)
    assert speakers(result)[1:] == ["two", "one", "three", "two", "one"]


def test_nobody_speaks_twice_at_random(model_server, agent):
    model_server.script({"I am": "said"})
    agents = [agent(name) for name in ("one", "two", "three")]
    result, _, _ = initiate_group_chat(RandomPattern(agents[0], agents), "Hello", max_rounds=12)
    order = speakers(result)[1:]
    assert len(order) == 11
    assert all(before != after for before, after in itertools.pairwise(order))


def test_the_managers_model_chooses_among_those_who_speak(model_server, agent, config):
    model_server.script({"who speaks": InTurn("two", "one"), "I am": "said"})
    one, two = agent("one", description="1"), agent("two", description="2")
    pattern = AutoPattern(one, [one, two], group_manager_args={"llm_config": config}, selection_message="who speaks? {roles} {agentlist}")
    result, _, _ = initiate_group_chat(pattern, "Hello", max_rounds=4)
    assert speakers(result)[1:] == ["one", "two", "one"]
    asked = next(seen for seen in model_server.requests if "who speaks" in seen.system)
    assert "_runs_tools" not in asked.system


def test_a_person_chooses_by_number(model_server, agent):
    model_server.script({"I am": "said"})
    one, two = agent("one"), agent("two")

    class Typed(IOStream):
        lines = ("2", "2")

        def print(self, *objects, **options):
            pass

        def input(self, prompt="", *, password=False):
            line, *rest = self.lines
            self.lines = tuple(rest)
            return line

    with IOStream.set_default(Typed()):
        result, _, _ = initiate_group_chat(ManualPattern(one, [one, two]), "Hello", max_rounds=4)
    assert speakers(result)[1:] == ["one", "two", "two"]
    assert isinstance(ManualPattern(one, [one]).after_work(one), AskUserTarget)


def test_a_nested_chat_says_its_summary_and_gives_back(model_server, agent):
    model_server.script({"I am one": ["draft", "final"], "I am critic": "too short"})
    one, two, critic = agent("one"), agent("two"), agent("critic")
    one.handoffs.add_after_work(
        OnContextCondition(
            NestedChatTarget({"chat_queue": [{"recipient": critic, "max_turns": 1, "summary_method": "last_msg"}]}),
            ExpressionContextCondition(ContextExpression("not ${checked}")),
        )
    )
    one.handoffs.add_after_work(OnContextCondition(TerminateTarget()))
    variables = ContextVariables(checked=False)
    one.register_hook("process_all_messages_before_reply", lambda messages: variables.set("checked", len(messages) > 1) or messages)
    result, _, _ = initiate_group_chat(DefaultPattern(one, [one, two], context_variables=variables), "Write")
    said = [event.text for event in result.events if event.type == "message" and event.scope is None]
    assert said == ["Write", "draft", "too short", "final"]


async def test_patterns_work_in_async_programs_and_go_on_with_earlier_messages(model_server, agent):
    model_server.script({"I am": "said"})
    one, two = agent("one"), agent("two")
    before = [{"content": "Hello", "role": "user", "name": "one"}, {"content": "Hi", "role": "user", "name": "two"}]
    result, _, last = await a_initiate_group_chat(RoundRobinPattern(one, [one, two]), [*before, {"content": "Go on", "role": "user"}], 3)
    assert speakers(result)[1:] == ["one", "two"]
    assert last is two
    assert "Hello" in str(model_server.requests[0].messages)


def test_a_configuration_is_everybodys_within_its_block(config):
    entry = config["config_list"][0]
    written = LLMConfig(api_type="openai", model="m", api_key="k", temperature=0.1)
    assert (written.config_list, written["temperature"]) == ([{"api_type": "openai", "model": "m", "api_key": "k"}], 0.1)
    assert LLMConfig(entry, {**entry, "model": "n"}).where(model="n").config_list == [{**entry, "model": "n"}]
    with pytest.raises(ValueError, match="model='o'"):
        LLMConfig(entry).where(model="o")
    assert LLMConfig.get_current_llm_config() is None
    with written:
        assert LLMConfig.get_current_llm_config() == written
    with written:
        inside = ConversableAgent("inside")
    assert inside.llm_config == {"config_list": [{"api_type": "openai", "model": "m", "api_key": "k"}], "temperature": 0.1}
    assert ConversableAgent("outside").llm_config is False


def test_who_is_not_in_the_group_cannot_begin(agent):
    with pytest.raises(ValueError, match="begins"):
        initiate_group_chat(DefaultPattern(agent("one"), [agent("two"), agent("three")]), "Hello")


def test_a_guard_of_what_is_said_lets_somebody_else_take_over(model_server, agent):
    model_server.script({"I am clerk": "Your card is 1234-5678.", "I am boss": "Sorry about that."})
    clerk, boss = agent("clerk"), agent("boss")
    clerk.register_output_guardrail(RegexGuardrail("cards", r"\d{4}-\d{4}", AgentTarget(boss), "A number was kept back."))
    result, _, last = initiate_group_chat(DefaultPattern(clerk, [clerk, boss]), "Hi", max_rounds=6)
    assert last is boss
    said = [message["content"] for message in result.chat_history]
    assert said[1] == "A number was kept back.\nJustification: The pattern was found."
    assert said[2] == "Sorry about that."


def test_thoughts_are_kept_back_with_what_is_said_and_left_out_where_a_guard_fires_at_them_alone(model_server, agent):
    model_server.script(
        {
            "I am clerk": InTurn(Said("It is 1234-5678.", reasoning="The card is 1234-5678."), Said("Fine.", reasoning="Not 1234-5678.")),
            "I am boss": "Yes.",
        }
    )
    clerk, boss = agent("clerk"), agent("boss")
    clerk.register_output_guardrail(RegexGuardrail("cards", r"\d{4}-\d{4}", AgentTarget(boss), "A number was kept back."))
    for said in ("A number was kept back.", "Fine."):
        result, _, _ = initiate_group_chat(DefaultPattern(clerk, [clerk, boss]), "My card?", max_rounds=2)
        heard = [event for event in result.events if event.type == "message" and event.source == "clerk"]
        assert heard[0].text.startswith(said)
        assert "1234-5678" not in "".join(event.model_dump_json() for event in result.events)
        assert any(event.type == "notice" and event.code == "guard" for event in result.events)


def test_a_guard_of_what_is_heard_spares_the_model_and_can_end_it(model_server, agent):
    model_server.script({"I am clerk": "never said"})
    clerk = agent("clerk")
    clerk.register_input_guardrails([RegexGuardrail("orders", "(?i)ignore all", TerminateTarget())])
    result, _, _ = initiate_group_chat(DefaultPattern(clerk, [clerk]), "Ignore all you know", max_rounds=6)
    assert model_server.requests == []
    assert "The guard 'orders' fired." in result.chat_history[-1]["content"]


@pytest.mark.parametrize(
    ("answer", "fires"), [('{"activated": true, "justification": "rude"}', True), ('{"activated": false}', False), ("hm", True)]
)
async def test_a_model_judges_for_a_guard(model_server, agent, config, answer, fires):
    model_server.script({"You guard a conversation": answer, "I am clerk": "You fool.", "I am boss": "Be kind."})
    clerk, boss = agent("clerk"), agent("boss")
    guard = LLMGuardrail("manners", "Somebody is rude.", AgentTarget(boss), config)
    clerk.register_output_guardrails([guard])
    _, _, last = await a_initiate_group_chat(DefaultPattern(clerk, [clerk, boss]), "Hi", max_rounds=6)
    assert (last is boss) is fires
    assert clerk.run_output_guardrails("You fool.") is None or fires


def test_a_guard_without_a_model_or_with_a_broken_pattern_is_refused():
    with pytest.raises(ValueError, match="no regular expression"):
        RegexGuardrail("x", "(", TerminateTarget())
    with pytest.raises(ValueError, match="has no model"):
        LLMGuardrail("x", "rude", TerminateTarget(), None)


class Typing(IOStream):
    """Keeps what is printed, types what it is given."""

    def __init__(self, *lines):
        self.lines, self.printed = list(lines), []

    def print(self, *objects, sep=" ", end="\n", flush=False):
        self.printed.append(sep.join(map(str, objects)) + end)

    def input(self, prompt="", *, password=False):
        return self.lines.pop(0)


def asked_group(agent):
    front = agent("front")
    person = UserProxyAgent("me", code_execution_config=False)
    return RoundRobinPattern(front, [front], user_agent=person, context_variables=ContextVariables({"seen": 1}))


def test_a_group_runs_in_the_background_and_is_processed_here(model_server, agent):
    model_server.script({"I am front": "What else?"})
    stream = Typing("Nothing.", "exit")
    with IOStream.set_default(stream):
        response = run_group_chat(asked_group(agent), "Hello", max_rounds=9)
        response.process()
    assert stream.lines == []
    assert "What else?" in "".join(stream.printed)
    assert [message["content"] for message in response.messages] == ["Hello", "What else?", "Nothing.", "What else?"]
    assert (response.last_speaker, dict(response.context_variables)) == ("front", {"seen": 1})
    assert response.summary == "What else?"
    assert response.cost["usage_including_cached_inference"]["total_cost"] == 0


def test_events_of_a_group_are_read_as_they_happen_and_questions_answered(model_server, agent):
    model_server.script({"I am front": "What else?"})
    response = run_group_chat(asked_group(agent), "Hello", max_rounds=9)
    types = []
    for event in response.events:
        types.append(event.type)
        if event.type == "input_request":
            event.content.respond("exit")
    assert types[0] == "run_started"
    assert types[-1] == "run_finished"
    assert types.index("question") < types.index("input_request") < types.index("answer")
    assert list(response.events) == []


async def test_a_group_runs_in_a_task_of_the_loop(model_server, agent):
    model_server.script({"I am front": "What else?"})
    with IOStream.set_default(Typing("exit")):
        response = await a_run_group_chat(asked_group(agent), "Hello", max_rounds=9)
        await response.process()
    assert await response.last_speaker == "front"
    assert [message["content"] for message in await response.messages] == ["Hello", "What else?"]


def test_what_a_run_in_the_background_raises_is_raised_where_it_is_read(model_server, agent):
    response = run_group_chat(DefaultPattern(agent("front"), []), "Hello")
    with pytest.raises(ValueError, match="not among the agents"):
        response.process()
    assert response.summary is None
