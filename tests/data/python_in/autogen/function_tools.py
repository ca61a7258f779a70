from autogen_core.tools import FunctionTool
from autogen_core.code_executor import ImportFromModule
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_agentchat.conditions import TextMentionTermination, FunctionCallTermination, TokenUsageTermination, StopMessageTermination
from autogen_ext.models.openai import OpenAIChatCompletionClient
from typing_extensions import Annotated
API = "https://api.example.com"
async def get_stock_price(ticker: str, date: Annotated[str, "Date in YYYY/MM/DD"]) -> float:
    import random
    print(API)
    return random.uniform(10, 200)
class Toolbox:
    def add(self, a: int, b: int) -> int:
        return a + b
box = Toolbox()
stock_price_tool = FunctionTool(get_stock_price, description="Get the stock price.", name="price", strict=True)
agents = [AssistantAgent(name=f"agent_{i}", model_client=OpenAIChatCompletionClient(model="gpt-4o"), tools=[stock_price_tool, box.add, lambda x: x], system_message="S" * 3) for i in range(2)]
team = RoundRobinGroupChat(agents, termination_condition=TextMentionTermination("DONE") | FunctionCallTermination("approve") | TokenUsageTermination(max_total_token=100) | StopMessageTermination(), emit_team_events=True)
result = team.run(task="Buy?")
