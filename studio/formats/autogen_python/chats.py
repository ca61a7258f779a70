"""Chats one after the other as AgentChat does them: a team each, run in turn, each told what came of those before."""

from __future__ import annotations

from studio.flow.document import Node
from studio.formats.autogen_python.program import Program
from studio.formats.autogen_python.writing import PythonWriting
from studio.formats.python_text.literals import literal

_AGENTCHAT = "autogen_agentchat"

_CONTEXT = '''
def with_context(task: str, before: list[str]) -> str:
    """A task, and below it what came of the chats before."""
    return "\\n".join([task, "Context:", *before]) if before else task
'''

_SUMMED_UP = '''
async def summed_up(model: ChatCompletionClient, result: TaskResult, how: str) -> str:
    """What a model says came of a chat."""
    said = [each.to_model_message() for each in result.messages if isinstance(each, BaseChatMessage)]
    answer = await model.create([*said, UserMessage(content=how, source="user")])
    return str(answer.content)
'''

_ALL_SAID = '''
def all_said(result: TaskResult) -> str:
    """Everything that was said in a chat."""
    said = (each for each in result.messages if isinstance(each, BaseChatMessage) and each.source != "user")
    return "\\n\\n".join(f"{each.source}: {each.to_text()}" for each in said)
'''


def is_row(writing: PythonWriting, root: Node) -> bool:
    """Whether a team is nothing but chats one after the other."""
    chosen = writing.value(root, "selection") if root.kind == "team" else None
    members = writing.drawing.agents_in(root)
    return isinstance(chosen, dict) and chosen.get("kind") == "sequence" and bool(members) and all(each.kind == "chat" for each in members)


def write_row(writing: PythonWriting, program: Program, root: Node) -> list[str] | None:
    """The lines that run the chats of a team; None when nobody is in one of them. Their teams go into the program."""
    lines: list[str] = []
    summaries: list[str] = []
    console = program.use("Console", f"{_AGENTCHAT}.ui")
    chats = writing.drawing.agents_in(root)
    for chat in chats:
        found = writing.chat(chat)
        if found is None:
            return None
        team = program.value(found)
        writing.lose("chat_silent", chat)
        own = str(writing.value(chat, "message") or "")
        task = literal(own) if own else (summaries[-1] if summaries else "task")
        before = (summaries if own else summaries[:-1]) if writing.value(chat, "carryover") else []
        if before:
            program.help("with_context", _CONTEXT.strip())
            task = f"with_context({task}, [{', '.join(before)}])"
            if "\n" in task:
                variable = program.names.new(f"{chat.name}_task", "task")
                lines.append(f"{variable} = {task}")
                task = variable
        last = chat is chats[-1]
        run = f"await {console}({team}.run_stream(task={task}))"
        lines.append(run if last else f"result = {run}")
        if not last:
            summaries.append(program.names.new(f"{chat.name}_summary", "summary"))
            lines.append(f"{summaries[-1]} = {_summary(writing, program, chat)}")
    writing.leftovers(root, ("selection", "description", "max_turns", "heard", "transitions_type"))
    return lines


def _summary(writing: PythonWriting, program: Program, chat: Node) -> str:
    """The call that gives what comes of a chat."""
    drawing = writing.drawing
    how = writing.value(chat, "summarised")
    if how == "function":
        writing.lose("chat_function", chat, "decision")
    node = drawing.model_for(chat) or drawing.team_model(chat) if how == "model" else None
    client = writing.model(node, chat.name) if node is not None else None
    program.use("TaskResult", f"{_AGENTCHAT}.base") if client is not None or how == "all" else None
    if client is not None:
        program.use("BaseChatMessage", f"{_AGENTCHAT}.messages")
        program.use("ChatCompletionClient", "autogen_core.models")
        program.use("UserMessage", "autogen_core.models")
        program.help("summed_up", _SUMMED_UP.strip())
        return f"await summed_up({program.value(client)}, result, {literal(writing.value(chat, 'summary_prompt'))})"
    if how == "all":
        program.use("BaseChatMessage", f"{_AGENTCHAT}.messages")
        program.help("all_said", _ALL_SAID.strip())
        return "all_said(result)"
    program.use("BaseChatMessage", f"{_AGENTCHAT}.messages")
    return "[each.to_text() for each in result.messages if isinstance(each, BaseChatMessage)][-1]"
