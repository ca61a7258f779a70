"""A state machine of one's own chooses who speaks."""

import autogen

gpt4_config = {"cache_seed": 42, "temperature": 0, "config_list": autogen.config_list_openai_aoai(), "timeout": 120}

initializer = autogen.UserProxyAgent(name="Init", code_execution_config=False, human_input_mode="NEVER")
coder = autogen.AssistantAgent(name="Retrieve_Action_1", llm_config=gpt4_config, system_message="You are the Coder.")
executor = autogen.UserProxyAgent(
    name="Retrieve_Action_2",
    system_message="You are the Executor.",
    human_input_mode="NEVER",
    code_execution_config={"executor": "commandline-local"},
)
scientist = autogen.AssistantAgent(name="Research_Action_1", llm_config=gpt4_config, system_message="You are the Scientist.")


def state_transition(last_speaker, groupchat):
    messages = groupchat.messages
    if last_speaker is initializer:
        return coder
    elif last_speaker is coder:
        return executor
    elif last_speaker is executor:
        if messages[-1]["content"].startswith("exitcode: 1"):
            return coder
        return scientist
    elif last_speaker == scientist:
        return None


groupchat = autogen.GroupChat(
    agents=[initializer, coder, executor, scientist],
    messages=[],
    max_round=20,
    speaker_selection_method=state_transition,
)
manager = autogen.GroupChatManager(groupchat=groupchat, llm_config=gpt4_config)
initializer.initiate_chat(manager, message="Topic of interest: multi-agent systems, in the last month.")
