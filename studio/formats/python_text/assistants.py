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
        """Whether what its tools gave is to be said as its answer, after one round of calls; where it cannot be, that is told.

        Where somebody hands over, a message with what a tool gave may be another one's, and nobody says it.
        """
        self.losses.said(agent, "after_tools")
        if not agent.tools or agent.after_tools == "answer":
            return False
        hands_over = any(isinstance(each, Assistant) and each.handoffs for each in inner_first(self.team))
        if agent.max_tool_rounds == 1 and not hands_over:
            return True
        self.losses.lose("after_tools", agent)
        return False

    def rounds_of(self, agent: Assistant) -> int | None:
        """After how many rounds of calls an agent must speak, where that is not what it is for all."""
        self.losses.said(agent, "max_tool_rounds")
        usual = Assistant.model_fields["max_tool_rounds"].default
        return agent.max_tool_rounds if agent.tools and agent.max_tool_rounds != usual else None

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
