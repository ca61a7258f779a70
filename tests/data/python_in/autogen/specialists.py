from autogen_agentchat.agents import AssistantAgent, SocietyOfMindAgent, CodeExecutorAgent
from autogen_agentchat.teams import RoundRobinGroupChat, SelectorGroupChat
from autogen_agentchat.tools import AgentTool, TeamTool
from autogen_agentchat.conditions import MaxMessageTermination, SourceMatchTermination, TimeoutTermination, ExternalTermination
from autogen_ext.models.openai import OpenAIChatCompletionClient, AzureOpenAIChatCompletionClient
from autogen_ext.models.ollama import OllamaChatCompletionClient
from autogen_core.model_context import BufferedChatCompletionContext
import os
def get_client(kind: str = "openai"):
    if kind == "azure":
        return AzureOpenAIChatCompletionClient(azure_deployment=os.environ["DEPLOYMENT"], model="gpt-4o", api_version="2024-06-01", azure_endpoint=os.environ["ENDPOINT"])
    elif kind == "ollama":
        return OllamaChatCompletionClient(model="llama3.2", host="http://localhost:11434", options={"temperature": 0.5, "num_ctx": 4096})
    return OpenAIChatCompletionClient(model=os.getenv("MODEL", "gpt-4o"))
client = get_client()
specialists = {}
for lang in ("French", "German"):
    specialists[lang] = AssistantAgent(f"{lang.lower()}_translator", model_client=client, system_message=f"Translate to {lang}.", model_context=BufferedChatCompletionContext(buffer_size=5))
external = ExternalTermination()
inner = RoundRobinGroupChat(list(specialists.values()), termination_condition=SourceMatchTermination(sources=["german_translator"]) & MaxMessageTermination(4) | external)
boss = AssistantAgent("boss", model_client=get_client("ollama"), tools=[TeamTool(team=inner, name="translators", description="Translates")] + [AgentTool(agent=a) for a in specialists.values()], system_message="Delegate.")
external.set()
def main():
    return boss.run(task="Translate hello")
