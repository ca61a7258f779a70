"""Chats one after the other, with what came of those before."""

import autogen

llm_config = {"config_list": [{"model": "gpt-4-turbo-preview", "api_key": "sk-old-key"}]}

financial_tasks = [
    "What are the current stock prices of NVDA and TESLA?",
    "Investigate possible reasons of the stock performance.",
]
writing_tasks = ["Develop an engaging blog post using any information provided."]

financial_assistant = autogen.AssistantAgent(name="Financial_assistant", llm_config=llm_config)
research_assistant = autogen.AssistantAgent(name="Researcher", llm_config=llm_config)
writer = autogen.AssistantAgent(
    name="writer",
    llm_config=llm_config,
    system_message="""
        You are a professional writer.
        Reply "TERMINATE" in the end when everything is done.
        """,
)
user = autogen.UserProxyAgent(
    name="User",
    human_input_mode="NEVER",
    is_termination_msg=lambda x: x.get("content", "") and x.get("content", "").rstrip().endswith("TERMINATE"),
    code_execution_config={"last_n_messages": 1, "work_dir": "tasks", "use_docker": True},
)
chat_results = user.initiate_chats(
    [
        {
            "recipient": financial_assistant,
            "message": financial_tasks[0],
            "clear_history": True,
            "silent": False,
            "summary_method": "last_msg",
        },
        {
            "recipient": research_assistant,
            "message": financial_tasks[1],
            "max_turns": 2,
            "summary_method": "reflection_with_llm",
            "summary_args": {"summary_prompt": "What moved the prices?"},
        },
        {"recipient": writer, "message": writing_tasks[0], "max_turns": 1, "carryover": "Use a table."},
    ]
)
