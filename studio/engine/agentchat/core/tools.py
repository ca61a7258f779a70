"""Tools, as `autogen_core.tools` has them."""

from studio.engine.agentchat.tools import BaseTool, FunctionTool, StaticStreamWorkbench, StaticWorkbench

__all__ = ["BaseTool", "FunctionTool", "StaticStreamWorkbench", "StaticWorkbench"]
