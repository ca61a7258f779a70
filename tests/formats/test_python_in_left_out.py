"""What a pattern of AG2's says about hand-overs that no flow can hold: each is told, with its line."""

from __future__ import annotations

from pathlib import Path

from studio.formats.recognise import read_file

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


def test_hand_overs_that_no_flow_holds_are_told_with_their_lines(tmp_path: Path) -> None:
    script = tmp_path / "desk.py"
    script.write_text(SCRIPT)
    (imported,) = read_file(script).flows
    told = [(each.text, each.place.line) for each in imported.report.findings if "was left out" in each.text]
    assert sorted(told) == [
        ("billing: TerminateTarget after its work was left out; what the team says for everybody counts.", 20),
        ("triage: a hand-over that asks the context variables was left out.", 17),
        ("triage: a hand-over to TerminateTarget, which is no agent, was left out.", 14),
    ]
