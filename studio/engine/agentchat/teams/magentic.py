"""AgentChat's team that a model plans: Magentic-One's orchestrator over the engine's planner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from studio.engine.agentchat.core.models import ChatCompletionClient
from studio.engine.agentchat.teams.base import BaseGroupChat
from studio.engine.events import RunFinished
from studio.engine.teams.planner import ANSWER, Planner
from studio.engine.teams.selection import Selection

if TYPE_CHECKING:
    from studio.engine.agentchat.running import Run

ORCHESTRATOR = "MagenticOneOrchestrator"
"""Who speaks for the plan."""


class MagenticOneGroupChat(BaseGroupChat):
    """Facts, a plan, reports of the progress, a new plan when it stalls, and the answer."""

    NAME: ClassVar[str] = "MagenticOneGroupChat"

    def __init__(
        self,
        participants: Sequence[Any],
        model_client: ChatCompletionClient,
        *,
        termination_condition: Any = None,
        max_turns: int | None = 20,
        max_stalls: int = 3,
        final_answer_prompt: str = ANSWER,
        **options: Any,
    ) -> None:
        super().__init__(participants, termination_condition=termination_condition, max_turns=max_turns, **options)
        self._client, self._stalls, self._prompt = model_client, max_stalls, final_answer_prompt
        self._name = ORCHESTRATOR

    def model(self) -> Any:
        return self._client.component()

    def selection(self, run: Run | None) -> Selection:
        prompt = self._prompt
        if "{task}" in prompt and run is not None:
            prompt = prompt.replace("{task}", "\n".join(message.to_model_text() for message in run.task))
        return Planner(max_rounds=min(self._max_turns or 1_000, 1_000), max_stalls=max(1, self._stalls), answer_prompt=prompt)

    def own_reason(self, finished: RunFinished, run: Run) -> str:
        """AgentChat's: what the last report says of the request, or that the rounds are used up."""
        if finished.by != Planner.kind:
            return finished.stop_reason
        report = run.last_ledger
        satisfied = report is not None and report.data is not None and report.data.get("is_request_satisfied") is True
        if not satisfied or report is None:
            return "Max rounds reached."
        return report.text or finished.stop_reason
