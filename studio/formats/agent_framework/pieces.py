"""The parts of a program for Agent Framework that do not depend on the flow: how a talk is shown, and who speaks without a model."""

from __future__ import annotations

TALK = """async def talk(workflow: Workflow, task: str) -> None:
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\\n{event.executor_id}: {said.text}")"""
"""The names that it wants: Workflow and AgentExecutorResponse."""

TALK_KEPT = '''async def talk(workflow: Workflow, task: str) -> list[Message]:
    """Let a team work on a task, show what is said, and return it."""
    conversation: list[Message] = []
    async for event in workflow.run(task, stream=True):
        match event.type, event.data:
            case "executor_completed", [AgentExecutorResponse(agent_response=said), *_]:
                print(f"\\n{event.executor_id}: {said.text}")
                words = [each.text for each in said.messages[-1:]]
                conversation.append(Message("assistant", words, author_name=event.executor_id))
    return conversation'''
"""The same, for programs in which a team talks within another one; it wants Message as well."""

TALK_PLANNED = '''async def work(workflow: Workflow, task: str) -> None:
    """Let the team work on a task, and show what is said and the answer."""
    speaker = ""
    async for event in workflow.run(task, stream=True):
        if event.type in ("intermediate", "output") and isinstance(event.data, AgentResponseUpdate):
            if event.data.text and event.executor_id != speaker:
                speaker = str(event.executor_id)
                print(f"\\n\\n{speaker}: ", end="")
            print(event.data.text, end="", flush=True)
    print()'''
"""The same for a plan; it wants Workflow and AgentResponseUpdate."""

SPEAKER = '''class Speaker(BaseAgent):
    """Somebody who answers by a function of what was said since the last answer."""

    def __init__(self, name: str, description: str, answer: Callable[[list[Message]], Awaitable[str]]) -> None:
        super().__init__(name=name, description=description)
        self.answer = answer

    def run(self, messages: Any = None, *, stream: bool = False, **options: Any) -> Any:
        async def words() -> AsyncIterator[AgentResponseUpdate]:
            text = await self.answer(list(messages or ()))
            yield AgentResponseUpdate(contents=[Content.from_text(text)], role="assistant", author_name=self.name)

        said = ResponseStream(words(), finalizer=AgentResponse.from_updates)
        return said if stream else said.get_final_response()'''
SPEAKER_NAMES = {
    "agent_framework": ("AgentResponse", "AgentResponseUpdate", "BaseAgent", "Content", "Message", "ResponseStream"),
    "collections.abc": ("AsyncIterator", "Awaitable", "Callable"),
    "typing": ("Any",),
}

HAND_OVER = '''@function_middleware
async def hand_over(context: FunctionInvocationContext, call_next: Callable[[], Awaitable[None]]) -> None:
    """End the turn when the conversation is handed over."""
    await call_next()
    if context.function.name.startswith("transfer_to_"):
        raise MiddlewareTermination(result=context.result)'''
STOP_AFTER = '''@function_middleware
async def stop_after(context: FunctionInvocationContext, call_next: Callable[[], Awaitable[None]]) -> None:
    """End the turn, and with it the conversation, when the tool was called that ends it."""
    ends = not last_tools or context.function.name in last_tools
    try:
        await call_next()
    except Exception as mistake:
        if not ends:
            raise
        context.result = f"Error: {mistake}"
    if ends:
        called_tools.append(context.function.name)
        raise MiddlewareTermination(result=context.result)'''
"""It wants the lists `last_tools`, empty for any tool, and `called_tools`, and the names of HAND_OVER_NAMES."""

COUNT_TOKENS = '''@agent_middleware
async def count_tokens(context: AgentContext, call_next: Callable[[], Awaitable[None]]) -> None:
    """Add up the tokens that all agents use."""

    def add(response: AgentResponse) -> None:
        for kind, count in (response.usage_details or {}).items():
            if isinstance(count, int):
                used_tokens[kind] = used_tokens.get(kind, 0) + count

    context.stream_result_hooks.append(add)
    await call_next()'''
"""It wants the dictionary `used_tokens`."""
COUNT_TOKENS_NAMES = {
    "agent_framework": ("AgentContext", "AgentResponse", "agent_middleware"),
    "collections.abc": ("Awaitable", "Callable"),
}

HAND_OVER_NAMES = {
    "agent_framework": ("FunctionInvocationContext", "MiddlewareTermination", "function_middleware"),
    "collections.abc": ("Awaitable", "Callable"),
}

SAY_RESULTS = '''@function_middleware
async def end_with_tools(context: FunctionInvocationContext, call_next: Callable[[], Awaitable[None]]) -> None:
    """End the turn when the tools were called, also where one failed."""
    try:
        await call_next()
    except Exception as mistake:
        context.result = f"Error: {mistake}"
    raise MiddlewareTermination(result=context.result)


@agent_middleware
async def say_results(context: AgentContext, call_next: Callable[[], Awaitable[None]]) -> None:
    """What the tools gave is the answer, where they were called."""

    def said(response: AgentResponse) -> AgentResponse:
        contents = [content for message in response.messages for content in message.contents]
        results = [str(content.result) for content in contents if content.type == "function_result"]
        if results:
            response.messages.append(Message("assistant", ["\\n".join(results)], author_name=context.agent.name))
        return response

    context.stream_result_hooks.append(said)
    await call_next()'''
SAY_RESULTS_NAMES = {
    "agent_framework": ("AgentContext", "AgentResponse", "Message", "agent_middleware", *HAND_OVER_NAMES["agent_framework"]),
    "collections.abc": ("Awaitable", "Callable"),
}
