"""AgentChat's coder of Magentic-One, with AutoGen's arguments: an assistant whose words are given."""

from __future__ import annotations

import warnings
from typing import Any

from studio.engine.agentchat.core.models import ChatCompletionClient
from studio.engine.agentchat.ext.agents.ready_assistant import ReadyAssistant
from studio.engine.agents.planned_coder import CODER, CODER_DESCRIPTION


class MagenticOneCoderAgent(ReadyAssistant):
    """It writes code that somebody else runs."""

    def __init__(self, name: str, model_client: ChatCompletionClient, **kwargs: Any) -> None:
        """An AssistantAgent's other arguments are taken and change nothing, as in AutoGen; a warning names them."""
        if kwargs:
            warnings.warn(f"MagenticOneCoderAgent {name} does not use: {', '.join(kwargs)}. An AssistantAgent does.", stacklevel=2)
        super().__init__(name, model_client, description=CODER_DESCRIPTION, system_message=CODER)
