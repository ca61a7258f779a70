"""Where code runs, under the names of AutoGen 0.2: each is one of our executors with its session kept open."""

from studio.classic.coding.base import CodeBlock, CodeExecutor, CodeExtractor, CodeResult, CommandLineCodeResult, MarkdownCodeExtractor
from studio.classic.coding.command_line import DockerCommandLineCodeExecutor, LocalCommandLineCodeExecutor
from studio.classic.coding.factory import CodeExecutorFactory

__all__ = [
    "CodeBlock",
    "CodeExecutor",
    "CodeExecutorFactory",
    "CodeExtractor",
    "CodeResult",
    "CommandLineCodeResult",
    "DockerCommandLineCodeExecutor",
    "LocalCommandLineCodeExecutor",
    "MarkdownCodeExtractor",
]
