"""Flows that are open to others: one address a flow, a token that is shown once, and terms that every guest's run keeps."""

from __future__ import annotations

import hashlib
import json
import math
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session, select

from studio.engine.errors import ConveneError
from studio.library.errors import FlowMissing
from studio.store.database import Database
from studio.store.tables import FlowRow, ShareRow, now
from studio.texts import text

MOST_MONEY = 10_000.0
"""US dollars that a limit may name."""

MOST_SECONDS = 86_400.0
MOST_AT_ONCE = 100
MOST_A_MINUTE = 600
MOST_ORIGINS = 20


class TermsRefused(ConveneError):
    """Terms that cannot hold; `field` names the one. `why` is a key of the message catalogue under `share.`."""

    code = "terms"

    def __init__(self, field: str, why: str, **facts: object) -> None:
        super().__init__(text(f"share.{why}", **facts), text(f"share.{why}.remedy", **facts))
        self.field = field


class ShareMissing(ConveneError):
    code = "share_missing"

    def __init__(self) -> None:
        super().__init__(text("share.missing"))


@dataclass(frozen=True, slots=True)
class Terms:
    """What guests may use. `money` in US dollars and `seconds` are for one run, `in_all` in US dollars for all runs together.

    `at_once` is how many runs may compute at the same time, `per_minute` how many may be started; `origins` are the web sites
    (scheme, name and port) whose pages may call.
    """

    money: float | None = None
    seconds: float | None = None
    in_all: float | None = None
    at_once: int = 4
    per_minute: int = 30
    origins: tuple[str, ...] = ()


OFFERED = Terms(money=0.5, seconds=300.0, in_all=10.0)
"""What the studio proposes when a flow is opened to others."""


@dataclass(frozen=True, slots=True)
class Share:
    """`hint` are the last characters of its token, by which its owner knows it again."""

    id: str
    flow_id: str
    open: bool
    hint: str
    terms: Terms


class Shares:
    """One share a flow at most. The address outlives closing; a token does not."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, flow_id: str) -> Share | None:
        """The share of a flow, None when it was never opened."""
        with self._database.reading() as session:
            row = _of_flow(session, flow_id)
        return None if row is None else _share(row)

    def behind(self, share_id: str) -> tuple[Share, str]:
        """An open share of a flow that is there, and the digest of its token. Raises ShareMissing."""
        with self._database.reading() as session:
            row = session.get(ShareRow, share_id[:64])
            flow = None if row is None else session.get(FlowRow, row.flow_id)
            if row is None or row.token_digest is None or flow is None or flow.deleted is not None:
                raise ShareMissing
            return _share(row), row.token_digest

    def open(self, flow_id: str, terms: Terms) -> tuple[Share, str]:
        """Open a flow to others, or give it a new token: the share, and the token, which is not kept. Earlier tokens end.

        Raises FlowMissing and TermsRefused.
        """
        check_terms(terms, required=True)
        token = new_token()
        with self._database.writing() as session:
            _known_flow(session, flow_id)
            row = _of_flow(session, flow_id) or ShareRow(id=secrets.token_urlsafe(16), flow_id=flow_id)
            row.token_digest, row.token_hint = digest_of(token), token[-4:]
            row.terms, row.updated = json.dumps(asdict(terms)), now()
            session.add(row)
            session.flush()
            share = _share(row)
        return share, token

    def set_terms(self, flow_id: str, terms: Terms) -> Share:
        """Other terms, for runs that start from now on. Raises ShareMissing and TermsRefused."""
        check_terms(terms, required=True)
        with self._database.writing() as session:
            row = _of_flow(session, flow_id)
            if row is None:
                raise ShareMissing
            row.terms, row.updated = json.dumps(asdict(terms)), now()
            session.add(row)
            return _share(row)

    def close(self, flow_id: str) -> None:
        """Nobody gets in any more, with no token."""
        with self._database.writing() as session:
            if (row := _of_flow(session, flow_id)) is not None:
                row.token_digest, row.token_hint, row.updated = None, "", now()
                session.add(row)


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What is kept of a token. It is random, so that one round of a hash is enough."""
    return hashlib.sha256(b"convene guest\0" + token.encode("utf-8", "replace")).hexdigest()


def check_terms(terms: Terms, *, required: bool) -> None:
    """Raises TermsRefused for terms that cannot hold; where they are `required`, also for a run without a limit of money or time."""
    for name, most in (("money", MOST_MONEY), ("in_all", MOST_MONEY), ("seconds", MOST_SECONDS)):
        value = getattr(terms, name)
        if value is None:
            if required and name != "in_all":
                raise TermsRefused(name, f"needs_{name}")
            continue
        if not math.isfinite(value) or not 0 < value <= most:
            raise TermsRefused(name, "out_of_range", what=text(f"share.field.{name}"), most=f"{most:,.0f}")
    for name, highest in (("at_once", MOST_AT_ONCE), ("per_minute", MOST_A_MINUTE)):
        if not 1 <= getattr(terms, name) <= highest:
            raise TermsRefused(name, "out_of_range", what=text(f"share.field.{name}"), most=highest)
    if len(terms.origins) > MOST_ORIGINS:
        raise TermsRefused("origins", "origins", origin=f"{len(terms.origins)}")
    for origin in terms.origins:
        if not is_origin(origin):
            raise TermsRefused("origins", "origins", origin=origin[:100])


def is_origin(told: str) -> bool:
    """Whether a text is an origin as browsers write it: scheme, name, port, and nothing after."""
    try:
        parts = urlsplit(told)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and told == f"{parts.scheme}://{parts.netloc}" and "@" not in told


def terms_of(told: Mapping[str, Any]) -> Terms:
    """Terms from their JSON; what is not there has its default."""
    known = {field.name for field in fields(Terms)}
    values = {name: value for name, value in told.items() if name in known}
    return Terms(**values | {"origins": tuple(values.get("origins", ()))})


def _share(row: ShareRow) -> Share:
    return Share(row.id, row.flow_id, row.token_digest is not None, row.token_hint, terms_of(json.loads(row.terms)))


def _of_flow(session: Session, flow_id: str) -> ShareRow | None:
    return session.exec(select(ShareRow).where(ShareRow.flow_id == flow_id)).first()


def _known_flow(session: Session, flow_id: str) -> None:
    flow = session.get(FlowRow, flow_id)
    if flow is None or flow.deleted is not None:
        raise FlowMissing(flow_id)
