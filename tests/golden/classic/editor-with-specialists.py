"""Editor with specialists.

An editor writes, and calls two specialists like any other tool: a researcher who
remembers what it found before, and a fact checker who judges every claim afresh.
"""

import sys

from autogen import (
    Agent,
    AssistantAgent,
    GroupChat,
    GroupChatManager,
    UserProxyAgent,
    register_function,
)

llm_config = {"model": "test-model", "cache_seed": None}

editor = AssistantAgent(
    "editor",
    description="writes, and asks the specialists",
    system_message="""You write short texts for a travel page. Ask the researcher \
for facts, let the fact checker check what you want to print, and correct it. Then say \
the text with a title, and end with PUBLISHED.""",
    llm_config=llm_config,
)

researcher = AssistantAgent(
    "researcher",
    description="Finds facts, and knows what it found for you before.",
    system_message="""You find facts for an editor: short, one a line, without \
opinions. Do not repeat what you said before.""",
    llm_config=llm_config,
)

fact_checker = AssistantAgent(
    "fact_checker",
    description="""Says of each claim whether it holds. Give it the claims, \
word for word.""",
    system_message="""You check claims. Say of each whether it holds, and correct \
what does not.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


def next_speaker(last_speaker: Agent, group_chat: GroupChat) -> Agent | str | None:
    """Everybody in turn; who calls a tool first hears what it gives."""
    message = group_chat.messages[-1]
    if message.get("tool_calls") or message.get("tool_responses"):
        return last_speaker
    spoken = [
        each
        for each in group_chat.messages
        if not (each.get("tool_calls") or each.get("tool_responses"))
    ]
    turns = len(spoken) - 1
    if turns >= 4:
        return None
    return editor


group_chat = GroupChat(
    [editor], messages=[], max_round=80, speaker_selection_method=next_speaker
)
manager = GroupChatManager(
    group_chat,
    is_termination_msg=lambda message: (
        message.get("name") == "editor"
        and not message.get("tool_calls")
        and not message.get("tool_responses")
        and "PUBLISHED" in (message.get("content") or "")
    ),
)


def ask_researcher(task: str) -> str:
    """Finds facts, and knows what it found for you before."""
    return (
        user.initiate_chat(
            researcher, message=task, max_turns=1, clear_history=False
        ).chat_history[-1]["content"]
        or ""
    )


register_function(
    ask_researcher,
    caller=editor,
    executor=editor,
    name="researcher",
    description="Finds facts, and knows what it found for you before.",
)


def ask_fact_checker(task: str) -> str:
    """Says of each claim whether it holds. Give it the claims, word for word."""
    return (
        user.initiate_chat(fact_checker, message=task, max_turns=1).chat_history[-1][
            "content"
        ]
        or ""
    )


register_function(
    ask_fact_checker,
    caller=editor,
    executor=editor,
    name="fact_checker",
    description="""Says of each claim whether it holds. Give it the claims, \
word for word.""",
)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
