"""What AutoGen's ready-made assistants are: their tools and words are given, and no component says which."""

from __future__ import annotations

from typing import Self

from studio.engine.agentchat.agents.assistant import AssistantAgent
from studio.engine.component import Component
from studio.engine.errors import FlowError
from studio.texts import text


class ReadyAssistant(AssistantAgent):
    """It is written as an assistant, and read again as one."""

    @classmethod
    def of_component(cls, component: Component) -> Self:
        raise FlowError(cls.__name__, text("engine.agentchat.not_of_component"), text("engine.agentchat.not_of_component.remedy"))
