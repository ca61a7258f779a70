"""What guests are told when something cannot be done: a sentence, a stable code and a status of HTTP."""

from __future__ import annotations

from studio.engine.errors import ConveneError
from studio.texts import text

_STATUS = {
    "no_token": 401,
    "wrong_host": 421,
    "wrong_origin": 403,
    "not_found": 404,
    "no_such_run": 404,
    "no_such_conversation": 404,
    "no_such_model": 404,
    "method": 405,
    "not_json": 400,
    "input": 422,
    "unsupported": 400,
    "slow": 408,
    "still_busy": 409,
    "went_on": 409,
    "for_the_owner": 409,
    "no_question": 409,
    "too_large": 413,
    "too_often": 429,
    "too_many_at_once": 429,
    "too_many_wrong": 429,
    "all_spent": 429,
    "all_set_aside": 429,
    "closed": 404,
    "no_price": 503,
    "cannot_run": 503,
    "unfinished": 502,
    "broken": 500,
    "mcp_missing": 501,
}


class GuestRefused(ConveneError):
    """`why` is a key of the message catalogue under `guest.`; `status` is the one of HTTP; after `wait` seconds it may be tried again."""

    def __init__(self, why: str, *, wait: int | None = None, **facts: object) -> None:
        super().__init__(text(f"guest.{why}", **facts))
        self.code = why
        self.status = _STATUS[why]
        self.wait = wait

    @property
    def headers(self) -> dict[str, str]:
        """What goes with the refusal."""
        told = {} if self.wait is None else {"Retry-After": str(self.wait)}
        return told | {"WWW-Authenticate": "Bearer"} if self.status == 401 else told
