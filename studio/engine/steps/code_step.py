"""Running code blocks: consent where there is no sandbox, the intent into the log, the output as it comes, the result."""

from __future__ import annotations

from studio.engine.agents.agent import RunCode
from studio.engine.decide import Due
from studio.engine.events import CodeFinished, CodeStarted, OutputDelta, Working
from studio.engine.steps.workplace import Workplace
from studio.texts import text


async def run_code(work: Workplace, due: Due, step: RunCode) -> None:
    source, scope = due.source, due.talk.scope
    code = "\n\n".join(block.code for block in step.blocks)
    match await work.consent_to_code(due, step.executor, code):
        case "asked":
            return
        case "refused":
            refusal = text("engine.code.not_approved_here")
            await work.writer.append(scope, CodeFinished(source=source, exit_code=1, output=refusal, refused=True))
            return
        case "given":
            pass
    session = work.session(step.executor)
    await work.writer.append(scope, CodeStarted(source=source, blocks=step.blocks, where=session.where))
    work.show(Working(source=source, scope=scope, what="code"))
    result = await session.execute(step.blocks, lambda printed: work.show(OutputDelta(source=source, scope=scope, text=printed)))
    await work.writer.append(
        scope,
        CodeFinished(
            source=source,
            exit_code=result.exit_code,
            output=result.output,
            where=session.where,
            files=result.files,
            seconds=round(result.seconds, 3),
        ),
    )
