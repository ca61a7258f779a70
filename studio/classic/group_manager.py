"""The agent through whom a group talks: it hands every message on and lets the next one speak."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from studio.classic.conversable import ConversableAgent
from studio.classic.group_chat import GroupChat, GroupUnusable, NoEligibleSpeaker
from studio.classic.group_selection import select_speaker
from studio.classic.io import show
from studio.classic.loops import Steps, drive, drive_async, of_method
from studio.classic.messages import Message
from studio.classic.speaker import Agent
from studio.texts import text

_CLEAR = re.compile(r"CLEAR HISTORY\b[ \t]*(?P<words>(?:[\w-]+[.,]?[ \t]*){0,2})", re.IGNORECASE)


class GroupChatManager(ConversableAgent):
    """Whoever talks to it talks to the group. Raises GroupUnusable when its model is offered tools, which it could not run."""

    def __init__(
        self,
        groupchat: GroupChat,
        name: str | None = "chat_manager",
        max_consecutive_auto_reply: int | None = sys.maxsize,
        human_input_mode: str = "NEVER",
        system_message: str | Sequence[str] | None = "Group chat manager.",
        silent: bool = False,
        **options: Any,
    ) -> None:
        config = options.get("llm_config")
        if isinstance(config, Mapping) and (config.get("tools") or config.get("functions")):
            raise GroupUnusable(text("classic.group.manager_runs_none"), text("classic.group.manager_runs_none.remedy"))
        self._groupchat = groupchat
        self._last_speaker: Agent | None = None
        super().__init__(
            name or "chat_manager",
            max_consecutive_auto_reply=max_consecutive_auto_reply,
            human_input_mode=human_input_mode,
            system_message=system_message,
            **options,
        )
        self._group_silent = silent
        own = GroupChatManager
        self.register_reply(Agent, own.run_chat, twin=own.a_run_chat)

    def reset(self) -> None:
        """Forget everything, the group's conversation as well."""
        super().reset()
        self._groupchat.reset()

    @property
    def groupchat(self) -> GroupChat:
        return self._groupchat

    @property
    def last_speaker(self) -> Agent | None:
        """Who really said what the manager hands on."""
        return self._last_speaker

    def chat_messages_for_summary(self, agent: Agent) -> list[Message]:
        """The whole group's conversation."""
        return self._groupchat.messages

    def _prepare_chat(self, recipient: Any, clear_history: bool, prepare_recipient: bool = True, reply_at_receive: bool = True) -> None:
        super()._prepare_chat(recipient, clear_history, prepare_recipient, reply_at_receive)
        if clear_history:
            self._groupchat.reset()
        for agent in self._groupchat.agents:
            if agent is not recipient or prepare_recipient:
                agent._prepare_chat(self, clear_history, False, reply_at_receive)

    def _refuse_async_replies(self) -> None:
        super()._refuse_async_replies()
        for agent in self._groupchat.agents:
            if agent is not self:
                agent._refuse_async_replies()

    def _record_said(self, message: Any) -> None:
        """What it hands on is in the log already, from its speaker."""
        self._about.clear()

    # The conversation -------------------------------------------------------------------------------------------------------------------

    def run_chat(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: GroupChat | None = None
    ) -> tuple[bool, None]:
        """Let the group talk about the last message until somebody ends it or the rounds are used up."""
        return drive(self._run_group(messages, sender, config or self._groupchat))

    async def a_run_chat(
        self, messages: list[Message] | None = None, sender: Agent | None = None, config: GroupChat | None = None
    ) -> tuple[bool, None]:
        """The same in an async chat."""
        return await drive_async(self._run_group(messages, sender, config or self._groupchat))

    def _run_group(self, messages: list[Message] | None, sender: Agent | None, group: GroupChat) -> Steps[tuple[bool, None]]:
        if sender is None:
            raise GroupUnusable(text("classic.group.nobody_began"))
        message = (self._heard[sender] if messages is None else messages)[-1]
        speaker: Any = sender
        if group.send_introductions:
            for agent in group.agents:
                yield of_method(self.send, self.a_send, group.introductions_msg(), agent, request_reply=False, silent=True)
        for number in range(group.max_round):
            self._last_speaker = speaker
            if message.get("role") != "function":
                message = {**message, "name": speaker.name}
            group.append(message, speaker)
            for agent in group.agents:
                if agent is not speaker:
                    yield of_method(self.send, self.a_send, message, agent, request_reply=False, silent=True)
            if self._is_termination_msg(message) or number == group.max_round - 1:
                break
            try:
                speaker = yield from select_speaker(group, speaker, self)
                reply = yield from self._reply_of(speaker, group)
            except KeyboardInterrupt:
                admin = group.agent_by_name(group.admin_name)
                if admin is None:
                    raise
                speaker = admin
                reply = yield of_method(speaker.generate_reply, speaker.a_generate_reply, sender=self)
            except NoEligibleSpeaker as ended:
                self._notice(ended.sentence, ended.code)
                break
            if reply is None:
                break
            if group.enable_clear_history:
                reply = self._cleared(reply, group)
            yield of_method(speaker.send, speaker.a_send, reply, self, request_reply=False, silent=self._group_silent)
            message = self._heard[speaker][-1]
        return True, None

    def _reply_of(self, speaker: Any, group: GroupChat) -> Steps[Any]:
        """What somebody says; in a group by pattern what its guards leave of it."""
        if group.on_guard is None or not (speaker.input_guardrails or speaker.output_guardrails):
            reply = yield of_method(speaker.generate_reply, speaker.a_generate_reply, sender=self)
            return reply
        from studio.classic.guardrails import fired

        found = yield from fired(speaker.input_guardrails, speaker.chat_messages[self])
        if found is None:
            reply = yield of_method(speaker.generate_reply, speaker.a_generate_reply, sender=self)
            if reply is None:
                return None
            found = yield from fired(speaker.output_guardrails, reply)
        about = getattr(speaker, "_about", {})
        thoughts = about.pop("reasoning", "")  # what is kept back is so with the thoughts that led to it
        if found is None:
            at = (yield from fired(speaker.output_guardrails, thoughts)) if thoughts else None
            if at is not None:
                self._notice(f"The guard {at.guardrail.name} of {speaker.name} fired at its thoughts, which are left out.", "guard")
            elif thoughts:
                about["reasoning"] = thoughts
            return reply
        self._notice(f"The guard {found.guardrail.name} of {speaker.name} fired.", "guard")
        group.on_guard(found.guardrail.target)
        return found.reply

    def _cleared(self, reply: Any, group: GroupChat) -> Any:
        """The reply without the words CLEAR HISTORY [agent] [how many to keep], after doing what they say."""
        content = reply.get("content") if isinstance(reply, Mapping) else reply
        found = _CLEAR.search(content) if isinstance(content, str) else None
        if found is None:
            return reply
        whose: Any = None
        kept: int | None = None
        end = found.start("words")
        for word in re.finditer(r"[\w-]+[.,]?", found["words"]):
            bare = word[0].rstrip(".,")
            if bare.isdecimal() and kept is None:
                kept = int(bare)
            elif whose is None and group.agent_by_name(bare) is not None:
                whose = group.agent_by_name(bare)
            else:
                break
            end = found.start("words") + word.end()
        if isinstance(reply, Mapping) and reply.get("tool_responses"):
            kept = kept or 1
        for agent in [whose] if whose is not None else group.agents:
            agent.clear_history(nr_messages_to_preserve=kept)
        if whose is None:
            group.messages[:] = group.messages[-kept:] if kept else []
        rest = (content[: found.start()] + content[end:]).strip()  # type: ignore[index]
        return {**reply, "content": rest} if isinstance(reply, Mapping) else rest

    # Going on with an earlier conversation ----------------------------------------------------------------------------------------------

    def resume(
        self,
        messages: list[Message] | str,
        remove_termination_string: str | Callable[[str], str] | None = None,
        silent: bool | None = False,
    ) -> tuple[Any, Message]:
        """Tell everybody what was said before, but for the last message; returns who said that, and the message.

        Go on with last_agent.initiate_chat(manager, message=last_message, clear_history=False).
        Raises GroupUnusable for no messages and for speakers who are not in the group.
        """
        return drive(self._take_up(messages, remove_termination_string, silent))

    async def a_resume(
        self,
        messages: list[Message] | str,
        remove_termination_string: str | Callable[[str], str] | None = None,
        silent: bool | None = False,
    ) -> tuple[Any, Message]:
        """The same in an async program."""
        return await drive_async(self._take_up(messages, remove_termination_string, silent))

    def messages_from_string(self, message_string: str) -> list[Message]:
        """Messages from JSON. Raises GroupUnusable for what is no list of messages."""
        try:
            found = json.loads(message_string)
        except (ValueError, RecursionError) as mistake:
            raise GroupUnusable(text("classic.group.messages_no_json", error=mistake)) from None
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise GroupUnusable(text("classic.group.messages_no_list"))
        return found

    def messages_to_string(self, messages: list[Message]) -> str:
        """Messages as JSON, for `resume`."""
        return json.dumps(messages, ensure_ascii=False)

    def _take_up(
        self, given: list[Message] | str, remove: str | Callable[[str], str] | None, silent: bool | None
    ) -> Steps[tuple[Any, Message]]:
        messages = self.messages_from_string(given) if isinstance(given, str) else [dict(each) for each in given]
        group = self._groupchat
        if not messages:
            raise GroupUnusable(text("classic.group.nothing_to_resume"), text("classic.group.nothing_to_resume.remedy"))
        for said in messages:
            known = {*group.agent_names, group.admin_name, self.name}
            if said.get("name") and said["name"] not in known:
                raise GroupUnusable(text("classic.group.outside", agent=said["name"]))
            said.setdefault("name", self.name)
        for agent in (*group.agents, self):
            agent.clear_history()
        group.reset()
        last = messages[-1]
        for said in messages[:-1]:
            for agent in group.agents:
                if agent.name == said["name"]:
                    agent._keep(said, "assistant", self, agent)
                else:
                    yield of_method(self.send, self.a_send, said, agent, request_reply=False, silent=True)
            group.append(said, group.agent_by_name(said["name"]) or self)
        if remove is not None and isinstance(last.get("content"), str):
            last["content"] = remove(last["content"]) if callable(remove) else last["content"].replace(remove, "")
        if self._is_termination_msg(last):
            show("(The last message ends the conversation: give remove_termination_string to go on.)")
        if not silent:
            show(f"({len(messages)} messages were taken up; {last['name']} spoke last.)")
        group.send_introductions = False
        return group.agent_by_name(last["name"]) or self, last
