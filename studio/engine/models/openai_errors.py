"""What a failed request to a model becomes: a sentence that names the cause, and the way out, without the key."""

from __future__ import annotations

import re
import ssl
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from studio.engine.errors import ModelAnswerBroken, ModelError, ModelRefused, ModelUnavailable
from studio.engine.models.openai_answer import Unusable
from studio.engine.models.posting import Refusal
from studio.texts import text

LONGEST_QUOTE = 500
"""Characters of a server's own words that are repeated."""

TEMPORARY = (408, 409, 425, 429)
"""Refusals of a request that may succeed a little later; so may everything from 500 on."""

_SECRETS = re.compile(r"\b(?:sk|pk|gsk|xai|key)-[\w*-]{6,}|\bAIza[\w-]{10,}|(?<=Bearer )\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Which model of which account is asked where: what the sentences need to know, and the key that they must not contain."""

    url: str
    account: str
    key: str | None = field(repr=False)
    model: str
    timeout: float

    @property
    def is_web(self) -> bool:
        """Whether the address is one of the web."""
        try:
            parts = urllib.parse.urlsplit(self.url)
            return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            return False

    @property
    def where(self) -> str:
        """The address without what may be secret in it."""
        try:
            parts = urllib.parse.urlsplit(self.url)
        except ValueError:
            return self.quote(self.url.rpartition("@")[2])
        return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))

    def quote(self, text: str) -> str:
        """A server's words in one line, without the key and whatever else looks like one."""
        for secret in (self.key, urllib.parse.quote(self.key or "", safe="")):
            if secret:
                text = text.replace(secret, "…")
        text = " ".join(_SECRETS.sub("…", text).split())
        return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…"


def failure(error: BaseException, place: Place) -> ModelError:
    """The error to raise for whatever the SDK, or anything below it, raised."""
    import aiohttp
    import openai

    match error:
        case ModelError():
            return error
        case Refusal():
            return of_status(error.status, _words(error.body) or error.told, place, _quota(error.body))
        case Unusable():
            return _unusable(error, place)
        case openai.APIStatusError():
            return of_status(error.status_code, _words(error.body) or error.message, place, _quota(error.body))
        case openai.APIConnectionError():
            return _unconnected(error, place)
        case openai.APIError():
            words = _words(error.body) or error.message
            return _unusable(Unusable(text("engine.model_answer.error", words=words), _code(error.body)), place)
        case aiohttp.ClientError():
            return _unconnected(error, place)
        case UnicodeEncodeError():
            return _refused(place, text("engine.model.key_unsendable", account=place.account), text("engine.model.open_account"))
        case ValueError():
            return _broken(place, text("engine.model.no_model_answer", url=place.where))
        case _:
            return _unconnected(error, place)


def of_status(status: int, words: str, place: Place, out_of_credit: bool = False) -> ModelError:
    """The error that an HTTP status stands for; `words` are the server's own."""
    facts = {"status": status, "url": place.where, "account": place.account, "model": place.model}
    quoted = place.quote(words).rstrip(".")

    def told(key: str) -> str:
        """The sentence of a key, with the server's own words if it said any."""
        return text(f"{key}.quoted", quote=quoted, **facts) if quoted else text(key, **facts)

    match status:
        case 401 if not place.key:
            return _refused(place, text("engine.model.key_missing", **facts), text("engine.model.open_account"), status)
        case 401:
            return _refused(place, text("engine.model.key_refused", **facts), text("engine.model.open_account"), status)
        case 402:
            return _refused(place, text("engine.model.no_credit", **facts), text("engine.model.no_credit.remedy"), status)
        case 403:
            return _refused(place, told("engine.model.not_allowed"), text("engine.model.not_allowed.remedy"), status)
        case 404 if "deployment" in words.lower():
            return _refused(place, text("engine.model.no_deployment", **facts), text("engine.model.no_deployment.remedy"), status)
        case 404 if "model" in words.lower() or place.model.lower() in words.lower():
            return _refused(place, text("engine.model.unknown", **facts), text("engine.model.unknown.remedy"), status)
        case 404 | 405:
            return _refused(place, told("engine.model.none_served"), text("engine.model.none_served.remedy"), status)
        case 429 if out_of_credit:
            return _refused(place, text("engine.model.no_credit", **facts), text("engine.model.no_credit.remedy"), status)
        case 429:
            return _unavailable(place, told("engine.model.too_many_requests"), text("engine.model.too_many_requests.remedy"), status)
        case _ if status >= 500 or status in TEMPORARY:
            return _unavailable(place, told("engine.model.server_failed"), text("engine.model.try_again_or_another"), status)
        case _ if status < 400:
            return _refused(place, told("engine.model.redirected"), text("engine.model.redirected.remedy"), status)
        case _ if re.search(r"context.{0,20}(?:length|window)|too long|too many tokens", words, re.IGNORECASE):
            return _refused(place, told("engine.model.context_full"), text("engine.model.context_full.remedy"), status)
        case _:
            return _refused(place, told("engine.model.request_refused"), text("engine.model.request_refused.remedy"), status)


def no_model(place: Place) -> ModelError:
    return _refused(place, text("engine.model.none_named", account=place.account), text("engine.model.none_named.remedy"))


def no_key(place: Place) -> ModelError:
    return _refused(place, text("engine.model.no_key_for", account=place.account, url=place.where), text("engine.model.open_account"))


def bad_address(place: Place) -> ModelError:
    return _refused(place, text("engine.model.no_web_address", url=place.where), text("engine.model.no_web_address.remedy"))


def _unusable(error: Unusable, place: Place) -> ModelError:
    if error.status is not None and 400 <= error.status < 600:
        return of_status(error.status, str(error), place)
    return _broken(place, text("engine.model.answer_unusable", url=place.where, why=place.quote(str(error)).rstrip(".")))


def _unconnected(error: BaseException, place: Place) -> ModelError:
    import aiohttp
    import openai

    causes = list(_causes(error))

    def due_to(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if due_to(aiohttp.ClientSSLError, ssl.SSLError):
        return _refused(place, text("engine.model.certificate", url=place.where), text("engine.model.check_address"))
    if due_to(aiohttp.InvalidURL):
        return bad_address(place)
    if due_to(aiohttp.ClientConnectorDNSError):
        return _unavailable(place, text("engine.model.no_such_server", url=place.where), text("engine.model.check_address"))
    if due_to(aiohttp.ServerTimeoutError, TimeoutError):
        sentence = text("engine.model.silent", url=place.where, seconds=f"{place.timeout:g}")
        return _unavailable(place, sentence, text("engine.model.silent.remedy"))
    if due_to(aiohttp.ClientConnectorError, ConnectionRefusedError):
        return _unavailable(place, text("engine.model.nobody_answers", url=place.where), text("engine.model.nobody_answers.remedy"))
    if due_to(aiohttp.ClientPayloadError):
        return _unavailable(place, text("engine.model.connection_broken", url=place.where), text("engine.model.try_again"))
    if due_to(aiohttp.ClientResponseError, aiohttp.http_exceptions.HttpProcessingError):
        return _broken(place, text("engine.model.no_http", url=place.where))
    if due_to(aiohttp.ClientError, openai.APIConnectionError, OSError):
        return _unavailable(place, text("engine.model.connection_broken", url=place.where), text("engine.model.try_again"))
    return _broken(place, text("engine.model.unreadable", url=place.where, error=type(error).__name__))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 20:
        yield error
        error, seen = error.__cause__ or error.__context__, seen + 1


def _refused(place: Place, sentence: str, remedy: str, status: int | None = None) -> ModelRefused:
    return ModelRefused(sentence, remedy, account=place.account, url=place.where, status=status)


def _unavailable(place: Place, sentence: str, remedy: str, status: int | None = None) -> ModelUnavailable:
    return ModelUnavailable(sentence, remedy, account=place.account, url=place.where, status=status)


def _broken(place: Place, sentence: str) -> ModelAnswerBroken:
    return ModelAnswerBroken(sentence, text("engine.model.try_again_or_another"), account=place.account, url=place.where)


def _words(body: Any) -> str:
    if isinstance(body, dict):
        inner = body.get("error", body)
        if isinstance(inner, dict):
            return str(inner.get("message") or inner.get("detail") or inner.get("type") or "")
        return str(inner)
    return ""


def _code(body: Any) -> int | None:
    code = body.get("code") if isinstance(body, dict) else None
    return int(code) if isinstance(code, int) or (isinstance(code, str) and code.isdigit()) else None


def _quota(body: Any) -> bool:
    return isinstance(body, dict) and "insufficient_quota" in (body.get("code"), body.get("type"))
