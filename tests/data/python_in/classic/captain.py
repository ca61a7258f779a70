"""A captain who has experts put together for parts of the task."""

import os

from autogen import UserProxyAgent
from autogen.agentchat.contrib.captainagent import CaptainAgent

config = {"config_list": [{"model": "gpt-4o", "api_key": os.environ["OPENAI_API_KEY"]}]}
nested_config = {
    "autobuild_init_config": {"config_file_or_env": "OAI", "builder_model": "gpt-4o", "max_agents": 3},
    "autobuild_build_config": {
        "default_llm_config": {"temperature": 1},
        "code_execution_config": {"timeout": 300, "work_dir": "groupchat", "use_docker": False},
        "coding": True,
    },
    "group_chat_config": {"max_round": 12},
    "group_chat_llm_config": None,
    "max_turns": 5,
}
captain = CaptainAgent(
    name="captain",
    llm_config=config,
    code_execution_config={"use_docker": False, "work_dir": "groupchat"},
    nested_config=nested_config,
    agent_lib='[{"name": "ann", "system_message": "You are ann.", "description": "x"}]',
    tool_lib="default",
    agent_config_save_path=None,
)
user = UserProxyAgent(name="user", human_input_mode="NEVER", code_execution_config=False)
result = user.initiate_chat(captain, message="Find papers.", max_turns=1)
