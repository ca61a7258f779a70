"""Code of scripts that agents call, however it is written: it comes in with all that it uses, and runs."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from studio.engine.tools.schema import schema_of_source
from studio.formats.recognise import read_bytes

TEAM = """
import json
from functools import partial
from autogen_agentchat.agents import AssistantAgent
from autogen_ext.models.openai import OpenAIChatCompletionClient
from autogen_core.tools import FunctionTool

LIMIT = 2
model = OpenAIChatCompletionClient(model="gpt-5-mini")


class Box:
    def __init__(self, base: str) -> None:
        self.base = base

    def look(self, what: str, times: int = LIMIT) -> str:
        "Look."
        return self.base + what * times

    @staticmethod
    def plain(what: str) -> str:
        "Look."
        return "plain " + what


def look(base: str, what: str, *, end: str = ".") -> str:
    "Look."
    return base + what + end


def made(base: str):
    def look(what: str) -> str:
        "Look."
        return base + what
    return look


box = Box("box ")
"""

WITHIN = """
def main():
    import math
    END = "!"
    def helper(what):
        return what + str(math.floor(2.5)) + END
    def look(what: str) -> str:
        "Look."
        return json.dumps(helper(what) * LIMIT)
    agent = AssistantAgent("one", model, tools=[look])
    agent.run(task="Go")

main()
"""


def tool_in(script: str) -> str:
    """The source of the one tool that a script has."""
    (imported,) = read_bytes(script.encode(), "tools").flows
    (node,) = (node for node in imported.document.nodes if node.kind == "python_tool")
    return str(node.config["source"])


def called(source: str, what: str) -> Any:
    names: dict[str, Any] = {"__name__": "tool"}
    exec(source, names)
    return inspect.unwrap(names[schema_of_source(source).name])(what)


@pytest.mark.parametrize(
    ("tool", "gives"),
    [
        ("box.look", "box xx"),
        ('Box("own ").look', "own xx"),
        ("Box.plain", "plain x"),
        ('FunctionTool(partial(look, "half "), description="Look.", name="look")', "half x."),
        ('FunctionTool(partial(look, "half ", end="?"), description="Look.", name="half_look")', "half x?"),
        ('made("made ")', "made x"),
    ],
)
def test_a_tool_that_is_a_method_a_partial_or_made_by_a_function_runs(tool: str, gives: str) -> None:
    source = tool_in(f'{TEAM}\nagent = AssistantAgent("one", model, tools=[{tool}])\nagent.run(task="Go")\n')
    assert next(iter(schema_of_source(source).parameters["properties"])) == "what"
    assert called(source, "x") == gives


def test_a_function_within_another_one_brings_the_names_around_it_along() -> None:
    assert called(tool_in(TEAM + WITHIN), "x") == '"x2!x2!"'


GROUP = """
from functools import partial
from autogen import AssistantAgent, ConversableAgent, GroupChat, GroupChatManager, UserProxyAgent

settings = {"model": "gpt-5-mini"}
user = UserProxyAgent("user", code_execution_config=False)


class Crew:
    def __init__(self, settings):
        self.one = AssistantAgent("one", llm_config=settings)
        self.two = AssistantAgent("two", llm_config=settings)
        self.order = {"one": self.two}

    def after(self, last):
        return self.order.get(last.name) or self.one

    def pick(self, last, chat):
        return self.one if last is self.two else self.after(last)

    def go(self):
        members = [self.one, self.two]
        group = GroupChat(agents=members, messages=[], speaker_selection_method=METHOD)
        user.initiate_chat(GroupChatManager(groupchat=group, llm_config=settings), message="Go")


def place(number, last, chat):
    return chat.agents[number]


Crew(settings).go()
"""


@pytest.mark.parametrize(("method", "chosen"), [("self.pick", ["two", "one", "one"]), ("partial(place, 1)", ["two", "two", "two"])])
def test_a_method_or_a_partial_that_chooses_who_speaks_is_asked(method: str, chosen: list[str]) -> None:
    (imported,) = read_bytes(GROUP.replace("METHOD", method).encode(), "crew").flows
    (team,) = (node for node in imported.document.nodes if node.kind == "team")
    names: dict[str, Any] = {}
    exec(team.config["selection"]["source"], names)
    assert [names["next_speaker"]([{"source": each, "text": "x"}], ["one", "two"]) for each in ("one", "two", "you")] == chosen


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('UserProxyAgent("x", code_execution_config={"executor": Own()})', "Own"),
        ('ConversableAgent("x", llm_config=settings, update_agent_state_before_reply=[UpdateSystemMessage(own)])', "own"),
        ('AssistantAgent("x", llm_config=settings, is_termination_msg=Own())', "Own"),
        ('Mine("x", llm_config=settings)', "Mine"),
        ('AssistantAgent("x", llm_config=settings); x.register_nested_chats([{"recipient": y, "message": own}], trigger=y)', "own"),
        ('AssistantAgent("x", llm_config=settings); Ability().add_to_agent(x)', "Ability"),
    ],
)
def test_code_that_is_given_to_the_framework_and_does_not_run_here_is_kept_with_its_source(said: str, kept: str) -> None:
    script = f"""
from autogen import AssistantAgent, ConversableAgent, UpdateSystemMessage, UserProxyAgent
from autogen.agentchat.contrib.capabilities.agent_capability import AgentCapability

settings = {{"model": "gpt-5-mini"}}

class Own:
    def __call__(self, message):
        return "the marker" in message

def own(*given):
    return "the marker"

class Mine(ConversableAgent):
    def receive(self, *given):
        print("the marker")

class Ability(AgentCapability):
    def add_to_agent(self, agent):
        print("the marker")

y = AssistantAgent("y", llm_config=settings)
x = {said}
y.initiate_chat(x, message="Go")
"""
    (imported,) = read_bytes(script.encode(), "kept").flows
    held = [node for node in imported.document.nodes if "the marker" in str(node.config.get("original"))]
    assert [node.kind for node in held] == [f"python:{kept}"]
    assert any(kept in finding.text and finding.level == "decision" for finding in imported.report.findings)


ROW = """
from autogen import AssistantAgent, UserProxyAgent

settings = {"model": "gpt-5-mini"}
first = AssistantAgent("first", llm_config=settings)
second = AssistantAgent("second", llm_config=settings)
user = UserProxyAgent("user", code_execution_config=False)


def told(sender, recipient, summary_args):
    last = recipient.last_message(sender)["content"]
    return f"{summary_args['before']}{sender.name} heard of {recipient.name}: {last} ({len(recipient.chat_messages[sender])})"


user.initiate_chats([
    {"recipient": first, "message": "Go", "max_turns": 1, "summary_method": told, "summary_args": {"before": "> "}},
    {"recipient": second, "message": "On", "max_turns": 1},
])
"""


def test_a_function_that_sums_up_a_chat_is_asked() -> None:
    (imported,) = read_bytes(ROW.encode(), "row").flows
    (chat,) = (node for node in imported.document.nodes if node.config.get("summarised") == "function")
    names: dict[str, Any] = {}
    exec(chat.config["summary_source"], names)
    said = [{"source": "user", "text": "Go"}, {"source": "first", "text": "Gone."}]
    assert names["summary"](said) == "> user heard of first: Gone. (2)"


def test_what_decorates_a_tool_comes_along_where_it_is_the_scripts_own() -> None:
    own = "import functools\n\ndef loud(function):\n    @functools.wraps(function)\n    def inner(*given, **more):\n"
    own += "        return function(*given, **more).upper()\n    return inner\n\n@loud\ndef say(what: str) -> str:\n    'Say.'\n    return what\n"
    source = tool_in(TEAM + own + 'agent = AssistantAgent("one", model, tools=[say])\nagent.run(task="Go")\n')
    names: dict[str, Any] = {}
    exec(source, names)
    assert schema_of_source(source).name == "say"
    assert names["say"]("x") == "X"


FACTORIES = """
from dataclasses import dataclass
from enum import Enum
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_ext.models.openai import OpenAIChatCompletionClient


class Role(Enum):
    WRITER = "writer"
    CRITIC = "critic"


PROMPTS = {Role.WRITER: "Write.", Role.CRITIC: "Judge."}


@dataclass
class Spec:
    role: Role
    model: str = "gpt-5-mini"

    @property
    def prompt(self):
        return f"{PROMPTS[self.role]} You are {self.role.value}."


class Crew:
    _client = None

    def __init__(self, specs):
        self.members = {spec.role: self.agent(spec) for spec in specs}

    @classmethod
    def client(cls, model):
        if cls._client is None:
            cls._client = OpenAIChatCompletionClient(model=model)
        return cls._client

    @staticmethod
    def agent(spec):
        return AssistantAgent(spec.role.value, Crew.client(spec.model), system_message=spec.prompt)

    @classmethod
    def of_all(cls):
        return cls([Spec(role) for role in Role])

    @property
    def team(self):
        return RoundRobinGroupChat([*self.members.values()], max_turns=3)


Crew.of_all().team.run(task="Go")
"""


def test_agents_of_classmethods_properties_enumerations_and_dataclasses_are_found() -> None:
    (imported,) = read_bytes(FACTORIES.encode(), "factories").flows
    agents = {node.name: node.config["system_message"] for node in imported.document.nodes if node.kind == "assistant"}
    assert agents == {"writer": "Write. You are writer.", "critic": "Judge. You are critic."}
    assert [node.config["model"] for node in imported.document.nodes if node.kind == "openai"] == ["gpt-5-mini"]
    assert {finding.code for finding in imported.report.findings if finding.level != "exact"} == {"key_missing"}
