import asyncio
from pathlib import Path
from autogen_ext.tools.mcp import StdioServerParams, mcp_server_tools, McpWorkbench
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.ui import Console
from autogen_ext.models.anthropic import AnthropicChatCompletionClient
async def main() -> None:
    desktop = str(Path.home() / "Desktop")
    server_params = StdioServerParams(command="npx.cmd", args=["-y", "@modelcontextprotocol/server-filesystem", desktop], read_timeout_seconds=60, env={"A": "b"})
    fetch = StdioServerParams(command="uvx", args=["mcp-server-fetch"])
    tools = await mcp_server_tools(fetch)
    async with McpWorkbench(server_params) as workbench:
        agent = AssistantAgent(name="file_manager", model_client=AnthropicChatCompletionClient(model="claude-3-7-sonnet-20250219"), workbench=workbench, reflect_on_tool_use=True, max_tool_iterations=10)
        await Console(agent.run_stream(task="Create a file"))
    fetcher = AssistantAgent(name="fetcher", model_client=AnthropicChatCompletionClient(model="claude-3-7-sonnet-20250219"), tools=tools)
    await Console(fetcher.run_stream(task="Summarize the page"))
asyncio.run(main())
