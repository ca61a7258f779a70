"""Our own engine, measured as the peers are."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import ClassVar

from workload import SYSTEM, TASK, main

os.environ.setdefault("OPENAI_API_KEY", "k")


def _team(base_url: str, names: Sequence[str], turns: int):
    from studio.engine import Assistant, OpenAIModel, Team

    os.environ["OPENAI_BASE_URL"] = base_url
    return Team(
        participants=[Assistant(name=name, system_message=SYSTEM) for name in names], model=OpenAIModel(model="talker"), max_turns=turns
    )


async def talk(base_url: str, agents: Sequence[str], turns: int) -> int:
    from studio.engine import run

    result = await run(_team(base_url, agents, turns), TASK)
    assert result.status == "done", result.stop_reason
    return len(result.messages) - 1


async def chosen(base_url: str, agents: Sequence[str], turns: int) -> int:
    from studio.engine import Assistant, ModelChoice, OpenAIModel, Team, run

    os.environ["OPENAI_BASE_URL"] = base_url
    talker, chooser = OpenAIModel(model="talker"), OpenAIModel(model="chooser")
    people = [Assistant(name=name, description="Takes part.", system_message=SYSTEM, model=talker) for name in agents]
    result = await run(Team(participants=people, selection=ModelChoice(allow_repeat=True), model=chooser, max_turns=turns), TASK)
    assert result.status == "done", result.stop_reason
    return len(result.messages) - 1


async def alone(agents: Sequence[str], turns: int) -> list[float]:
    """The moments at which messages were said, with a model that answers at once and the whole log kept."""
    from studio.engine import Assistant, Team, run
    from studio.engine.models.base import Accounts, Delta, Model, ModelReply, ModelRequest

    class Instant(Model):
        kind: ClassVar[str] = "instant"

        def connect(self, accounts: Accounts) -> Answers:
            return Answers()

    class Answers:
        async def stream(self, request: ModelRequest) -> AsyncIterator[Delta | ModelReply]:
            yield Delta("said")
            yield ModelReply(text="said", model="gpt-4o")

        async def close(self) -> None:
            pass

    result = await run(Team(participants=[Assistant(name=name) for name in agents], model=Instant(), max_turns=turns), TASK)
    return [message.time.timestamp() for message in result.messages[1:]]


async def idle(conversations: int) -> float:
    """Kilobytes that a conversation holds which waits for a person: its team and its log."""
    from studio.engine import Assistant, Human, PracticeModel, Team, run

    def resident() -> float:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024

    async def waiting() -> object:
        team = Team(participants=[Assistant(name="ann", system_message=SYSTEM), Human(name="bob")], model=PracticeModel(words_per_second=0))
        result = await run(team, TASK)
        assert result.status == "waiting", result.stop_reason
        return team, result

    held = [await waiting() for _ in range(50)]
    before = resident()
    held += [await waiting() for _ in range(conversations)]
    return (resident() - before) / conversations


if __name__ == "__main__":
    main(globals(), "studio.engine:Assistant,Human,OpenAIModel,RoundRobin,Team,MaxMessages,TextMention,run")
