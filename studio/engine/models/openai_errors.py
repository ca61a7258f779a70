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

LONGEST_QUOTE = 500
"""Characters of a server's own words that are repeated."""

OPEN_ACCOUNT = "Open the account."
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
            return _unusable(Unusable(f"it answered with an error: {_words(error.body) or error.message}", _code(error.body)), place)
        case aiohttp.ClientError():
            return _unconnected(error, place)
        case UnicodeEncodeError():
            return _refused(place, f"The key of account {place.account} has characters that cannot be sent.", OPEN_ACCOUNT)
        case ValueError():
            return _broken(place, f"{place.where} answered with something that is no answer of a model.")
        case _:
            return _unconnected(error, place)


def of_status(status: int, words: str, place: Place, out_of_credit: bool = False) -> ModelError:
    """The error that an HTTP status stands for; `words` are the server's own."""
    here, quoted = f"{status} from {place.where}", place.quote(words).rstrip(".")
    told = f": {quoted}." if quoted else "."
    match status:
        case 401 if not place.key:
            return _refused(place, f"{here}: account {place.account} has no key.", OPEN_ACCOUNT, status)
        case 401:
            return _refused(place, f"{here}: the key of account {place.account} was refused.", OPEN_ACCOUNT, status)
        case 402:
            return _refused(place, f"{here}: account {place.account} has no credit left.", "Top it up, or choose another account.", status)
        case 403:
            sentence = f"{here}: account {place.account} may not use {place.model}{told}"
            return _refused(place, sentence, "Open the account, or choose another model.", status)
        case 404 if "deployment" in words.lower():
            remedy = "Name a deployment of the resource as the model; one that was just made needs a few minutes."
            return _refused(place, f"{here}: there is no deployment '{place.model}'.", remedy, status)
        case 404 if "model" in words.lower() or place.model.lower() in words.lower():
            return _refused(place, f"{here}: there is no model '{place.model}'.", "Choose one that the account offers.", status)
        case 404 | 405:
            sentence = f"{here}: no models are served at this address{told}"
            return _refused(place, sentence, "Open the account and check its address; most end in /v1.", status)
        case 429 if out_of_credit:
            return _refused(place, f"{here}: account {place.account} has no credit left.", "Top it up, or choose another account.", status)
        case 429:
            return _unavailable(place, f"{here}: too many requests{told}", "Wait a little, or choose another account.", status)
        case _ if status >= 500 or status in TEMPORARY:
            return _unavailable(place, f"{here}: the server failed{told}", "Try again, or choose another model.", status)
        case _ if status < 400:
            return _refused(place, f"{here}: the server sends us elsewhere{told}", "Open the account and correct its address.", status)
        case _ if re.search(r"context.{0,20}(?:length|window)|too long|too many tokens", words, re.IGNORECASE):
            sentence = f"{here}: the conversation is too long for {place.model}{told}"
            return _refused(place, sentence, "Choose a model with a larger context, or stop earlier.", status)
        case _:
            return _refused(place, f"{here}: the request was refused{told}", "Check the settings of the model.", status)


def no_model(place: Place) -> ModelError:
    return _refused(
        place, f"No model is named, and account {place.account} has no default one.", "Name a model, or open the account and choose one."
    )


def no_key(place: Place) -> ModelError:
    return _refused(place, f"Account {place.account} has no key for {place.where}.", OPEN_ACCOUNT)


def bad_address(place: Place) -> ModelError:
    return _refused(place, f"'{place.where}' is no web address.", "Open the account; an address begins with http:// or https://.")


def _unusable(error: Unusable, place: Place) -> ModelError:
    if error.status is not None and 400 <= error.status < 600:
        return of_status(error.status, str(error), place)
    return _broken(place, f"{place.where} answered, but {place.quote(str(error)).rstrip('.')}.")


def _unconnected(error: BaseException, place: Place) -> ModelError:
    import aiohttp
    import openai

    causes = list(_causes(error))

    def due_to(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if due_to(aiohttp.ClientSSLError, ssl.SSLError):
        return _refused(place, f"The certificate of {place.where} cannot be trusted.", "Open the account and check its address.")
    if due_to(aiohttp.InvalidURL):
        return bad_address(place)
    if due_to(aiohttp.ClientConnectorDNSError):
        return _unavailable(place, f"There is no server by the name in {place.where}.", "Open the account and check its address.")
    if due_to(aiohttp.ServerTimeoutError, TimeoutError):
        waited = f"{place.timeout:g} s"
        return _unavailable(place, f"{place.where} said nothing for {waited}.", "Try again, or raise the time limit of the model.")
    if due_to(aiohttp.ClientConnectorError, ConnectionRefusedError):
        return _unavailable(
            place, f"Nobody answers at {place.where}.", "Start the model's server, or open the account and check its address."
        )
    if due_to(aiohttp.ClientPayloadError):
        return _unavailable(place, f"{place.where} broke the connection off.", "Try again.")
    if due_to(aiohttp.ClientResponseError, aiohttp.http_exceptions.HttpProcessingError):
        return _broken(place, f"{place.where} answered with something that is no HTTP.")
    if due_to(aiohttp.ClientError, openai.APIConnectionError, OSError):
        return _unavailable(place, f"{place.where} broke the connection off.", "Try again.")
    return _broken(place, f"The answer of {place.where} could not be read ({type(error).__name__}).")


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
    return ModelAnswerBroken(sentence, "Try again, or choose another model.", account=place.account, url=place.where)


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
