from autogen import ConversableAgent
from classic_prelude import LLM_CONFIG, said

REPLIES = {
    "Writer": ["draft one", "draft two", "draft three"],
    "Critic": ["make it longer", "make it shorter"],
    "Checker": ["checked"],
}


def agent(name, system):
    return ConversableAgent(name, system_message=system, llm_config=LLM_CONFIG, human_input_mode="NEVER")


writer, critic, checker = agent("writer", "Writer"), agent("critic", "Critic"), agent("checker", "Checker")
user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER", default_auto_reply="thanks")


def opening(recipient, messages, sender, config):
    return f"Check this: {recipient.chat_messages_for_summary(sender)[-1]['content']}"


writer.register_nested_chats(
    [
        {"recipient": critic, "max_turns": 1, "summary_method": "last_msg"},
        {"recipient": checker, "message": opening, "max_turns": 1, "summary_method": "last_msg"},
        {"recipient": critic},
    ],
    trigger=user,
)
result = user.initiate_chat(writer, message="Write something.", max_turns=2)
RESULT = [said(result.chat_history), said(writer.chat_messages[critic]), said(writer.chat_messages[checker])]
