"""An agent that a model speaks for: it may call tools until it has something to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator

from studio.engine.agents.agent import Agent, CallModel, ListTools, Perform, RunTools, Say, Step, Turn
from studio.engine.agents.answer import EMPTY, MISSHAPEN, events_of
from studio.engine.agents.offers import handed_by_itself, schemas_of
from studio.engine.agents.wording import filled_in
from studio.engine.component import Widget
from studio.engine.context.base import Context
from studio.engine.context.token_budget import TokenBudget
from studio.engine.errors import FlowError
from studio.engine.events import (
    MOST_ATTACHMENTS,
    Attachment,
    Event,
    HandedOff,
    MessageSaid,
    Summarised,
    ThreadEvent,
    ToolFinished,
    ToolsCalled,
)
from studio.engine.expressions import Expression
from studio.engine.guards import Guards
from studio.engine.memory.base import Memory, learnt_by, recalled_by
from studio.engine.models.base import Model, ModelReply, ModelRequest
from studio.engine.models.named_images import with_named_images
from studio.engine.tools.base import Tool
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.events import TeamOutlined
    from studio.engine.teams.team import Team


class Assistant(Agent):
    """`output` is a JSON Schema: then the answer is JSON that fits it, and `MessageSaid.data` holds it."""

    kind: ClassVar[str] = "assistant"
    title: ClassVar[str] = "Assistant"
    summary: ClassVar[str] = "A model with a role"

    system_message: Annotated[
        str,
        Field(title="System message", description="Who it is, what it does, and how it says that it is finished."),
        Widget("text", placeholder="You are a careful Python programmer …"),
    ] = "You are a helpful assistant."
    model: Annotated[Model | None, Field(title="Model", description="Without one of its own it uses the team's.")] = None
    tools: Annotated[tuple[Tool, ...], Field(title="Tools")] = ()
    memory: Annotated[tuple[Memory, ...], Field(title="Memory", description="What it knows or looks up before it speaks.")] = ()
    context: Annotated[Context, Field(title="How much it reads", description="Of a long conversation."), Widget("", advanced=True)] = (
        TokenBudget()
    )
    handoffs: Annotated[
        tuple[str, ...],
        Field(title="May hand over to", description="Names of participants, or of somebody outside such as user."),
        Widget("lines", advanced=True),
    ] = ()
    handoff_when: Annotated[
        Mapping[str, str],
        Field(title="When to hand over", description="A name, and when: what the model is told of it."),
        Widget("rows", advanced=True),
    ] = {}
    handoff_while: Annotated[
        Mapping[str, Expression],
        Field(title="May hand over only while", description="A name, and a condition such as visits > 3: the model is told of it then."),
        Widget("rows", advanced=True),
    ] = {}
    handoff_if: Annotated[
        Mapping[str, Expression],
        Field(
            title="Hands over by itself",
            description="A name, and a condition such as visits > 3: when it holds, that one goes on before the model is asked.",
        ),
        Widget("rows", advanced=True),
    ] = {}
    may_end: Annotated[
        bool,
        Field(title="May end the conversation", description="By a tool of its own, which the stop rule “Agent is done” sees."),
        Widget("", advanced=True),
    ] = False
    output: Annotated[
        Mapping[str, Any] | None,
        Field(title="Answers in this shape", description="A JSON Schema; empty: in its own words."),
        Widget("shape", advanced=True),
    ] = None
    guards: Guards = ()
    max_tool_rounds: Annotated[
        int,
        Field(title="Tool rounds", description="How often it may call tools before it must speak.", ge=1, le=100),
        Widget("", advanced=True),
    ] = 10
    after_tools: Annotated[
        Literal["answer", "results"],
        Field(title="After the last tool round", description="It answers in words; or the results themselves are its message."),
        Widget("", advanced=True),
    ] = "answer"
    named_images: Annotated[
        bool,
        Field(
            title="Sees images that texts name",
            description="“<img https://…>” in what others say is an image for its model, which the model’s server fetches.",
        ),
        Widget("", advanced=True),
    ] = False

    @field_validator("tools", mode="before")
    @classmethod
    def _functions_are_tools(cls, value: Any) -> Any:
        if isinstance(value, list | tuple) and any(not isinstance(each, Tool | Mapping) for each in value):
            from studio.engine.agents.human import Human
            from studio.engine.teams.team import Team
            from studio.engine.tools.function import as_tool
            from studio.engine.tools.team_tool import AgentTool, TeamTool

            def tool(each: Any) -> Any:
                if isinstance(each, Tool | Mapping):
                    return each
                if isinstance(each, Team | Human):
                    return TeamTool(team=each)
                return AgentTool(agent=each) if isinstance(each, Agent) else as_tool(each)

            return tuple(tool(each) for each in value)
        return value

    def next_step(self, turn: Turn) -> Step:
        if turn.model is None:
            raise FlowError(self.name, text("engine.agent.no_model"), text("engine.agent.no_model.remedy"))
        for tool in self.tools:
            if tool.must_list and tool.key not in turn.offered:
                return ListTools(tool)
        rounds = [event for event in turn.so_far if isinstance(event, ToolsCalled)]
        if rounds and (step := self._open_calls(turn, rounds[-1])) is not None:
            return step
        if (target := handed_by_itself(self, turn)) is not None:
            said = text("engine.agent.hands_over", agent=self.name, target=target)
            return Say((HandedOff(source=self.name, target=target, text=said, wordless=True),))
        if rounds and self.after_tools == "results" and len(rounds) >= self.max_tool_rounds:
            return Say((MessageSaid(source=self.name, text=_results(turn, rounds[-1]), attachments=pictures_of(turn, rounds[-1])),))
        for memory in self.memory:
            if recalled_by(memory, turn.so_far) is None and (step := memory.recall(turn, self.name)) is not None:
                return step
        if (summary := self.context.summary_due(turn, self.name)) is not None:
            return CallModel(turn.model, summary)
        # What was heard is looked at once a turn, not again after every round of calls.
        return CallModel(turn.model, self._request(turn), tuple(each for each in self.guards if each.looks_at == "said" or not rounds))

    def on_reply(self, turn: Turn, reply: ModelReply, seconds: float) -> tuple[Event, ...]:
        """Raises ModelAnswerBroken when the model answers nothing usable twice, ModelRefused when a filter withheld the answer."""
        if turn.asked is not None and turn.asked.purpose == "summary":
            upto = self.context.covers(turn)
            summary = Summarised(
                source=self.name, text=reply.text, upto=upto, model=reply.model or None, usage=reply.usage, seconds=seconds
            )
            return (summary,)
        return events_of(self, turn, reply, seconds)

    @property
    def learns(self) -> bool:
        return any(memory.learns for memory in self.memory)

    def afterwards(self, turn: Turn, said: MessageSaid) -> Perform | None:
        for memory in self.memory:
            if memory.learns and not learnt_by(memory, turn.so_far) and (step := memory.learn(turn, self.name, said.text)) is not None:
                return step
        return None

    def conversation(self, key: str) -> Team:
        from studio.engine.tools.team_tool import TalkingTool

        for tool in self.tools:
            if isinstance(tool, TalkingTool) and tool.schema_for_model().name == key:
                return tool.spoken_to
        return super().conversation(key)

    def outlined(self, made: TeamOutlined) -> Team:
        from studio.engine.tools.expert_team import ExpertTeam

        tool = next((tool for tool in self.tools if isinstance(tool, ExpertTeam)), None)
        return tool.team_for(self, made) if tool is not None else super().outlined(made)

    def may_call(self, turn: Turn) -> bool:
        """Whether it may call tools once more before it speaks."""
        return sum(isinstance(event, ToolsCalled) for event in turn.so_far) < self.max_tool_rounds

    def _open_calls(self, turn: Turn, called: ToolsCalled) -> Step | None:
        """What the calls of a round still need: who is called talks one after the other, all other calls run at the same time."""
        from studio.engine.tools.conversing import ConversingTool

        done = {event.call for event in turn.so_far if isinstance(event, ToolFinished)}
        waiting = tuple(call for call in called.calls if call.id not in done)
        conversing = {tool.schema_for_model().name: tool for tool in self.tools if isinstance(tool, ConversingTool)}
        others = tuple(call for call in waiting if call.name not in conversing or not conversing[call.name].takes(call.arguments))
        if others:
            return RunTools(others, self.tools)
        for call in waiting:
            return conversing[call.name].next_step(turn, self, call)
        return None

    def _request(self, turn: Turn) -> ModelRequest:
        extra: tuple[str, ...] = ()
        for event in turn.so_far:
            if event.type == "notice" and event.code == EMPTY:
                extra = ("Your last answer had no words in it. Please answer in words now.",)
            elif event.type == "notice" and event.code == MISSHAPEN:
                extra = (f"Your last answer did not have the shape that is asked for: {event.text} Answer once more, with JSON only.",)
        may_call = self.may_call(turn)
        return ModelRequest(
            agent=self.name,
            system=self._system(turn),
            thread=self._seen(self.context.view(turn)),
            extra=extra,
            tools=schemas_of(self, turn) if may_call else (),
            schema=self.output,
            earlier_calls=turn.model_calls,
            reads=tuple(kind for tool in self.tools for kind in tool.reads_files),
        )

    def _seen(self, thread: Sequence[ThreadEvent]) -> Sequence[ThreadEvent]:
        """The thread, with the images that others named in it where it sees them."""
        if not self.named_images:
            return thread
        return [with_named_images(event) if isinstance(event, MessageSaid) and event.source != self.name else event for event in thread]

    def _system(self, turn: Turn) -> str:
        system = filled_in(self.system_message, turn.variables)
        if not self.memory and not turn.instructions:
            return system
        parts = [system, *(turn.instructions.get(tool.key, "") for tool in self.tools if tool.must_list)]
        for memory in self.memory:
            recalled = recalled_by(memory, turn.so_far)
            parts += [memory.known(turn), memory.told(recalled) if recalled is not None else ""]
        return "\n\n".join(part for part in parts if part)


def _results(turn: Turn, called: ToolsCalled) -> str:
    """AutoGen's tool call summary: the results of the last round, a line each."""
    results = {event.call: event.output for event in turn.so_far if isinstance(event, ToolFinished)}
    return "\n".join(results.get(call.id, "") for call in called.calls)


def pictures_of(turn: Turn, called: ToolsCalled) -> tuple[Attachment, ...]:
    """What came with the results of a round, the newest of it where that is more than a message holds."""
    ids = {call.id for call in called.calls}
    found = [each for event in turn.so_far if isinstance(event, ToolFinished) and event.call in ids for each in event.attachments]
    return tuple(found[-MOST_ATTACHMENTS:])
