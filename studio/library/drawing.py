"""Lets a model of an account outline the team that a person describes, and draws it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace

from studio.engine.errors import ConveneError
from studio.engine.models.base import Account, Accounts
from studio.engine.models.connections import OPENAI_URL
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.presets import preset_at
from studio.engine.models.prices import Prices
from studio.engine.outlines.asking import Answered, NoOutline, Outlined, Progress, ask_for_outline
from studio.engine.outlines.outline import MOST_AGENTS, USUAL_AGENTS, as_form
from studio.engine.outlines.wording import change
from studio.engine.usage import NOTHING, Usage
from studio.flow.findings import Finding, Imported
from studio.flow.outlined import ModelWanted, draw_outline
from studio.flow.redrawn import Described
from studio.library.accounts import AccountRow
from studio.texts import text

LONGEST_WISH = 8_000
"""Characters of a description."""

PATIENCE = 300.0
"""Seconds for all answers together."""


def usual_model(account: Account | AccountRow) -> str:
    """The model that draws where none is named: the account's default, or what is usual at its provider; "" where neither is known."""
    preset = preset_at(account.base_url or OPENAI_URL)
    return account.default_model or (preset.model if preset is not None and not preset.local else "")


def usual_models(accounts: Iterable[AccountRow]) -> dict[str, str]:
    """By the names of accounts, the models that draw where none is named."""
    return {account.name: usual_model(account) for account in accounts}


Tell = Callable[[Progress], Awaitable[None]]


class WishUnusable(ConveneError):
    """A description that is empty or too long."""

    code = "wish_unusable"

    def __init__(self, length: int) -> None:
        key = "draw.wish_missing" if not length else "draw.wish_long"
        super().__init__(text(key, count=f"{length:,}", limit=f"{LONGEST_WISH:,}"), text(f"{key}.remedy"))


class NobodyDraws(ConveneError):
    """No model account is there; the practice model plays what was written for it and can draw nothing."""

    code = "nobody_draws"

    def __init__(self) -> None:
        super().__init__(text("draw.nobody"), text("draw.nobody.remedy"))


class DrawingTooSlow(ConveneError):
    code = "drawing_too_slow"

    def __init__(self) -> None:
        super().__init__(text("draw.slow", seconds=f"{PATIENCE:.0f}"), text("draw.slow.remedy"))


class FlowOvertaken(ConveneError):
    """Somebody changed a flow while a model thought about changing it."""

    code = "flow_overtaken"

    def __init__(self) -> None:
        super().__init__(text("redraw.overtaken"), text("redraw.overtaken.remedy"))


class NothingChanged(ConveneError):
    """A model left a team as it was."""

    code = "nothing_changed"

    def __init__(self, model: str) -> None:
        super().__init__(text("redraw.nothing", model=model), text("redraw.nothing.remedy"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be drawn: the description, the account and the model that outline it ("" takes the account's default), how many agents.

    The agents get the same model; `agents_account` is theirs where the other one is not kept.
    """

    wish: str
    account: str
    model: str = ""
    most: int = USUAL_AGENTS
    agents_account: str = ""


@dataclass(slots=True)
class TeamDrawing:
    """A drawing while it is made. `answers` are those of the model so far, with their prices: they were paid for, come what may.

    With `was` a flow that is there is changed; `imported` is a new one. `outcome` says in a sentence what came of it.
    """

    wanted: Wanted
    was: Described | None = None
    answers: list[Answered] = field(default_factory=list)
    imported: Imported | None = None
    outcome: str = ""

    @property
    def usage(self) -> Usage:
        return sum((answer.usage for answer in self.answers), NOTHING)

    @property
    def model(self) -> str:
        return next((answer.model for answer in reversed(self.answers) if answer.model), self.wanted.model)


async def draw(drawing: TeamDrawing, accounts: Accounts, prices: Prices, tell: Tell) -> Imported:
    """The flow that a drawing comes to. `tell` hears how it goes on. Raises what `ask` raises."""
    found, model = await ask(drawing, accounts, prices, tell)
    wanted = drawing.wanted
    by = text("draw.report.form", model=drawing.model or wanted.account)
    imported = draw_outline(found.outline, ModelWanted(wanted.agents_account or wanted.account, model), found.changes, by)
    report = imported.report
    drawing.imported = replace(imported, report=replace(report, findings=(*report.findings, _cost(drawing.usage))))
    return drawing.imported


async def ask(drawing: TeamDrawing, accounts: Accounts, prices: Prices, tell: Tell) -> tuple[Outlined, str]:
    """The outline that the model gives, and the model to name for the agents ("": the account's default).

    Raises WishUnusable, NobodyDraws, AccountMissing, NoOutline, OutlineDeclined, OutlineEndless, DrawingTooSlow and ModelError.
    """
    wanted = drawing.wanted
    if not wanted.wish.strip() or len(wanted.wish) > LONGEST_WISH:
        raise WishUnusable(len(wanted.wish.strip()))
    if not wanted.account:
        raise NobodyDraws
    client, model = None, wanted.model
    found: Outlined | None = None
    try:
        async with asyncio.timeout(PATIENCE):
            account = await asyncio.to_thread(accounts.account, wanted.account)
            model = wanted.model or usual_model(account)
            client = OpenAIModel(account=account.name, model=model).connect(_Only(account))
            most = max(1, min(wanted.most, MOST_AGENTS))
            async for piece in ask_for_outline(client, _told(drawing), drawing.answers, most):
                if isinstance(piece, Outlined):
                    found = piece
                else:
                    await tell(piece)
    except TimeoutError:
        raise DrawingTooSlow from None
    finally:
        drawing.answers[:] = [_priced(answer, prices, model) for answer in drawing.answers]
        if client is not None:
            await client.close()
    if found is None:
        raise NoOutline(drawing.model, text("draw.nothing"), len(drawing.answers))
    # The account's own default may change later, and the agents follow; any other one is named.
    return found, "" if model == account.default_model else model


def _told(drawing: TeamDrawing) -> str:
    """What the model is told: the description, or the team that is there and how it is to change."""
    wish = drawing.wanted.wish.strip()
    if drawing.was is None:
        return wish
    return change(json.dumps(as_form(drawing.was.outline), ensure_ascii=False, indent=1), wish)


@dataclass(frozen=True, slots=True)
class _Only:
    """The one account that is asked, which was opened already."""

    the: Account

    def account(self, name: str) -> Account:
        return self.the


def _cost(usage: Usage) -> Finding:
    tokens = f"{usage.total_tokens:,}"
    key = "draw.report.cost.unknown" if usage.cost is None else "draw.report.cost"
    return Finding("exact", "outline_cost", text(key, tokens=tokens, money=f"${usage.cost or 0:.4f}"))


def _priced(answer: Answered, prices: Prices, asked: str) -> Answered:
    """An answer with its cost by the price table, where its server did not say it."""
    usage = answer.usage
    if usage.cost is not None:
        return answer
    cost = prices.cost(answer.model or asked, usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens)
    return answer if cost is None else replace(answer, usage=usage.model_copy(update={"cost": cost}))
