"""Who may speak after whom, and a rule that is a function."""

from autogen import ConversableAgent, GroupChat, GroupChatManager

NAMES = ["planner", "writer", "critic"]
llm_config = {"config_list": [{"model": "llama-3.1-8b", "base_url": "http://localhost:1234/v1", "api_key": "lm-studio", "price": [0, 0]}]}


def is_done(message):
    """Enough was said."""
    content = message.get("content") or ""
    return len(content) > LIMIT or "THE END" in content


LIMIT = 4_000

planner, writer, critic = [
    ConversableAgent(
        name=name,
        system_message=f"You are the {name}.",
        description=f"The {name}",
        llm_config=llm_config,
        human_input_mode="NEVER",
    )
    for name in NAMES
]
allowed = {planner: [writer], writer: [critic, writer], critic: [planner, writer]}
group_chat = GroupChat(
    agents=[planner, writer, critic],
    messages=[],
    max_round=10,
    allowed_or_disallowed_speaker_transitions=allowed,
    speaker_transitions_type="allowed",
    speaker_selection_method="random",
    send_introductions=True,
)
manager = GroupChatManager(groupchat=group_chat, llm_config=llm_config, is_termination_msg=is_done)
planner.initiate_chat(manager, message="A story about a lighthouse.", clear_history=True)
