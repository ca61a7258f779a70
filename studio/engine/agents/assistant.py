"""An agent that a model speaks for: it may call tools until it has something to say."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.agents.agent import Agent
from studio.engine.component import Widget
from studio.engine.models.base import Model
from studio.engine.tools.base import Tool


class Assistant(Agent):
    kind: ClassVar[str] = "assistant"
    title: ClassVar[str] = "Assistant"
    summary: ClassVar[str] = "A model with a role"

    system_message: Annotated[
        str,
        Field(title="System message", description="Who it is, what it does, and how it says that it is finished."),
        Widget("text", placeholder="You are a careful Python programmer …"),
    ] = "You are a helpful assistant."
    model: Annotated[Model | None, Field(title="Model", description="Without one of its own it uses the team's.")] = None
    tools: Annotated[tuple[Tool, ...], Field(title="Tools")] = ()
    handoffs: Annotated[
        tuple[str, ...],
        Field(title="May hand over to", description="Names of participants, or of somebody outside such as user."),
        Widget("lines", advanced=True),
    ] = ()
    max_tool_rounds: Annotated[
        int, Field(title="Tool rounds", description="How often it may call tools before it must speak.", ge=1, le=100), Widget("", advanced=True)
    ] = 10
