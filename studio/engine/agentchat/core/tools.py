"""Tools and workbenches, as `autogen_core.tools` has them."""

from studio.engine.agentchat.tool_shapes import (
    ImageResultContent,
    ParametersSchema,
    TextResultContent,
    Tool,
    ToolOverride,
    ToolResult,
    ToolSchema,
)
from studio.engine.agentchat.tools import BaseStreamTool, BaseTool, BaseToolWithState, FunctionTool, StreamTool
from studio.engine.agentchat.workbenches import StaticStreamWorkbench, StaticWorkbench, Workbench

__all__ = [
    "BaseStreamTool",
    "BaseTool",
    "BaseToolWithState",
    "FunctionTool",
    "ImageResultContent",
    "ParametersSchema",
    "StaticStreamWorkbench",
    "StaticWorkbench",
    "StreamTool",
    "TextResultContent",
    "Tool",
    "ToolOverride",
    "ToolResult",
    "ToolSchema",
    "Workbench",
]
