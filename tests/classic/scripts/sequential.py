from autogen import ConversableAgent, initiate_chats
from classic_prelude import LLM_CONFIG, said

REPLIES = {"first": ["4, 5"], "second": ["8, 10"], "third": ["9, 11"]}


def agent(name):
    return ConversableAgent(name, system_message=name, llm_config=LLM_CONFIG, human_input_mode="NEVER")


user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
first, second, third = agent("first"), agent("second"), agent("third")
results = user.initiate_chats(
    [
        {"recipient": first, "message": "4 and 5", "max_turns": 1, "summary_method": "last_msg"},
        {"recipient": second, "message": "double them", "max_turns": 1, "carryover": "an own one"},
        {
            "recipient": third,
            "message": "add one",
            "max_turns": 1,
            "finished_chat_indexes_to_exclude_from_carryover": [1],
            "summary_method": lambda sender, recipient, arguments: f"{sender.name}>{recipient.name} {arguments['x']}",
            "summary_args": {"x": 7},
        },
    ]
)
again = initiate_chats([{"sender": first, "recipient": second, "message": "hello", "max_turns": 1}])
RESULT = [[said(result.chat_history) for result in results], [result.summary for result in results], said(again[0].chat_history)]
