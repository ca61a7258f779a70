"""Which conversations a script begins, however it begins them, and who is in them."""

from __future__ import annotations

from studio.flow.document import FlowDocument
from studio.flow.findings import Imported
from studio.formats.recognise import read_bytes

CLASSIC = (
    "import autogen\nfrom elsewhere import crew, look_up\n\nconfig = {'config_list': [{'model': 'gpt-4o'}]}\n"
    "def helper(name, **more):\n    return autogen.AssistantAgent(name, system_message=f'I am {name}.', llm_config=config, **more)\n"
    "user = autogen.UserProxyAgent('user', human_input_mode='NEVER', code_execution_config=False)\n"
)
AGENTCHAT = (
    "from autogen_agentchat.agents import AssistantAgent\nfrom autogen_agentchat.teams import RoundRobinGroupChat\n"
    "from autogen_agentchat.ui import Console\nfrom autogen_ext.memory.chromadb import ChromaDBVectorMemory\n"
    "from autogen_core.memory import MemoryContent\n"
    "from autogen_ext.models.openai import OpenAIChatCompletionClient\n\nclient = OpenAIChatCompletionClient(model='gpt-4o')\n"
)


def flows(script: str) -> tuple[Imported, ...]:
    return read_bytes(script.encode()).flows


def within(document: FlowDocument, name: str) -> list[str]:
    """The names of those who lie in whoever is called so, at any depth."""
    parents = {node.id: node.parent for node in document.nodes}
    (root,) = [node.id for node in document.nodes if node.name == name and node.kind in ("team", "chat")]
    found = []
    for node in document.nodes:
        around = node.parent
        while around is not None and around != root:
            around = parents[around]
        if around == root and node.kind in ("assistant", "human"):
            found.append(node.name)
    return found


def codes(imported: Imported) -> list[str]:
    return [finding.code for finding in imported.report.findings if finding.level != "exact"]


def test_an_agent_that_is_asked_alone_is_a_flow_beside_the_team() -> None:
    script = """
poet = AssistantAgent("poet", client, system_message="Rhyme.")
await poet.run(task="A rhyme on bees.")
critic = AssistantAgent("critic", client, system_message="Find fault.")
team = RoundRobinGroupChat([poet, critic], max_turns=2)
await Console(team.run_stream(task="A poem on bees."))
"""
    together, alone = flows(AGENTCHAT + script)
    assert [together.document.sample_tasks, alone.document.sample_tasks] == [("A poem on bees.",), ("A rhyme on bees.",)]
    assert [node.name for node in alone.document.nodes if node.kind == "assistant"] == ["poet"]
    assert "call_left_out" not in codes(together)


def test_agents_that_nobody_asks_still_lie_beside_the_team() -> None:
    script = """
poet = AssistantAgent("poet", client, system_message="Rhyme.")
idle = AssistantAgent("idle", client, system_message="Wait.")
team = RoundRobinGroupChat([poet], max_turns=2)
"""
    (flow,) = flows(AGENTCHAT + script)
    assert "loose" in codes(flow)


def test_chats_within_an_agent_are_there_in_a_row_of_chats_too() -> None:
    script = """
lead, writer, reviewer = helper("lead"), helper("writer"), helper("reviewer")
lead.register_nested_chats(
    [{"recipient": writer, "message": "Write it.", "max_turns": 1}, {"recipient": reviewer, "message": "Check it.", "max_turns": 1}],
    trigger=user,
)
user.initiate_chats([{"recipient": lead, "message": "A leaflet.", "max_turns": 1}, {"recipient": helper("closer"), "message": "Close."}])
"""
    (flow,) = flows(CLASSIC + script)
    assert within(flow.document, "lead") == ["writer", "reviewer"]
    assert not {"loose", "call_left_out"} & set(codes(flow))


def test_a_chat_that_begins_with_a_message_that_asks_for_an_answer() -> None:
    script = """
group = autogen.GroupChat([helper("ann"), helper("bob"), user], messages=[], max_round=5)
manager = autogen.GroupChatManager(group, llm_config=config)
user.send("Plan a trip.", recipient=manager, request_reply=True)
user.send("Now a cheaper one.", manager, request_reply=True)
user.send("Only so that you know.", helper("cleo"))
"""
    (flow,) = flows(CLASSIC + script)
    assert flow.document.sample_tasks == ("Plan a trip.", "Now a cheaper one.")
    assert [node.name for node in flow.document.nodes if node.kind == "assistant"][:2] == ["ann", "bob"]


def test_a_chat_whose_beginner_stands_elsewhere_keeps_its_task() -> None:
    script = """
group = autogen.GroupChat([helper("ann"), helper("bob")], messages=[], max_round=5)
crew["admin"].initiate_chat(autogen.GroupChatManager(group, llm_config=config), message="Plan a trip.")
crew["admin"].initiate_chat(helper("cleo"), message="Say hello.")
"""
    together, alone = flows(CLASSIC + script)
    assert [together.document.sample_tasks, alone.document.sample_tasks] == [("Plan a trip.",), ("Say hello.",)]
    assert [node.name for node in alone.document.nodes if node.kind == "assistant"] == ["cleo"]
    assert "call_left_out" not in codes(together)


def test_functions_from_elsewhere_are_kept_as_tools_with_what_is_said_of_them() -> None:
    script = """
schema = {"name": "look_up", "description": "Looks a word up.", "parameters": {"type": "object", "properties": {}}}
bot = autogen.AssistantAgent("bot", llm_config={**config, "functions": [schema]})
user.register_function(function_map={"look_up": look_up})
user.initiate_chat(bot, message="What is a bee?")
"""
    (flow,) = flows(CLASSIC + script)
    (tool,) = [node for node in flow.document.nodes if node.kind == "python:look_up"]
    assert "Looks a word up." in tool.config["original"]
    assert ("tool", tool.id) in {(edge.kind, edge.source) for edge in flow.document.edges}
    assert not {"call_left_out", "model_field"} & set(codes(flow))


def test_a_call_that_is_left_out_is_told_once_with_all_that_it_is_given() -> None:
    script = """
memory = ChromaDBVectorMemory(name="notes")
await memory.add(MemoryContent(content="Bees have six legs.", mime_type="text/plain"))
agent = AssistantAgent("bot", client, memory=[memory], system_message="Answer.")
await agent.run(task="How many legs?")
"""
    (flow,) = flows(AGENTCHAT + script)
    assert codes(flow).count("call_left_out") == 1


def test_looking_at_what_was_answered_is_no_part_of_the_team() -> None:
    script = """
bot = AssistantAgent("bot", client, system_message="Answer.")
result = await bot.run(task="How many legs?")
answer = result.messages[-1].content
print(answer.strip().upper(), answer.find("six"), result.stop_reason.split())
result.messages.append("mine")
"""
    (flow,) = flows(AGENTCHAT + script)
    kept = [node for node in flow.document.nodes if node.kind.startswith("python:")]
    assert [node.config["original"] for node in kept] == ['result.messages.append("mine")']


def test_functions_that_an_agent_is_given_are_its_tools_one_or_several_from_here_or_elsewhere() -> None:
    script = """
def count(word: str) -> int:
    return len(word)

one = autogen.ConversableAgent("one", llm_config=config, functions=count)
two = autogen.ConversableAgent("two", llm_config=config, functions=[count, look_up])
one.initiate_chat(two, message="How long is a bee?", max_turns=2)
"""
    (flow,) = flows(CLASSIC + script)
    names = {node.id: node.name or node.kind for node in flow.document.nodes}
    wired = sorted((names[edge.target], names[edge.source]) for edge in flow.document.edges if edge.kind == "tool")
    assert wired == [("one", "python_tool"), ("two", "look_up"), ("two", "python_tool")]
    assert "left_out" not in codes(flow)


def test_the_problem_that_a_proxy_is_given_is_the_task() -> None:
    script = """
from autogen.agentchat.contrib.math_user_proxy_agent import MathUserProxyAgent
proxy = MathUserProxyAgent(name="proxy", human_input_mode="NEVER")
proxy.initiate_chat(helper("solver"), message=proxy.message_generator, problem="What is 6 times 7?")
"""
    (flow,) = flows(CLASSIC + script)
    assert flow.document.sample_tasks == ("What is 6 times 7?",)


def test_where_arrows_lead_who_says_the_task_is_followed_first() -> None:
    script = """
ann, bob, cleo, desk = helper("ann"), helper("bob"), helper("cleo"), helper("desk")
arrows = {desk: [cleo], cleo: [bob], bob: [ann, cleo], ann: [cleo]}
group = autogen.GroupChat(
    [desk, ann, bob, cleo], messages=[], allowed_or_disallowed_speaker_transitions=arrows, speaker_transitions_type="allowed"
)
desk.initiate_chat(autogen.GroupChatManager(group, llm_config=config), message="Go.")
"""
    (flow,) = flows(CLASSIC + script)
    team = next(node.id for node in flow.document.nodes if node.kind == "team")
    assert [node.name for node in flow.document.nodes if node.parent == team and node.kind == "assistant"] == ["cleo", "ann", "bob"]
    assert "begins_only" in codes(flow)
