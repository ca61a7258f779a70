import yaml, asyncio
from autogen_core.models import ChatCompletionClient
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_agentchat.conditions import TextMentionTermination
with open("model_config.yaml") as f:
    cfg = yaml.safe_load(f)
client = ChatCompletionClient.load_component(cfg)
agent = AssistantAgent("assistant", model_client=client, system_message="Hi.")
critic = AssistantAgent("critic", model_client=client, system_message="Respond with 'APPROVE' when addressed.")
team = RoundRobinGroupChat([agent, critic], termination_condition=TextMentionTermination("APPROVE"), max_turns=None)
async def main():
    while True:
        user_input = input("Enter a message (type 'exit' to leave): ")
        if user_input.strip().lower() == "exit":
            break
        response = await team.run(task=user_input)
    state = await team.save_state()
asyncio.run(main())
