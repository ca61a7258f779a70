"""Agents whose answers a function of the flow gives, as a class of the script."""

from __future__ import annotations

from dataclasses import dataclass

from studio.formats.autogen_python.conditions import MESSAGES
from studio.formats.autogen_python.functions import asked
from studio.formats.autogen_python.program import Program

_AGENT = '''
class {name}(BaseChatAgent):
    """An agent whose answers a function gives."""

    def __init__(self, name: str, description: str, function: Callable[..., Any]) -> None:
        super().__init__(name, description)
        self._function = function
        self._heard: list[dict[str, str]] = []

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        return (TextMessage,)

    async def on_messages(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> Response:
        """Answer with what the function makes of all that was said so far."""
        self._heard += [{{"source": each.source, "text": each.to_text()}} for each in messages]
        said = str({call})
        self._heard.append({{"source": self.name, "text": said}})
        return Response(chat_message=TextMessage(content=said, source=self.name))

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        """Forget what was said."""
        self._heard.clear()
'''


@dataclass(frozen=True, slots=True)
class FunctionAgent:
    """A class of the script, and the function that an agent of it is given."""

    name: str
    function: str


def function_agent(program: Program, source: str) -> FunctionAgent | None:
    """Writes the class for a function, once for all that wait and once for all others; None where no script could hold it."""
    found = asked(program, source, "self._heard")
    if found is None:
        return None
    waits = found.define != "def"
    name = "WaitingFunctionAgent" if waits else "FunctionAgent"
    given = found.call.removeprefix("await ").removeprefix(found.name)
    program.use("BaseChatAgent", "autogen_agentchat.agents")
    program.use("Response", "autogen_agentchat.base")
    program.use("BaseChatMessage", MESSAGES)
    program.use("TextMessage", MESSAGES)
    program.use("CancellationToken", "autogen_core")
    program.use("Callable", "collections.abc")
    program.use("Sequence", "collections.abc")
    program.use("Any", "typing")
    program.help(name, _AGENT.format(name=name, call=f"{'await ' if waits else ''}self._function{given}").strip())
    return FunctionAgent(name, found.name)
