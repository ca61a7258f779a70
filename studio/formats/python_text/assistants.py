"""What the writers of assistants share: what one knows by heart, what it does after its tools, and tools that ask a person first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from studio.engine.agents.assistant import Assistant
from studio.engine.memory.list_memory import ListMemory
from studio.engine.tools.files import Files
from studio.engine.tools.python_tool import PythonTool
from studio.formats.python_text.approvals import ASKS_FIRST, IMPORTS, NAME, WAITING, WAITING_IMPORTS, WAITS_FIRST
from studio.formats.python_text.program import Program, is_coroutine
from studio.formats.python_text.walk import inner_first


class AssistantWriting(Program):
    """Writes parts of assistants."""

    def prompt(self, agent: Assistant) -> str:
        """The system message with the facts that the agent knows; of memories that look something up it is told that they are lost."""
        told = agent.system_message
        for memory in agent.memory:
            if isinstance(memory, ListMemory):
                self.losses.said(memory, "facts")
                told = "\n".join([told, "", "What you know:", *(f"- {fact}" for fact in memory.facts)])
            else:
                self.losses.lose("memory", memory, *type(memory).model_fields, level="decision")
        return told

    def says_results(self, agent: Assistant) -> bool:
        """Whether what its tools gave is to be said as its answer, after one round of calls; of any other limit it is told that it is lost.

        Where somebody hands over, a message with what a tool gave may be another one's, and nobody says it.
        """
        hands_over = any(isinstance(each, Assistant) and each.handoffs for each in inner_first(self.team))
        says = bool(agent.tools) and agent.after_tools == "results" and agent.max_tool_rounds == 1 and not hands_over
        for name, default in (("max_tool_rounds", 10), ("after_tools", "answer")):
            if says or not agent.tools or getattr(agent, name) == default:
                self.losses.said(agent, name)
            else:
                self.losses.lose(name, agent, name)
        return says

    def asked_first(self, tool: PythonTool | Files, functions: Sequence[str], define: Callable[[str], None]) -> list[str]:
        """What stands for the functions of a tool: calls that make each ask a person first, where the tool says so."""
        if tool.approval == "never":
            return list(functions)
        if tool.approval == "matching":
            self.losses.lose("approval_pattern", tool, "approval_pattern")
        self.losses.said(tool, "approval")
        waits = isinstance(tool, PythonTool) and is_coroutine(tool.source)
        asker, definition, imports = (WAITING, WAITS_FIRST, WAITING_IMPORTS) if waits else (NAME, ASKS_FIRST, IMPORTS)
        for line in imports:
            self.script.statement(line)
        define(definition)
        return [f"{asker}({function})" for function in functions]
