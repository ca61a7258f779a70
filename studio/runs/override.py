"""The team of a run: its drawing resolved, with another model for every agent and with limits where the run asks for them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from studio.engine.component import Component
from studio.engine.conditions.condition import Condition
from studio.engine.conditions.money_limit import MoneyLimit
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.errors import AccountMissing
from studio.engine.models.base import Account, Accounts, Model
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.teams.team import Team
from studio.flow.document import FlowDocument
from studio.flow.resolve import resolve
from studio.runs.errors import RunRefused
from studio.runs.rows import Options

GIVEN = "--base-url"
"""The name of the account that a base URL makes; no stored account can be called so by accident."""


class GivenAddress:
    """The accounts of the studio, and one more: the base URL of this run, with the key from OPENAI_API_KEY if there is one."""

    def __init__(self, accounts: Accounts, base_url: str) -> None:
        self._accounts = accounts
        self._base_url = base_url

    def account(self, name: str) -> Account:
        """Raises AccountMissing."""
        if name != GIVEN:
            return self._accounts.account(name)
        key, default_model = os.environ.get("OPENAI_API_KEY", "").strip() or None, os.environ.get("OPENAI_MODEL", "").strip()
        if key is None:
            # A stored key goes to the server that it was entered for and to no other.
            try:
                stored = self._accounts.account("openai")
            except AccountMissing:
                stored = None
            if stored is not None and (stored.base_url or "").rstrip("/") == self._base_url.rstrip("/"):
                key, default_model = stored.key, default_model or stored.default_model
        return Account(GIVEN, self._base_url, key, default_model=default_model)


class ModelUnnamed(RunRefused):
    """An address was given for models that have no name there."""

    code = "model_unnamed"

    def __init__(self, base_url: str) -> None:
        super().__init__("model_unnamed", url=base_url)


def check_named(team: Team, accounts: GivenAddress) -> None:
    """Raises ModelUnnamed where nobody says which model of the given address is meant."""
    given = accounts.account(GIVEN)
    if not given.default_model and any(
        getattr(model, "account", "") == GIVEN and not getattr(model, "model", "") for model in _models(team)
    ):
        raise ModelUnnamed(given.base_url or "")


def _models(value: Any) -> Iterator[Model]:
    match value:
        case Model():
            yield value
        case Component():
            for name in type(value).model_fields:
                yield from _models(getattr(value, name))
        case tuple():
            for item in value:
                yield from _models(item)


def team_of(document: FlowDocument, options: Options) -> Team:
    """The team that a run runs. Raises FlowError."""
    return with_limits(with_model(resolve(document), options.model, options.base_url), options.money, options.seconds)


def with_limits(team: Team, money: float | None, seconds: float | None) -> Team:
    """The team that also stops when so many US dollars are spent, or after so many seconds without those of people."""
    limits: list[Condition] = []
    if money is not None:
        limits.append(MoneyLimit(dollars=money))
    if seconds is not None:
        limits.append(TimeLimit(seconds=seconds))
    for limit in limits:
        team = team.replace(stop=limit if team.stop is None else team.stop | limit)
    return team


def with_model(team: Team, model: str | None, base_url: str | None) -> Team:
    """The team with this model in the place of every model in it; what else a model was told (its temperature …) stays.

    Without a model's name each keeps its own; without an address each keeps its account and its protocol. An address is one of
    the OpenAI protocol.
    """
    if not model and not base_url:
        return team

    def other(old: Model | None) -> Model:
        changes: dict[str, Any] = ({"model": model} if model else {}) | ({"account": GIVEN} if base_url else {})
        if isinstance(old, OpenAIModel):
            return old.replace(**changes)
        if not base_url and old is not None and {"model", "account"} <= type(old).model_fields.keys():
            return old.replace(model=model)
        if base_url and not model and old is not None and "account" in type(old).model_fields:
            changes["model"] = getattr(old, "model", "")
        return OpenAIModel(**changes)

    seen: dict[int, Model] = {}

    def replaced(value: Any) -> Any:
        match value:
            case Model():
                return seen.setdefault(id(value), other(value))
            case Component():
                parts = {name: getattr(value, name) for name in type(value).model_fields}
                changes = {name: new for name, part in parts.items() if (new := replaced(part)) is not part}
                return value.replace(**changes) if changes else value
            case tuple() if any(isinstance(item, Component) for item in value):
                items = tuple(replaced(item) for item in value)
                return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
            case Mapping() | _:
                return value

    changed: Team = replaced(team)
    return changed if changed.model is not None else changed.replace(model=other(None))
