"""What a conversation costs: tokens, calls and money, added up."""

from __future__ import annotations

from operator import not_

from pydantic import BaseModel, ConfigDict, Field


class Usage(BaseModel):
    """Tokens of one or several model calls. `cost` is in US dollars, None where no price is known for the model.

    `remembered` is how many of the calls a cache answered, which cost nothing; `estimated` is set where a server did not count the
    tokens of a call, so that they are reckoned from its text. Of a sum, `unpriced` is how many calls have no known price: they are
    not in `cost`, which is at least what was spent.
    """

    model_config = ConfigDict(frozen=True)

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    calls: int = 0
    cost: float | None = None
    remembered: int = Field(default=0, exclude_if=not_)
    estimated: bool = Field(default=False, exclude_if=not_)
    unpriced: int = Field(default=0, exclude_if=not_)

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    @property
    def without_price(self) -> int:
        """How many of the calls have no known price, also where that is all of them."""
        return self.calls if self.cost is None else self.unpriced

    def costing(self, cost: float) -> Usage:
        """The same usage at a price, which it had none of."""
        return Usage(
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cached_tokens=self.cached_tokens,
            calls=self.calls,
            cost=cost,
            remembered=self.remembered,
            estimated=self.estimated,
        )

    def __add__(self, other: Usage) -> Usage:
        cost = None if self.cost is None and other.cost is None else (self.cost or 0.0) + (other.cost or 0.0)
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            calls=self.calls + other.calls,
            cost=cost,
            remembered=self.remembered + other.remembered,
            estimated=self.estimated or other.estimated,
            unpriced=0 if cost is None else self.without_price + other.without_price,
        )


NOTHING = Usage()
