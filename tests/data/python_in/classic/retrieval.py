import chromadb
from autogen import AssistantAgent
from autogen.agentchat.contrib.retrieve_user_proxy_agent import RetrieveUserProxyAgent
import autogen

config_list = autogen.config_list_from_json(env_or_file="OAI_CONFIG_LIST")
assistant = AssistantAgent(name="assistant", system_message="You are a helpful assistant.", llm_config={"timeout": 600, "cache_seed": 42, "config_list": config_list})
ragproxyagent = RetrieveUserProxyAgent(
    name="ragproxyagent", human_input_mode="NEVER", max_consecutive_auto_reply=3,
    retrieve_config={"task": "code", "docs_path": ["https://example.com/README.md"], "chunk_token_size": 2000, "client": chromadb.PersistentClient(path="/tmp/chromadb")},
    code_execution_config=False,
)
assistant.reset()
ragproxyagent.initiate_chat(assistant, message=ragproxyagent.message_generator, problem="How can I use FLAML?", search_string="spark")
