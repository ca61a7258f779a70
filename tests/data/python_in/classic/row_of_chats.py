import autogen
llm = {"config_list": autogen.get_config_list(["k1"], base_urls=["https://a"], api_type="openai", api_version="v1")}
fin = autogen.AssistantAgent("fin", llm_config=llm)
wri = autogen.AssistantAgent("wri", llm_config=llm, system_message="""
    You are a professional writer.
    """)
u = autogen.UserProxyAgent("u", human_input_mode="NEVER", code_execution_config={"last_n_messages": "auto", "use_docker": "python:3.11"})
def my_message(sender, recipient, context):
    return context["carryover"]
res = autogen.initiate_chats([
    {"sender": u, "recipient": fin, "message": "Prices?", "clear_history": True, "silent": False, "summary_method": "reflection_with_llm", "summary_args": {"summary_prompt": "Sum up."}, "carryover": "x"},
    {"sender": u, "recipient": wri, "message": my_message, "max_turns": 2, "summary_method": "last_msg", "carryover": "Add a table."},
])
for i, r in enumerate(res):
    print(r.summary)
