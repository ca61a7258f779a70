import tempfile

from autogen import ConversableAgent
from autogen.coding import LocalCommandLineCodeExecutor
from classic_prelude import LLM_CONFIG, said

REPLIES = {"Coder": ["```python\nimport sys\nprint('before')\nsys.exit(3)\n```", "TERMINATE"]}

writer = ConversableAgent("writer", system_message="Coder", llm_config=LLM_CONFIG, human_input_mode="NEVER")
runner = ConversableAgent(
    "runner",
    llm_config=False,
    human_input_mode="NEVER",
    code_execution_config={"executor": LocalCommandLineCodeExecutor(timeout=20, work_dir=tempfile.mkdtemp())},
    is_termination_msg=lambda message: "TERMINATE" in (message["content"] or ""),
)
result = runner.initiate_chat(writer, message="Try it.")
RESULT = said(result.chat_history)
