"""When a conversation ends, and when a person is asked: the three modes, counted per peer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from studio.classic.chat_log import record
from studio.classic.io import IOStream, show
from studio.classic.loops import Steps, drive, drive_async, of_method
from studio.classic.messages import Message, calls_in
from studio.classic.replying import ReplyingAgent
from studio.classic.speaker import Agent
from studio.engine.code.threads import in_thread
from studio.engine.events import QuestionAnswered, QuestionAsked

TERMINATE = "TERMINATE"
INTERRUPTED = "USER INTERRUPTED"
"""What a pending call is answered when a person speaks instead."""


def says_terminate(message: Mapping[str, Any]) -> bool:
    """Whether a message is exactly the word: " TERMINATE" and "done. TERMINATE" are not."""
    return message.get("content") == TERMINATE


class AskingAgent(ReplyingAgent):
    """An agent that may stand for a person."""

    MAX_CONSECUTIVE_AUTO_REPLY = 100

    def __init__(
        self,
        name: str,
        system_message: str | Sequence[str] | None,
        description: str | None,
        silent: bool | None,
        is_termination_msg: Callable[[dict[str, Any]], bool] | None,
        max_consecutive_auto_reply: int | None,
        human_input_mode: str,
    ) -> None:
        super().__init__(name, system_message, description, silent)
        if human_input_mode not in ("ALWAYS", "TERMINATE", "NEVER"):
            raise ValueError(f"human_input_mode is ALWAYS, TERMINATE or NEVER, not {human_input_mode!r}.")
        self.human_input_mode = human_input_mode
        self._is_termination_msg: Callable[[dict[str, Any]], Any] = is_termination_msg or says_terminate
        most = self.MAX_CONSECUTIVE_AUTO_REPLY if max_consecutive_auto_reply is None else max_consecutive_auto_reply
        self._most_replies: defaultdict[Any, int] = defaultdict(lambda: most)
        self._replies_in_a_row: defaultdict[Any, int] = defaultdict(int)
        self._human_input: list[str] = []

    # How often it replies by itself ------------------------------------------------------------------------------------------------

    def max_consecutive_auto_reply(self, sender: Agent | None = None) -> int:
        """How often it replies in a row without a person."""
        return self._most_replies[sender]

    def update_max_consecutive_auto_reply(self, value: int, sender: Agent | None = None) -> None:
        """Set it for one peer, or for all."""
        if sender is None:
            self._most_replies = defaultdict(lambda: value)
        else:
            self._most_replies[sender] = value

    def reset_consecutive_auto_reply_counter(self, sender: Agent | None = None) -> None:
        """Start counting anew, for one peer or for all."""
        if sender is None:
            self._replies_in_a_row.clear()
        else:
            self._replies_in_a_row[sender] = 0

    # Asking ------------------------------------------------------------------------------------------------------------------------

    def get_human_input(self, prompt: str) -> str:
        """What a person types; override it to ask elsewhere. Raises EOFError when nobody is there."""
        reply = IOStream.get_default().input(prompt)
        self._human_input.append(reply)
        return reply

    async def a_get_human_input(self, prompt: str) -> str:
        """The same without holding up the loop; an overridden `get_human_input` is asked in a thread."""
        if type(self).get_human_input is not AskingAgent.get_human_input:
            return await in_thread(lambda: self.get_human_input(prompt))
        reply = await in_thread(lambda: IOStream.get_default().input(prompt))
        self._human_input.append(reply)
        return reply

    def _ask(self, prompt: str) -> Steps[str]:
        question = record(QuestionAsked(source=self.name, text=prompt))
        reply: str = yield of_method(self.get_human_input, self.a_get_human_input, prompt)
        record(QuestionAnswered(source=self.name, question=question, text=reply or ""))
        return reply or ""

    # The first of the default reply functions ---------------------------------------------------------------------------------------

    def check_termination_and_human_reply(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: Any = None
    ) -> tuple[bool, Any]:
        """(True, None) ends the conversation, (True, message) is a person's reply, (False, None) lets the next function reply."""
        return drive(self._check_termination(messages, sender))

    async def a_check_termination_and_human_reply(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: Any = None
    ) -> tuple[bool, Any]:
        """The same in an async chat."""
        return await drive_async(self._check_termination(messages, sender))

    def _check_termination(self, messages: list[Message] | None, sender: Agent | None) -> Steps[tuple[bool, Any]]:
        if messages is None:
            messages = self._heard[sender] if sender is not None else []
        message = messages[-1] if messages else {}
        peer = sender.name if sender is not None else "the sender"
        full = self._replies_in_a_row[sender] >= self._most_replies[sender]
        reply = ""
        if self.human_input_mode == "ALWAYS":
            reply = yield from self._ask(f"{self.name}, what do you reply to {peer}? (Enter: an automatic reply; exit: the end) ")
            asked = True
            ends = not reply and bool(self._is_termination_msg(message))
        else:
            terminates = bool(self._is_termination_msg(message))
            asked = self.human_input_mode == "TERMINATE" and (full or terminates)
            if asked:
                rest = "Enter or exit: the end" if terminates else "Enter: an automatic reply; exit: the end"
                reply = yield from self._ask(f"{self.name}, what do you reply to {peer}? ({rest}) ")
                ends = terminates and not reply
            else:
                ends = full or terminates
        if ends or reply == "exit":
            self._replies_in_a_row[sender] = 0
            return True, None
        if reply or self._most_replies[sender] == 0:
            self._replies_in_a_row[sender] = 0
            if asked:
                self._about["role"] = "human"
            return True, _said_instead(message, reply)
        self._replies_in_a_row[sender] += 1
        if asked:
            show(f"({self.name} replies automatically.)")
        return False, None


def _said_instead(message: Mapping[str, Any], reply: str) -> Message:
    """A person's reply; calls that wait for a result are told that they were interrupted."""
    response: Message = {"role": "user", "content": reply}
    interrupted = []
    if function := message.get("function_call"):
        interrupted.append({"role": "function", "name": function.get("name", ""), "content": INTERRUPTED})
    interrupted += [
        {"role": "tool", "tool_call_id": call.id, "content": INTERRUPTED} for call in calls_in({"tool_calls": message.get("tool_calls")})
    ]
    return response | ({"tool_responses": interrupted} if interrupted else {})
