"""Scripts for AutoGen 0.2 and AG2 come in as flows, and nothing of them is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.flow.checks import check
from studio.flow.document import FlowDocument, Node
from studio.flow.findings import Finding, Imported
from studio.flow.resolve import resolve
from studio.formats.recognise import read_bytes

SCRIPTS = Path(__file__).parent.parent / "data" / "python_in" / "classic"
OTHERS = Path(__file__).parent.parent / "classic" / "scripts"


def brought(source: str) -> Imported:
    (imported,) = read_bytes(source.encode(), "script").flows
    return imported


def sample(name: str) -> Imported:
    (imported,) = read_bytes((SCRIPTS / f"{name}.py").read_bytes(), name).flows
    return imported


def named(document: FlowDocument, name: str) -> Node:
    return next(node for node in document.nodes if node.name == name)


def of_kind(document: FlowDocument, kind: str) -> list[Node]:
    return [node for node in document.nodes if node.kind == kind]


def said(imported: Imported, code: str) -> list[Finding]:
    return [finding for finding in imported.report.findings if finding.code == code]


def pair(agents: str, before: str = "") -> Imported:
    return brought(f"import autogen\nfrom autogen import *\n{before}\n{agents}\nuser.initiate_chat(bot, message='Go.')\n")


def test_two_agents_become_a_team_in_which_the_one_who_is_asked_begins() -> None:
    imported = sample("two_agents")
    team, assistant = imported.document.nodes[:2]
    assert (team.kind, assistant.name) == ("team", "assistant")
    user = named(imported.document, "user_proxy")
    assert user.config["input_mode"] == "never"
    assert user.config["max_auto_replies"] == 10
    assert user.config["executor"] == {"kind": "local"}
    assert imported.document.sample_tasks == (
        "What date is today? Compare the year-to-date gain for META and TESLA.",
        "Plot a chart of their stock price change YTD.",
    )
    assert [finding.place.line for finding in said(imported, "config_list")] == [6]
    assert [finding.place.line for finding in said(imported, "runs_here")] == [20]
    assert [node.config["model"] for node in of_kind(imported.document, "openai")] == ["gpt-4"]


def test_several_models_are_asked_in_their_order() -> None:
    document = sample("group_chat").document
    (fallback,) = of_kind(document, "fallback")
    first, second = of_kind(document, "openai")
    wires = [(edge.source, edge.target) for edge in document.edges if edge.kind == "model"]
    assert wires == [(first.id, fallback.id), (second.id, fallback.id), (fallback.id, document.nodes[0].id)]
    assert document.nodes[0].config["selection"] == {"kind": "model_choice", "allow_repeat": True}
    assert document.nodes[0].config["max_turns"] == 11


@pytest.mark.parametrize(
    ("name", "tool", "holds"), [("tools", "calculator", "Operator = Literal"), ("decorators", "currency_calculator", "def exchange_rate")]
)
def test_functions_are_tools_of_whoever_calls_them(name: str, tool: str, holds: str) -> None:
    imported = sample(name)
    (node,) = of_kind(imported.document, "python_tool")
    assert f"def {tool}(" in node.config["source"]
    assert holds in node.config["source"]
    assert "register_for" not in node.config["source"]
    (caller,) = of_kind(imported.document, "assistant")
    assert [(edge.source, edge.target) for edge in imported.document.edges if edge.kind == "tool"] == [(node.id, caller.id)]


def test_a_function_that_chooses_speakers_is_kept_with_the_agents_that_it_names() -> None:
    imported = sample("speakers")
    selection = imported.document.nodes[0].config["selection"]
    assert selection["kind"] == "function_choice"
    space: dict[str, Any] = {}
    exec(compile(selection["source"], "function", "exec"), space)  # the function that the flow would ask, here in the test
    names = ["Init", "Retrieve_Action_1", "Retrieve_Action_2", "Research_Action_1"]

    def after(source: str, text: str = "") -> Any:
        return space["next_speaker"]([{"source": source, "text": text}], names)

    assert after("Init") == "Retrieve_Action_1"
    assert after("Retrieve_Action_2", "exitcode: 1 (execution failed)") == "Retrieve_Action_1"
    assert after("Retrieve_Action_2", "exitcode: 0") == "Research_Action_1"
    assert after("Research_Action_1") is None


BY_ROLE = """\
import autogen

settings = {"model": "gpt-5-mini"}
agents = {}
for role in ("Planner", "Engineer"):
    agents[role] = autogen.AssistantAgent(role, llm_config=settings, system_message=f"You are the {role}.")
helpers = [autogen.AssistantAgent(name, llm_config=settings) for name in ("Tester", "Writer")]
admin = autogen.UserProxyAgent("Admin", code_execution_config=False)
everybody = [admin, *agents.values()]

def choose(last, chat):
    if last is admin:
        return agents["Planner"]
    if last is agents["Planner"]:
        return helpers[0]
    if last is helpers[0]:
        return everybody[2]
    return admin if last is everybody[2] else None

chat = autogen.GroupChat(agents=[admin, *agents.values(), *helpers], messages=[], speaker_selection_method=choose)
admin.initiate_chat(autogen.GroupChatManager(groupchat=chat, llm_config=settings), message="Go")
"""


def test_a_function_that_chooses_has_the_lists_and_dictionaries_of_agents_that_it_names() -> None:
    (imported,) = read_bytes(BY_ROLE.encode(), "script").flows
    assert "names_missing" not in {each.code for each in imported.report.findings}
    space: dict[str, Any] = {}
    source = imported.document.nodes[0].config["selection"]["source"]
    exec(compile(source, "function", "exec"), space)  # the function that the flow would ask, here in the test
    names = ["Admin", "Planner", "Engineer", "Tester", "Writer"]

    def after(source: str) -> Any:
        return space["next_speaker"]([{"source": source, "text": ""}], names)

    assert [after(each) for each in ("Admin", "Planner", "Tester", "Engineer", "Writer")] == [
        "Planner",
        "Tester",
        "Engineer",
        "Admin",
        None,
    ]


def test_transitions_are_arrows_and_a_rule_of_ones_own_is_a_function() -> None:
    imported = sample("transitions")
    names = {node.id: node.name for node in imported.document.nodes}
    arrows = [(names[edge.source], names[edge.target]) for edge in imported.document.edges if edge.kind == "speaks"]
    assert arrows == [("planner", "writer"), ("writer", "critic"), ("writer", "writer"), ("critic", "planner"), ("critic", "writer")]
    (rule,) = of_kind(imported.document, "function_rule")
    space: dict[str, Any] = {}
    exec(compile(rule.config["source"], "function", "exec"), space)
    assert space["is_over"]([{"source": "critic", "text": "THE END"}]) is True
    assert space["is_over"]([{"source": "critic", "text": "Go on."}]) is False


def test_disallowed_transitions_stay_what_they_are() -> None:
    imported = brought(
        "from autogen import *\n"
        "a, b = [ConversableAgent(n, llm_config={'model': 'gpt-4o'}, human_input_mode='NEVER') for n in 'ab']\n"
        "g = GroupChat([a, b], [], allowed_or_disallowed_speaker_transitions={a: [a], b: [b]}, speaker_transitions_type='Disallowed')\n"
        "GroupChatManager(g, llm_config={'model': 'gpt-4o'})\n"
    )
    names = {node.id: node.name for node in imported.document.nodes}
    assert [(names[e.source], names[e.target]) for e in imported.document.edges if e.kind == "speaks"] == [("a", "a"), ("b", "b")]
    assert resolve(imported.document).followers == {"a": ("b",), "b": ("a",)}


def test_chats_in_a_row_are_chats_with_their_tasks_and_summaries() -> None:
    document = sample("sequence").document
    assert document.nodes[0].config["selection"] == {"kind": "sequence"}
    first, second, third = of_kind(document, "chat")
    assert "message" not in first.config
    assert document.sample_tasks == ("What are the current stock prices of NVDA and TESLA?",)
    assert second.config["summarised"] == "model"
    assert second.config["summary_prompt"] == "What moved the prices?"
    assert second.config["max_turns"] == 3
    assert third.config["message"].endswith("Use a table.")
    assert [node.name for node in document.members(third.id)] == ["writer"]


def test_nested_chats_stand_in_for_their_agent() -> None:
    imported = sample("nested")
    document = imported.document
    user = named(document, "User")
    assert (user.kind, user.config["heard"]) == ("team", "last")
    (chat,) = document.members(user.id)
    assert [node.name for node in document.members(chat.id)] == ["Critic"]
    assert [node.config.get("text", "TERMINATE") for node in of_kind(document, "text_mention")] == ["TERMINATE"]
    assert said(imported, "message_function")[0].place.line == 20


def test_what_has_no_counterpart_is_kept_with_its_source() -> None:
    flows = read_bytes((SCRIPTS / "hooks.py").read_bytes(), "hooks").flows
    kept = {node.kind: node.config["original"] for each in flows for node in each.document.nodes if node.kind.startswith("python:")}
    assert set(kept) == {"python:Teachability", "python:register_reply", "python:EchoAgent"}
    assert kept["python:register_reply"].startswith("def print_messages(")
    assert kept["python:EchoAgent"].startswith("class EchoAgent(ConversableAgent):")
    assert named(flows[0].document, "assistant").config["context"] == {"kind": "last_messages", "count": 10, "keep_task": False}
    assert [len(each.document.nodes) for each in flows] == [6, 3]


def test_a_capability_of_two_agents_is_kept_once() -> None:
    imported = brought("""
from autogen import ConversableAgent
from autogen.agentchat.contrib.capabilities.teachability import Teachability

writer, critic = ConversableAgent("writer"), ConversableAgent("critic")
teach = Teachability(reset_db=False)
teach.add_to_agent(writer)
teach.add_to_agent(critic)
writer.initiate_chat(critic, message="Hi")
""")
    assert [node.name for node in imported.document.nodes if node.kind.startswith("python:")] == ["teach"]
    assert len(said(imported, "kept")) == 1


def test_a_pattern_of_ag2_keeps_handoffs_variables_and_what_comes_after() -> None:
    document = sample("ag2_pattern").document
    team = document.nodes[0]
    assert team.config["variables"] == {"tickets": 0, "priority": "low"}
    assert team.config["selection"]["after"] == {"triage_agent": "customer", "tech_agent": "triage_agent", "customer": "back"}
    assert named(document, "triage_agent").config["handoff_when"]["tech_agent"] == "When it is about computers."
    assert named(document, "customer").config["input_mode"] == "always"


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ("lambda m: 'DONE' in m['content']", "DONE"),
        ("lambda m: m.get('content', '').strip() == 'DONE'", "DONE"),
        ("lambda m: m['content'] and 'DONE' in m['content'].upper()", "DONE"),
        ("lambda m: (m.get('content') or '').rstrip().endswith('DONE')", "DONE"),
        ("lambda m: 'DONE' in str(m.get('content', ''))", "DONE"),
        ("lambda m: m is not None and m.get('content', '').find('DONE') != -1", "DONE"),
        ("lambda m: False", ""),
        ("is_end", "DONE"),
    ],
)
def test_rules_that_everybody_writes_become_words(rule: str, word: str) -> None:
    before = "def is_end(message):\n    '''Whether it is over.'''\n    return 'DONE' in message['content']\n"
    imported = pair(
        f"user = UserProxyAgent('user', is_termination_msg={rule}, code_execution_config=False)\nbot = AssistantAgent('bot', llm_config={{'model': 'gpt-4o'}})",
        before,
    )
    assert named(imported.document, "user").config.get("end_word") == word
    assert not of_kind(imported.document, "function_rule")


def test_a_class_of_ones_own_that_only_asks_differently_is_what_it_inherits_from() -> None:
    imported = pair(
        "class Mine(UserProxyAgent):\n    def get_human_input(self, prompt):\n        return 'yes'\n"
        "class Loud(Mine):\n    pass\n"
        "user = Loud(name='user', human_input_mode='NEVER', code_execution_config=False)\n"
        "bot = AssistantAgent('bot', llm_config={'config_list': [{'model': 'llama3-70b', 'api_type': 'groq', 'api_key': 'k'}]})\n"
    )
    user = named(imported.document, "user")
    assert (user.kind, user.config["input_mode"]) == ("human", "never")
    (finding,) = said(imported, "subclass")
    assert finding.nodes == (user.id,)
    (kept,) = [node for node in imported.document.nodes if node.kind == "python:Loud"]
    assert kept.config["original"].startswith("class Loud(Mine):")
    assert [node.config["account"] for node in of_kind(imported.document, "openai")] == ["groq"]


def test_a_function_that_keeps_something_between_its_calls_is_told() -> None:
    imported = pair(
        "import chess, re\nboard = chess.Board()\nword = re.compile('[a-z]+')\ncount = 0\n"
        "bot = AssistantAgent('bot', llm_config={'model': 'gpt-4o'})\nuser = UserProxyAgent('user')\n"
        "@bot.register_for_llm(description='Moves.')\ndef move(to: str) -> str:\n    global count\n    count += 1\n"
        "    board.push(word.match(to))\n    return to\n"
    )
    (finding,) = said(imported, "state_lost")
    assert "(board, count)" in finding.text
    (tool,) = of_kind(imported.document, "python_tool")
    assert "board = chess.Board()" in tool.config["source"]


def test_of_two_functions_with_one_name_the_later_one_counts() -> None:
    define = "@bot.register_for_llm(description='Runs it.')\ndef run(cell: str) -> str:\n    return '{}'\n"
    imported = pair(
        "bot = AssistantAgent('bot', llm_config={'model': 'gpt-4o'})\nuser = UserProxyAgent('user')\n" + define.format(1) + define.format(2)
    )
    assert ["return '2'" in node.config["source"] for node in of_kind(imported.document, "python_tool")] == [True]
    assert said(imported, "tool_again")
    assert not said(imported, "left_out")


def test_nothing_that_an_agent_is_given_is_dropped_silently() -> None:
    imported = brought(
        "import rules\nfrom autogen import *\nfrom autogen.tools import tool\nfrom pydantic import BaseModel\n"
        "class Out(BaseModel):\n    answer: str\n"
        "@tool(name='add_up', description='Adds.')\ndef add(a: int, b: int) -> int:\n    return a + b\n"
        "cfg = LLMConfig({'model': 'gpt-4o'}, {'model': 'gpt-4o-mini'}, response_format=Out, weird=3)\n"
        "bot = ConversableAgent('bot', llm_config=cfg, is_termination_msg=rules.done, context_variables={'a': 1}, **rules.more)\n"
        "user = ConversableAgent('user', llm_config=False)\nadd.register_for_llm(bot)\nuser.initiate_chat(bot, message='Hi.')\n"
    )
    lines = {(finding.code, finding.place.line) for finding in imported.report.findings}
    assert {("function_lost", 11), ("rest", 11), ("agent_field", 11), ("model_field", 10)} <= lines
    assert named(imported.document, "bot").config["output"]["required"] == ["answer"]
    assert len(of_kind(imported.document, "openai")) == 2
    (tool,) = of_kind(imported.document, "python_tool")
    assert tool.config["source"] == 'def add_up(a: int, b: int) -> int:\n    """Adds."""\n    return a + b\n'
    assert not [node for node in imported.document.nodes if node.kind.startswith("python:")]


def test_agents_that_a_model_makes_up_are_a_decision_that_leads_to_drawing_them() -> None:
    imported = brought(
        "import autogen\nfrom autogen.agentchat.contrib.agent_builder import AgentBuilder\n"
        "builder = AgentBuilder(builder_model='gpt-4')\nagents, configs = builder.build('Find a paper.', {'temperature': 0})\n"
        "manager = autogen.GroupChatManager(autogen.GroupChat(agents=agents, messages=[]), llm_config={'model': 'gpt-4'})\n"
        "agents[0].initiate_chat(manager, message='Go.')\n"
    )
    found, built = said(imported, "kept_builder")
    assert "build lets a model make up the agents" in built.text
    assert (found.level, found.place.line) == ("decision", 3)
    assert "convene draw" in found.remedy


def test_a_model_that_only_the_machine_knows_is_a_decision() -> None:
    imported = pair("from keys import config\nbot = AssistantAgent('bot', llm_config=config)\nuser = UserProxyAgent('user')")
    assert said(imported, "model_unknown")
    assert len(of_kind(imported.document, "openai")) == 1


@pytest.mark.parametrize("path", sorted((*SCRIPTS.glob("*.py"), *OTHERS.glob("*.py"))), ids=lambda path: path.stem)
def test_scripts_come_in_and_every_finding_has_its_line(path: Path) -> None:
    for imported in read_bytes(path.read_bytes(), path.stem).flows:
        assert imported.report.findings
        assert all(finding.place.line for finding in imported.report.findings)
        assert not [
            problem.text
            for problem in check(imported.document)
            if problem.level == "error" and problem.code not in ("unknown_kind", "kept_source", "no_team", "loose_agent", "two_teams")
        ]


GUARDED = """
from autogen import ConversableAgent, LLMConfig, UserProxyAgent
from autogen.agentchat import run_group_chat
from autogen.agentchat.group import AgentTarget, TerminateTarget
from autogen.agentchat.group.guardrails import LLMGuardrail, RegexGuardrail
from autogen.agentchat.group.patterns import AutoPattern

llm_config = LLMConfig(api_type="openai", model="gpt-4o")
clerk = ConversableAgent("clerk", system_message="You help.", llm_config=llm_config)
boss = ConversableAgent("boss", system_message="You decide.", llm_config=llm_config)
me = UserProxyAgent("me")
clerk.register_output_guardrail(RegexGuardrail(name="cards", condition=r"\\d{4}", target=AgentTarget(boss), activation_message="No."))
clerk.register_input_guardrails([LLMGuardrail("rude", "The user is rude.", TerminateTarget(), llm_config), RegexGuardrail("x", "(a+)+", AgentTarget(boss))])
me.register_input_guardrail(RegexGuardrail("y", "z", AgentTarget(boss)))
pattern = AutoPattern(clerk, [clerk, boss], me, group_manager_args={"llm_config": llm_config})
run_group_chat(pattern=pattern, messages="Hello", max_rounds=5).process()
"""


def test_guards_of_ag2_are_guards_of_who_speaks() -> None:
    imported = brought(GUARDED)
    assert named(imported.document, "clerk").config["guards"] == [
        {"looks_at": "said", "how": "pattern", "what": r"\d{4}", "message": "No.", "hand_to": "boss"},
        {"looks_at": "heard", "how": "model", "what": "Is this so: The user is rude."},
    ]
    assert not [node for node in imported.document.nodes if node.kind.startswith("python:")]
    told = {code: len(said(imported, code)) for code in ("guard_pattern", "guard_model", "guard_target", "guard_lost")}
    assert told == {"guard_pattern": 2, "guard_model": 1, "guard_target": 1, "guard_lost": 1}
    assert named(imported.document, "me").config["guards"] == [{"looks_at": "heard", "how": "pattern", "what": "z", "hand_to": "boss"}]
