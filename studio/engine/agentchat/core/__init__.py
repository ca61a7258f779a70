"""What AutoGen keeps in `autogen_core`, under the same names."""

from studio.engine.agentchat.core.calls import FunctionCall
from studio.engine.agentchat.core.cancellation import CancellationToken
from studio.engine.agentchat.core.component import ComponentBase, ComponentModel
from studio.engine.agentchat.core.component import ComponentBase as Component
from studio.engine.agentchat.core.image import Image

EVENT_LOGGER_NAME = "studio.engine"
TRACE_LOGGER_NAME = "studio.engine"

__all__ = [
    "EVENT_LOGGER_NAME",
    "TRACE_LOGGER_NAME",
    "CancellationToken",
    "Component",
    "ComponentBase",
    "ComponentModel",
    "FunctionCall",
    "Image",
]
