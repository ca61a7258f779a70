"""What a pattern of AG2's says about hand-overs that no flow can hold: each is told, with its line."""

from __future__ import annotations

from pathlib import Path

from studio.formats.recognise import read_bytes, read_file

SCRIPT = """\
from autogen import ConversableAgent
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group import (
    AgentTarget, ContextExpression, ExpressionContextCondition, OnCondition, OnContextCondition, RevertToUserTarget, StringLLMCondition,
    TerminateTarget,
)
from autogen.agentchat.group.patterns import DefaultPattern

triage = ConversableAgent("triage", llm_config={"model": "gpt-5-mini"})
billing = ConversableAgent("billing", llm_config={"model": "gpt-5-mini"})
user = ConversableAgent("user", human_input_mode="ALWAYS")
triage.handoffs.add_llm_conditions([
    OnCondition(target=AgentTarget(billing), condition=StringLLMCondition(prompt="About money")),
    OnCondition(target=TerminateTarget(), condition=StringLLMCondition(prompt="All is said")),
])
triage.handoffs.add_context_condition(
    OnContextCondition(target=AgentTarget(billing), condition=ExpressionContextCondition(ContextExpression("${asked} > 3")))
)
triage.handoffs.set_after_work(RevertToUserTarget())
billing.handoffs.set_after_work(TerminateTarget())
pattern = DefaultPattern(initial_agent=triage, agents=[triage, billing], user_agent=user, group_after_work=RevertToUserTarget())
initiate_group_chat(pattern=pattern, messages="Hello", max_rounds=9)
"""


def test_hand_overs_by_variables_and_to_the_end_come_in_with_what_differs_told(tmp_path: Path) -> None:
    script = tmp_path / "desk.py"
    script.write_text(SCRIPT)
    (imported,) = read_file(script).flows
    by_name = {node.name: node for node in imported.document.nodes}
    triage = by_name["triage"].config
    assert triage["handoffs"] == ["billing", "terminate"]
    assert triage["handoff_if"] == {"billing": "asked > 3"}
    assert [node.config for node in imported.document.nodes if node.kind == "hand_off"] == [{"target": "terminate"}]
    team = next(node for node in imported.document.nodes if node.kind == "team")
    assert team.config["selection"]["after"] == {"triage": "user", "billing": "end", "user": "back"}
    told = [(each.code, each.place.line) for each in imported.report.findings if each.code in ("own_end", "left_out", "call_left_out")]
    assert told == [("own_end", 20)]


def test_ways_that_ask_functions_or_lead_to_nobody_are_kept_with_their_source(tmp_path: Path) -> None:
    script = tmp_path / "desk.py"
    more = "triage.handoffs.add_context_condition(OnContextCondition(target=AgentTarget(billing), available=is_late))\n"
    late = "def is_late(agent, messages):\n    return len(messages) > 7\n\n\n"
    script.write_text(SCRIPT.replace("triage = Conv", late + "triage = Conv").replace("pattern = ", more + "pattern = "))
    (imported,) = read_file(script).flows
    (kept,) = (node for node in imported.document.nodes if node.kind.startswith("python:"))
    assert "len(messages) > 7" in kept.config["original"]
    assert "available=is_late" in kept.config["original"]


RENAMED = """\
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import HandoffTermination, SourceMatchTermination, TextMentionTermination
from autogen_agentchat.teams import Swarm
from autogen_ext.models.openai import OpenAIChatCompletionClient

client = OpenAIChatCompletionClient(model="gpt-5-mini")
first = AssistantAgent("writer.one", client, system_message="Write.", handoffs=["critic/two"])
second = AssistantAgent("critic/two", client, system_message="Judge.", handoffs=["writer.one"])
ends = SourceMatchTermination(["critic/two"]) | TextMentionTermination("DONE", sources=["writer.one"]) | HandoffTermination("critic/two")
team = Swarm([first, second], termination_condition=ends)
team.run(task="Go")
"""

CHOSEN = """\
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

settings = {"model": "gpt-5-mini"}
first = AssistantAgent("writer.one", llm_config=settings, system_message="Write.")
second = AssistantAgent("critic/two", llm_config=settings, system_message="Judge.")
user = UserProxyAgent("the.user", code_execution_config=False)

def choose(last, chat):
    return chat.agent_by_name("writer.one") if last.name == "critic/two" else second

group = GroupChat(agents=[first, second, user], messages=[], speaker_selection_method=choose)
user.initiate_chat(GroupChatManager(groupchat=group, llm_config=settings), message="Go")
"""


def test_rules_and_hand_overs_follow_an_agent_that_is_called_otherwise_here() -> None:
    (imported,) = read_bytes(RENAMED.encode(), "swarm").flows
    nodes = imported.document.nodes
    assert [node.config["handoffs"] for node in nodes if node.kind == "assistant"] == [["critic_two"], ["writer_one"]]
    assert {node.kind: node.config.get("sources", node.config.get("target")) for node in nodes if node.kind in RULES} == {
        "said_by": ["critic_two"],
        "text_mention": ["writer_one"],
        "hand_off": "critic_two",
    }


RULES = ("said_by", "text_mention", "hand_off")


def test_functions_that_choose_follow_an_agent_that_is_called_otherwise_here() -> None:
    (imported,) = read_bytes(CHOSEN.encode(), "group").flows
    (team,) = (node for node in imported.document.nodes if node.kind == "team")
    source = team.config["selection"]["source"]
    assert 'agent_by_name("writer_one")' in source
    assert 'last.name == "critic_two"' in source
    assert "agents.get('the_user')" in source
    assert not any(name in source for name in ("writer.one", "critic/two", "the.user"))


GROUPS = """\
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
from autogen.agentchat.contrib.group_chat_moderator import GroupChatModerator

class Parade(GroupChat):
    def select_speaker(self, last_speaker, selector):
        return self.agents[0]

settings = {"model": "gpt-5-mini"}
first = AssistantAgent("first", llm_config=settings, system_message="Write.")
user = UserProxyAgent("user", code_execution_config=False)
parade = Parade(agents=[first, user], messages=[])
moderated = GroupChatModerator(agents=[first, user], messages=[], first_speaker=first)
user.initiate_chat(GroupChatManager(groupchat=parade, llm_config=settings), message="Go")
user.initiate_chat(GroupChatManager(groupchat=moderated, llm_config=settings), message="Go")
"""


def test_groups_of_other_classes_are_told() -> None:
    flows = read_bytes(GROUPS.encode(), "groups").flows
    told = {(each.code, each.place.line) for imported in flows for each in imported.report.findings}
    assert {("subclass", 11), ("group_class", 12), ("group_field", 12)} <= told
    kept = [node for imported in flows for node in imported.document.nodes if node.kind == "python:Parade"]
    assert "return self.agents[0]" in kept[0].config["original"]
