"""Nothing that a script says of AutoGen's is dropped silently: it stands in a flow, or a finding names it with its line."""

from __future__ import annotations

import ast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marked_scripts import AG2, NEW, OLD, classes, marked_script, missing, signatures

from studio.formats.autogen_python import signatures as new
from studio.formats.classic_python import read_calls as old
from studio.formats.recognise import read_bytes

READ = {NEW: (*new.SIGNATURES, *new.ROOTS), OLD: (*old.SIGNATURES, *old.AGENTS), AG2: (*old.SIGNATURES, *old.AGENTS, *old.PATTERNS)}
"""What is read into flows; everything else is kept with its source, or told as a whole."""

SAID_ANYWAY = {
    # Defaults of the packages that mean something else here, so that saying them is told.
    ("GroupChatManager", "max_consecutive_auto_reply"),
}


def everything(family: str) -> list[str]:
    return sorted(signatures(family))


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from((NEW, OLD, AG2)).flatmap(lambda family: st.tuples(st.just(family), st.sampled_from(everything(family)))),
    st.integers(0, 2**32),
    st.integers(1, 12),
)
def test_every_argument_of_every_public_name_is_drawn_or_told_with_its_line(what: tuple[str, str], seed: int, given: int) -> None:
    marked = marked_script(*what, seed, given)
    source = "\n".join(marked.lines) + "\n"
    assert not missing(marked, read_bytes(source.encode(), "marked").flows), source


@pytest.mark.parametrize("family", [NEW, OLD, AG2])
def test_every_argument_of_what_is_read_is_drawn_or_told_when_all_are_given(family: str) -> None:
    left = []
    for name in everything(family):
        if name.rpartition(".")[2] in READ[family]:
            marked = marked_script(family, name, 1, 40)
            left += [
                (name, each.parameter) for each in missing(marked, read_bytes(("\n".join(marked.lines) + "\n").encode(), "marked").flows)
            ]
    assert not left


def test_the_public_names_are_those_of_the_packages() -> None:
    assert {"AssistantAgent", "SelectorGroupChat", "McpWorkbench"} <= {each.rpartition(".")[2] for each in classes(NEW)}
    assert {"ConversableAgent", "GroupChat", "RetrieveUserProxyAgent"} <= {each.rpartition(".")[2] for each in classes(OLD)}
    assert {"DefaultPattern", "OnContextCondition", "LLMConfig"} <= {each.rpartition(".")[2] for each in classes(AG2)}
    assert min(len(signatures(NEW)), len(signatures(AG2))) >= 250


SCRIPT = """\
import autogen
from autogen import AssistantAgent, UserProxyAgent, register_function

def first(x: int) -> int:
    return x

coder = AssistantAgent("coder", llm_config={"model": "gpt-5-mini", "price": [1, 2]})
user = UserProxyAgent("user", code_execution_config={"work_dir": "out", "use_docker": True})
coder.client_cache = None
coder.handoffs.secret_rule = first
user.register_for_execution()(first)
for each in unknown_agents():
    each.register_reply(None, first)
autogen.runtime_logging.start(config={"dbname": "logs.db"})
user.initiate_chat(coder, message="Go", clear_history=False)
user.send(lambda: 1, coder)
"""


def test_attributes_calls_and_entries_that_no_flow_holds_are_told_with_their_lines() -> None:
    (imported,) = read_bytes(SCRIPT.encode(), "script").flows
    told = {(each.place.line, each.code) for each in imported.report.findings}
    assert {(7, "model_field"), (8, "code_field"), (10, "left_out"), (13, "call_left_out"), (15, "left_out"), (16, "call_left_out")} <= told
    assert any(line == 11 for line, _ in told)
    assert any(line == 14 for line, _ in told)


NESTED = """\
from autogen import AfterWork, AfterWorkOption, AssistantAgent, GroupChat, GroupChatManager, LLMConfig, UpdateSystemMessage, UserProxyAgent
from autogen.agentchat.contrib.capabilities import transform_messages, transforms

settings = LLMConfig(config_list={"api_type": "openai", "model": "gpt-5-nano"}, temperature=0.5)
coder = AssistantAgent("coder", llm_config=settings, update_agent_state_before_reply=[UpdateSystemMessage("Score is {score}.")])
limits = transform_messages.TransformMessages(
    transforms=[
        transforms.MessageHistoryLimiter(max_messages=10),
        transforms.MessageTokenLimiter(max_tokens=1000),
    ]
)
limits.add_to_agent(coder)
user = UserProxyAgent("user", code_execution_config=False)
chat = GroupChat(agents=[user, coder], messages=[])
user.initiate_chat(GroupChatManager(groupchat=chat, llm_config=settings), message="Go")
"""


def test_what_is_given_to_something_is_not_said_to_be_unused() -> None:
    (imported,) = read_bytes(NESTED.encode(), "script").flows
    told = [(each.place.line, each.code) for each in imported.report.findings]
    assert (9, "call_left_out") in told
    assert "unused" not in {code for _, code in told}
    assert "Score is {score}." in [node.config.get("system_message") for node in imported.document.nodes]
    assert (5, "call_left_out") not in told, "an argument that is told as a whole is told once"


def test_the_only_model_of_a_configuration_needs_no_list() -> None:
    (imported,) = read_bytes(NESTED.encode(), "script").flows
    assert "gpt-5-nano" in [node.config.get("model") for node in imported.document.nodes]
    assert "model_unknown" not in {each.code for each in imported.report.findings}


KEPT = """\
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.teams import SelectorGroupChat
from autogen_ext.code_executors.local import LocalCommandLineCodeExecutor
from autogen_ext.memory.chromadb import ChromaDBVectorMemory, PersistentChromaDBVectorMemoryConfig
from autogen_ext.models.openai import OpenAIChatCompletionClient
from autogen_ext.tools.code_execution import PythonCodeExecutionTool

client = OpenAIChatCompletionClient(model="gpt-5-mini")
facts = ChromaDBVectorMemory(config=PersistentChromaDBVectorMemoryConfig(collection_name="docs"))
writer = AssistantAgent("writer", client, tools=[PythonCodeExecutionTool(LocalCommandLineCodeExecutor())], memory=[facts])
team = SelectorGroupChat([writer, AssistantAgent("critic", client)], client, selector_func=lambda messages: "writer")
team.run(task="Go")
"""


def test_what_stands_within_something_kept_is_not_told_by_itself() -> None:
    (imported,) = read_bytes(KEPT.encode(), "script").flows
    told = [each.text for each in imported.report.findings]
    assert not [each for each in told if "never used" in each]
    assert len([each for each in told if "ChromaDB" in each and "no counterpart" in each]) == 1
    assert not [each for each in told if "choosing model" in each], "a function chooses"


def test_a_key_is_never_told_in_clear_text() -> None:
    script = 'from autogen import UserProxyAgent\nuser = UserProxyAgent("user", api_key="sk-secret-1")\nuser.run(message="Go")\n'
    (imported,) = read_bytes(script.encode(), "script").flows
    assert any("api_key" in each.text for each in imported.report.findings)
    assert not any("sk-secret" in each.text for each in imported.report.findings)


@pytest.mark.parametrize("family", [OLD, AG2, NEW])
def test_what_counts_as_usual_is_what_the_packages_assume(family: str) -> None:
    usual = new.USUAL if family == NEW else old.USUAL
    read = {name.rpartition(".")[2]: name for name in signatures(family) if name.rpartition(".")[2] in READ[family]}
    for short, name in read.items():
        for parameter, default, *_ in signatures(family)[name]["takes"]:
            try:
                value = ast.literal_eval(default) if default is not None else None
            except ValueError:
                continue
            if value is True and short in usual and (short, parameter) not in SAID_ANYWAY:
                assert True in usual[short].get(parameter, (True,)), (short, parameter)


FRAMEWORK = "from agent_framework import Agent, step, workflow\nfrom agent_framework.openai import OpenAIChatClient\n\nclient = OpenAIChatClient()\n"
CLASSIC = (
    "from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent\n\na = AssistantAgent('a')\nb = AssistantAgent('b')\n"
)
AGENTCHAT = (
    "from autogen_agentchat.agents import AssistantAgent\n"
    "from autogen_ext.models.openai import OpenAIChatCompletionClient\nfrom autogen_ext.tools.mcp import SseMcpToolAdapter, SseServerParams\n\n"
    "client = OpenAIChatCompletionClient(model='gpt-5-mini')\n"
)
SAID: dict[str, tuple[str, str, str]] = {
    "a function that a decorator makes a workflow": (
        FRAMEWORK,
        "poet = Agent(client=client, name='poet')\n@workflow\nasync def poem(topic):\n    return await poet.run(f'Marked words: {topic}')\n",
        "Marked words",
    ),
    "what such a workflow is asked": (
        FRAMEWORK,
        "poet = Agent(client=client, name='poet')\n@workflow\nasync def poem(topic):\n    return await poet.run(topic)\npoem.run('cats')\n",
        "poem.run",
    ),
    "what an agent that is a tool is for": (
        FRAMEWORK,
        "inner = Agent(client=client, name='inner')\nouter = Agent(client=client, name='outer', tools=[inner.as_tool(description='Marked words')])\n",
        "Marked words",
    ),
    "the name by which it is called": (
        FRAMEWORK,
        "inner = Agent(client=client, name='inner')\nouter = Agent(client=client, name='outer', tools=[inner.as_tool(name='marked_name')])\n",
        "marked_name",
    ),
    "the name of who plans": (
        "from agent_framework.orchestrations import MagenticBuilder\n" + FRAMEWORK,
        "boss = Agent(client=client, name='marked_boss')\n"
        "MagenticBuilder(participants=[Agent(client=client, name='coder')], manager_agent=boss).build()\n",
        "marked_boss",
    ),
    "a function that takes part in a workflow": (
        "from agent_framework import WorkflowBuilder, executor\n" + FRAMEWORK,
        "@executor(id='marked')\nasync def upper(text, ctx):\n    await ctx.send_message(text.upper())\n"
        "a = Agent(client=client, name='a')\nWorkflowBuilder(start_executor=a).add_edge(a, upper).build()\n",
        "text.upper()",
    ),
    "a default of who an agent is": (
        "import os\n" + FRAMEWORK,
        "agent = Agent(client=client, name=os.environ.get('NAME', 'marked_name'))\n",
        "marked_name",
    ),
    "what is given to what is kept": (
        AGENTCHAT,
        "params = SseServerParams(url='http://marked.example/sse')\n"
        "tool = SseMcpToolAdapter.from_server_params(server_params=params)\nagent = AssistantAgent('agent', client, tools=[tool])\n",
        "http://marked.example/sse",
    ),
    "what that is given in turn": (
        AGENTCHAT,
        "from autogen_agentchat.agents import BaseChatAgent\nfrom autogen_agentchat.conditions import MaxMessageTermination\n"
        "from autogen_agentchat.teams import RoundRobinGroupChat\nfrom autogen_agentchat.tools import TeamTool\n"
        "class Own(BaseChatAgent):\n    async def on_messages(self, messages, token):\n        return None\n"
        "inner = AssistantAgent('inner', client, system_message='Marked words.')\n"
        "row = RoundRobinGroupChat([inner], termination_condition=MaxMessageTermination(2))\n"
        "own = Own('own', 'x', tools=[TeamTool(row, name='row', description='x')])\nRoundRobinGroupChat([own], max_turns=2)\n",
        "Marked words.",
    ),
    "what a function uses that only the main part makes": (
        AGENTCHAT,
        "def count() -> int:\n    return total + 1\n"
        "if __name__ == '__main__':\n    total = 41_000\n    agent = AssistantAgent('agent', client, tools=[count])\n",
        "total = 41_000",
    ),
    "what a method uses of an object that makes agents": (
        AGENTCHAT,
        "class Desk:\n    def __init__(self):\n        self.agent = AssistantAgent('agent', client, tools=[self.ask])\n"
        "    async def ask(self, text: str) -> str:\n        return await AssistantAgent('inner', client).run(task=text)\n"
        "if __name__ == '__main__':\n    desk = Desk()\n",
        "uses what only the script has: AssistantAgent, client",
    ),
    "limits that a team is given by place": (
        AGENTCHAT,
        "from autogen_agentchat.conditions import TextMentionTermination\nfrom autogen_agentchat.teams import Swarm\n"
        "Swarm([AssistantAgent('a', client)], TextMentionTermination('DONE'), 7)\n",
        "'max_turns': 7",
    ),
    "what is sent by somebody unknown": (CLASSIC, "state.agents[0].send('Go', recipient=b)\n", "The call state.agents[0].send"),
    "what is asked of somebody unknown": (
        CLASSIC,
        "state.agents[0].generate_reply(messages=[{'role': 'user', 'content': 'Go'}])\n",
        "The call state.agents[0].generate_reply",
    ),
    "what a schema says of an argument": (
        CLASSIC,
        "def ask(question):\n    return question\n"
        "c = AssistantAgent('c', llm_config={'functions': [{'name': 'ask', 'description': 'Asks.', 'parameters': "
        "{'type': 'object', 'properties': {'question': {'type': 'string', 'description': 'Whole sentences.'}}}}]})\n"
        "u = UserProxyAgent('u', function_map={'ask': ask})\nu.initiate_chat(c, message='Go')\n",
        "left out: question",
    ),
}


@pytest.mark.parametrize("what", sorted(SAID))
def test_it_stands_in_a_flow_or_in_the_report(what: str) -> None:
    head, rest, words = SAID[what]
    flows = read_bytes((head + rest).encode()).flows
    held = [str(node.config) + node.name for flow in flows for node in flow.document.nodes]
    told = [each.text for flow in flows for each in flow.report.findings]
    assert any(words in each for each in (*held, *told)), (held, told)


def test_a_member_of_a_group_begins_by_its_place() -> None:
    script = "chat = GroupChat([a, b], [], 10)\nmanager = GroupChatManager(chat)\nmanager.groupchat.agents[1].initiate_chat(manager, message='Go')\n"
    (flow,) = read_bytes((CLASSIC + script).encode()).flows
    assert flow.document.sample_tasks == ("Go",)
    assert "call_left_out" not in {each.code for each in flow.report.findings}


def test_what_many_kept_pieces_are_given_stands_with_the_first_one() -> None:
    """However the places of a script are hashed: the same file gives the same flow."""
    tools = "".join(f"t{n} = SseMcpToolAdapter.from_server_params(server_params=params, name='t{n}')\n" for n in range(8))
    script = f"params = SseServerParams(url='http://marked.example/sse')\n{tools}agent = AssistantAgent('agent', client, tools=[t7, t0, t1, t2, t3, t4, t5, t6])\n"
    (flow,) = read_bytes((AGENTCHAT + script).encode()).flows
    held = [node.config["original"] for node in flow.document.nodes if "t0'" in str(node.config) or "marked" in str(node.config)]
    assert [("marked" in each, "t0'" in each) for each in held] == [(True, True)]
