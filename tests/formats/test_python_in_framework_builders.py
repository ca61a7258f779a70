"""Scripts for Agent Framework that tell their builders by methods, make agents by clients and providers, and have servers of tools."""

from __future__ import annotations

import pytest

from studio.flow.findings import Imported
from studio.formats.recognise import read_bytes

AGENTS = """
from agent_framework import HandoffBuilder, GroupChatBuilder, WorkflowBuilder, AgentExecutor, MCPStdioTool, MCPStreamableHTTPTool
from agent_framework.azure import AzureAIAgentClient, AzureOpenAIChatClient

client = AzureOpenAIChatClient(deployment_name="gpt-4.1")
a = client.create_agent(name="desk", instructions="Route.")
b = client.create_agent(name="billing", instructions="Bills.")
c = client.create_agent(name="shipping", instructions="Parcels.")
"""


def flow(script: str) -> Imported:
    (found,) = read_bytes(script.encode()).flows
    return found


def arrows(imported: Imported) -> list[tuple[str, str, str]]:
    names = {node.id: node.name for node in imported.document.nodes}
    edges = (edge for edge in imported.document.edges if edge.kind == "speaks")
    return [(names[edge.source], names[edge.target], (edge.config or {}).get("condition", "")) for edge in edges]


@pytest.mark.parametrize(
    ("imports", "client", "kind", "account"),
    [
        ("from agent_framework.azure import AzureAIAgentClient", "AzureAIAgentClient(model_deployment_name='m')", "openai", "azure"),
        ("from agent_framework_azure_ai import AzureAIClient", "AzureAIClient(model_deployment_name='m')", "openai", "azure"),
        ("from agent_framework.openai import OpenAIAssistantsClient", "OpenAIAssistantsClient(model_id='m')", "openai", "openai"),
        ("from agent_framework.openai import OpenAIAssistantProvider", "OpenAIAssistantProvider()", "openai", "openai"),
    ],
)
def test_agents_of_every_client_and_provider_come_in(imports: str, client: str, kind: str, account: str) -> None:
    imported = flow(f"""{imports}
async def main():
    async with {client} as client:
        agent = await client.create_agent(name="Poet", model="m", instructions="Rhyme.")
        await agent.run("A poem on tea.")
""")
    (poet,) = [node for node in imported.document.nodes if node.kind == "assistant"]
    (model,) = [node for node in imported.document.nodes if node.kind == kind]
    assert (poet.name, poet.config["system_message"]) == ("Poet", "Rhyme.")
    assert (model.config["model"], model.config.get("account", "openai")) == ("m", account)
    assert imported.document.sample_tasks == ("A poem on tea.",)


def test_a_client_that_a_function_is_given_is_a_model_to_choose() -> None:
    imported = flow("""from agent_framework import SequentialBuilder
def team(chat_client):
    one = chat_client.create_agent(name="one", instructions="Begin.")
    two = chat_client.create_agent(name="two", instructions="End.")
    return SequentialBuilder().participants([one, two]).build()
""")
    assert [node.name for node in imported.document.nodes if node.kind == "assistant"] == ["one", "two"]
    (model,) = [node for node in imported.document.nodes if node.kind == "openai"]
    assert (model.name, model.config) == ("chat_client", {})
    assert [each.place.line for each in imported.report.findings if each.code == "model_elsewhere"] == [3]


def test_whoever_may_hand_over_says_so_and_the_person_is_asked_after_every_answer() -> None:
    everybody = flow(AGENTS + "workflow = HandoffBuilder(participants=[a, b, c]).with_start_agent(b).build()\n")
    given = {node.name: node.config.get("handoffs") for node in everybody.document.nodes if node.kind == "assistant"}
    assert given == {"desk": ["billing", "shipping"], "billing": ["desk", "shipping"], "shipping": ["desk", "billing"]}
    (team,) = [node for node in everybody.document.nodes if node.kind == "team"]
    after = {"desk": "user", "billing": "user", "shipping": "user", "user": "back"}
    assert team.config["selection"] == {"kind": "swarm", "after": after, "first": "billing"}
    some = flow(AGENTS + "workflow = HandoffBuilder(participants=[a, b, c]).add_handoff(a, [b, c]).with_autonomous_mode().build()\n")
    given = {node.name: node.config.get("handoffs") for node in some.document.nodes if node.kind == "assistant"}
    assert given == {"desk": ["billing", "shipping"], "billing": None, "shipping": None}
    assert not [node for node in some.document.nodes if node.kind == "human"]


def test_a_graph_is_told_in_rows_from_one_to_several_and_by_names() -> None:
    script = """
def shipping_agent():
    return client.create_agent(name="parcels", instructions="Parcels.")

workflow = (
    WorkflowBuilder()
    .register_agent(lambda: client.create_agent(name="front", instructions="Route."), name="first")
    .register_agent(shipping_agent, name="last")
    .set_start_executor("first")
    .add_fan_out_edges("first", [AgentExecutor(client.create_agent(instructions="Bills."), id="billing"), "last"])
    .add_chain(["last", c])
    .build()
)
"""
    imported = flow(AGENTS + script)
    assert arrows(imported) == [("front", "billing", ""), ("front", "parcels", ""), ("parcels", "shipping", "")]
    assert not [node for node in imported.document.nodes if node.kind.startswith("python:")]


def test_a_group_is_told_by_methods_what_its_constructor_may_be_told() -> None:
    script = "chat = GroupChatBuilder().set_manager(manager=c).participants([a, b]).with_max_rounds(4).build()\n"
    (team,) = [node for node in flow(AGENTS + script).document.nodes if node.kind == "team"]
    assert team.config == {"selection": {"kind": "model_choice"}, "max_turns": 4}


def test_servers_of_tools_come_in_without_the_values_of_their_headers() -> None:
    script = """
d = client.create_agent(
    name="reader",
    instructions="Read.",
    tools=[
        MCPStdioTool(name="files", command="uvx", args=["files"], allowed_tools=["read"]),
        MCPStreamableHTTPTool(name="docs", url="https://example.org/mcp", headers={"Authorization": "Bearer 123"}),
    ],
)
"""
    imported = flow(AGENTS + script + "d.run('Go')\n")
    servers = [node.config for node in imported.document.nodes if node.kind == "mcp"]
    assert servers == [
        {"transport": {"kind": "stdio", "command": "uvx", "args": ["files"]}, "allow": ["read"]},
        {"transport": {"kind": "streamable_http", "url": "https://example.org/mcp"}},
    ]
    assert "123" not in imported.document.model_dump_json()
    assert {"server_starts", "values_withheld"} <= {each.code for each in imported.report.findings}
