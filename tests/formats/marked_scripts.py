"""Scripts in which every argument of a public class or method of AutoGen's says something that can be found again."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from studio.flow.findings import Imported

DATA = Path(__file__).parent.parent / "data" / "signatures"
NEW, OLD, AG2 = "autogen-0.7", "autogen-0.2", "ag2-0.9"

WHOLE = (
    "kept",
    "unused",
    "call_left_out",
    "loose",
    "config_list",
    "executor_unknown",
    "context_lost",
    "context_condition",
    "handoff_words",
    "guard_lost",
)
"""Findings that speak of a call as a whole."""

ITSELF = {
    "key_in_file": "api_key",
    "cache": "cache_seed",
    "model_unknown": "config_list",
    "code_lost": "code_execution_config",
    "graph_unknown": "graph",
    "transitions_unknown": "allowed_or_disallowed",
    "rule_runs": "is_termination_msg",
    "templates": "select_speaker",
}
"""Findings that speak of an argument without naming it."""

MEANT = {
    ("AssistantAgent", "model_client_stream"): "",
    ("CodeExecutorAgent", "model_client_stream"): "",
    ("AssistantAgent", "reflect_on_tool_use"): "",
    ("Console", "output_stats"): "",
    ("AgentTool", "return_value_as_last_message"): "",
    ("OpenAIChatCompletionClient", "include_name_in_message"): "",
    ("AzureOpenAIChatCompletionClient", "include_name_in_message"): "",
    ("TeamTool", "return_value_as_last_message"): '"heard":"last"',
    ("SelectorGroupChat", "allow_repeated_speaker"): '"allow_repeat":true',
    ("GroupChat", "allow_repeat_speaker"): "",
    ("OpenAIAgent", "json_mode"): "json_object",
    ("HttpTool", "method"): "",
    ("MessageHistoryLimiter", "keep_first_message"): "",
    ("GroupChat", "speaker_transitions_type"): "",
    ("TransformMessages", "verbose"): "",
}
"""Arguments that say what is so here anyway (empty), or that stand in the flow by other words."""

_COMPONENTS = {
    "model_client": "client",
    "participants": "[one, two]",
    "team": "pair",
    "agent": "one",
    "wrapped_agent": "one",
    "code_executor": "executor",
    "termination_condition": "MaxMessageTermination(5)",
    "model_context": "BufferedChatCompletionContext(5)",
    "workbench": 'McpWorkbench(StdioServerParams(command="uvx"))',
    "memory": "[ListMemory()]",
    "tools": "[look_up]",
    "handoffs": '["two"]',
    "output_content_type": "Shape",
    "func": "look_up",
    "server_params": 'StdioServerParams(command="uvx")',
    "conditions": "[MaxMessageTermination(5)]",
    "per_source": '[PerSourceFilter(source="one")]',
    "filter": 'MessageFilterConfig(per_source=[PerSourceFilter(source="one")])',
    "edges": "[]",
    "runtime": "SingleThreadedAgentRuntime()",
    "azure_ad_token_provider": "token",
}
_OLD_COMPONENTS = {
    "llm_config": '{"model": "gpt-5-mini"}',
    "agents": "[one, two]",
    "groupchat": "GroupChat(agents=[one, two], messages=[])",
    "recipient": "two",
    "sender": "one",
    "caller": "one",
    "executor": "two",
    "initial_agent": "one",
    "user_agent": "user",
    "chat_manager": "GroupChatManager(groupchat=GroupChat(agents=[one, two], messages=[]))",
    "chat_queue": '[{"recipient": two, "message": "Hello there"}]',
    "human_input_mode": '"NEVER"',
    "agent": "two",
    "pattern": "DefaultPattern(initial_agent=one, agents=[one, two])",
    "functions": "[look_up]",
    "f": "look_up",
    "trigger": "two",
    "target": "AgentTarget(two)",
    "clear_history": "False",
}
Taken = list[list[Any]]
"""Parameters: their names, defaults and types."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An argument: its line, its parameter, its marker, what of it may stand in the flow, what is called, and on which line."""

    line: int
    parameter: str
    marker: str
    found: tuple[str, ...]
    called: str
    call_line: int


@dataclass(slots=True)
class Marked:
    """A script while it is written, and what of it has to be found again."""

    random: random.Random
    components: dict[str, str]
    lines: list[str] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)
    count: int = 900

    def say(self, *lines: str) -> None:
        self.lines += lines

    def call(self, before: str, called: str, takes: Taken, given: int, after: str = "") -> None:
        """A call with `given` of its arguments and all that have no default, each on a line of its own."""
        self.say(f"{before}{called}(")
        first = len(self.lines)
        free = [each for each in takes if each[1] is not None or each[0] not in self.components]
        chosen = {each[0] for each in self.random.sample(free, min(given, len(free)))}
        for name, default, hint in takes:
            if name in self.components and (default is None or name in chosen):
                self.say(f"    {name}={self.components[name]},")
            elif name in chosen:
                self.argument(name, default, hint or "", called, first)
        self.say(f"){after}")

    def argument(self, name: str, default: str | None, hint: str, called: str, first: int) -> None:
        self.count += 1
        marker = f"marker_{self.count}"
        found: tuple[str, ...] = (marker,)
        choices = [each for each in re.findall(r"'([^']*)'", hint) if hint.startswith("Literal")]
        if "Callable" in hint:
            said = f'lambda *given: "{marker}"'
        elif choices:
            said = next((each for each in choices if f"'{each}'" != default), choices[0])
            found, said = (said.lower(), marker), repr(said)
        elif "bool" in hint and "str" not in hint:
            said, found = ("False" if default == "True" else "True"), ()
        elif re.match(r"(?:Optional\[|Union\[)?(?:int|float)", hint):
            said = str(self.count)
            found = tuple(str(each) for each in (self.count, self.count - 1, 2 * self.count - 1))
        elif "dict" in hint.lower() or "Mapping" in hint:
            said = f'{{"key_{self.count}": "{marker}"}}'
        elif hint.lower().startswith(("list", "sequence", "optional[list")):
            said = f'["{marker}"]'
        else:
            said = f'"{marker}"'
        self.say(f"    {name}={said},")
        self.wanted.append(Wanted(len(self.lines), name, marker, found, called, first))


@cache
def signatures(family: str) -> dict[str, Any]:
    """What the public classes and functions of a family take, by dotted name."""
    found: dict[str, Any] = json.loads((DATA / f"{family}.json").read_text())
    return found


def classes(family: str) -> list[str]:
    """The dotted names of what begins with a capital letter."""
    return [name for name in signatures(family) if name.rpartition(".")[2][:1].isupper()]


_MODULES = {
    NEW: """
from autogen_agentchat.agents import AssistantAgent, CodeExecutorAgent, MessageFilterConfig, PerSourceFilter
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core import SingleThreadedAgentRuntime
from autogen_core.memory import ListMemory
from autogen_core.model_context import BufferedChatCompletionContext
from autogen_ext.code_executors.docker import DockerCommandLineCodeExecutor
from autogen_ext.models.openai import OpenAIChatCompletionClient
from autogen_ext.tools.mcp import McpWorkbench, StdioServerParams
from pydantic import BaseModel


class Shape(BaseModel):
    answer: str


def look_up(name: str) -> str:
    return name


client = OpenAIChatCompletionClient(model="gpt-5-mini")
executor = DockerCommandLineCodeExecutor()
one = AssistantAgent("one", client)
two = AssistantAgent("two", client)
pair = RoundRobinGroupChat([one, two], max_turns=3)
""",
    OLD: """
from autogen import AssistantAgent, ConversableAgent, GroupChat, GroupChatManager, UserProxyAgent
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages


def look_up(name: str) -> str:
    return name


one = AssistantAgent("one", llm_config={"model": "gpt-5-mini"})
two = AssistantAgent("two", llm_config={"model": "gpt-5-mini"})
user = UserProxyAgent("user", code_execution_config=False)
""",
}
_MODULES[AG2] = _MODULES[OLD].replace(
    "TransformMessages\n",
    "TransformMessages\nfrom autogen.agentchat import initiate_group_chat\n"
    "from autogen.agentchat.group import AgentTarget, OnCondition\nfrom autogen.agentchat.group.patterns import DefaultPattern\n",
    1,
)


def _use(family: str, module: str, name: str) -> str:
    """Where an object of a class belongs."""
    if family == NEW:
        places = (
            (module.startswith("autogen_agentchat.teams") and name[:2] != "Di", "team = thing"),
            ((".agents" in module and name.endswith(("Agent", "Surfer"))), "team = RoundRobinGroupChat([one, thing], max_turns=3)"),
            (name.endswith(("Termination", "TerminationCondition")), "team = RoundRobinGroupChat([one, two], termination_condition=thing)"),
            (name.endswith("Client"), 'team = AssistantAgent("three", thing)'),
            ("model_context" in module, 'team = AssistantAgent("three", client, model_context=thing)'),
            (".memory" in module and "Memory" in name[-6:], 'team = AssistantAgent("three", client, memory=[thing])'),
            (name.endswith("Workbench"), 'team = AssistantAgent("three", client, workbench=thing)'),
            (name.endswith("ServerParams"), 'team = AssistantAgent("three", client, workbench=McpWorkbench(thing))'),
            (name.endswith("Executor"), 'team = RoundRobinGroupChat([CodeExecutorAgent("three", thing), one], max_turns=3)'),
            (name.endswith("Tool"), 'team = AssistantAgent("three", client, tools=[thing])'),
            (name == "Handoff", 'team = AssistantAgent("three", client, handoffs=[thing])'),
        )
        return next((use for fits, use in places if fits), "team = pair")
    old_places = (
        (name == "GroupChat", 'user.initiate_chat(GroupChatManager(groupchat=thing), message="Go")'),
        (name == "GroupChatManager", 'user.initiate_chat(thing, message="Go")'),
        (name.endswith("Pattern"), 'initiate_group_chat(pattern=thing, messages="Go")'),
        (name.endswith(("Agent", "AgentCapability")), 'user.initiate_chat(thing, message="Go", max_turns=3)'),
        (name.endswith(("Limiter", "Compressor", "Transform")), "TransformMessages(transforms=[thing]).add_to_agent(one)"),
        (name == "TransformMessages", "thing.add_to_agent(one)"),
        (name.endswith("Executor"), 'UserProxyAgent("runner", code_execution_config={"executor": thing}).initiate_chat(two, message="Go")'),
        (
            name.startswith("LLMConfig") or name.endswith("Entry"),
            'user.initiate_chat(AssistantAgent("three", llm_config=thing), message="Go")',
        ),
        (name in ("OnCondition", "OnContextCondition"), "one.handoffs.add_llm_condition(thing)"),
        (name.endswith("Target"), 'one.handoffs.add_llm_condition(OnCondition(target=thing, condition="When"))'),
    )
    return next((use for fits, use in old_places if fits), "")


def marked_script(family: str, name: str, seed: int, given: int = 4) -> Marked:
    """A script that makes an object of a class, or calls a function, and lets it take part where it belongs."""
    module, _, short = name.rpartition(".")
    said = signatures(family)[name]
    marked = Marked(random.Random(seed), _COMPONENTS if family == NEW else {**_OLD_COMPONENTS})
    marked.say(*_MODULES[family].strip().split("\n"), f"from {module} import {short}")
    methods = dict(said.get("methods", {}))
    if family != NEW and short.endswith("Agent"):
        methods |= signatures(family)["autogen.ConversableAgent" if family == AG2 else "autogen.agentchat.ConversableAgent"]["methods"]
    marked.call("thing = ", short, said["takes"], given)
    if short[:1].isupper():
        marked.say(f'thing.attribute = "marker_{seed}"')
        marked.wanted.append(Wanted(len(marked.lines), "attribute", f"marker_{seed}", (), short, len(marked.lines)))
    marked.say(_use(family, module, short))
    names = sorted(set(methods) - {each[0] for each in said["takes"]})
    chosen = marked.random.sample(names, min(2, len(names)))
    for method in chosen:
        marked.call("", f"thing.{method}", methods[method], given)
    if family == NEW:
        marked.call("", "team.run", [["task", None, "str"], ["output_task_messages", "True", "bool"]], 2)
    else:
        initiate = signatures(family)["autogen.ConversableAgent" if family == AG2 else "autogen.agentchat.ConversableAgent"]["methods"]
        marked.call("", "user.initiate_chat", initiate["initiate_chat"], given)
    return marked


def missing(marked: Marked, flows: tuple[Imported, ...]) -> list[Wanted]:
    """The arguments that neither stand in a flow nor are told with their line."""
    drawn = "\n".join(imported.document.model_dump_json() for imported in flows).replace("\\n", "\n")
    told: dict[int, list[tuple[str, str]]] = {}
    for imported in flows:
        for finding in imported.report.findings:
            told.setdefault(finding.place.line or 0, []).append((finding.code, finding.text))
    left = []
    for each in marked.wanted:
        there = any(re.search(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9])", drawn, re.IGNORECASE) for word in each.found)
        words = (each.parameter, each.marker, each.marker.replace("marker", "key"))
        named = any(
            code in WHOLE or ITSELF.get(code, "?") in each.parameter or any(word in said for word in words)
            for code, said in told.get(each.line, [])
        )
        whole = any(code in WHOLE or each.marker in said for code, said in told.get(each.call_line, []))
        meant = MEANT.get((each.called, each.parameter), "cancellation" if each.parameter == "cancellation_token" else None)
        there = there or each.parameter == "cancellation_token" or (meant is not None and meant in drawn)
        if not there and not named and not whole:
            left.append(each)
    return left
