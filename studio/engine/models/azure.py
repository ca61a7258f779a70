"""Azure OpenAI: where a deployment answers, in its old and its new paths, and how its key is shown.

| the account's address                                                  | the request goes to                                        |
|------------------------------------------------------------------------|------------------------------------------------------------|
| https://NAME.openai.azure.com, …/openai, …/openai/v1                   | /openai/v1/chat/completions, the deployment as its model   |
| the same with ?api-version=preview, =latest or =v1                     | the same, with that version                                |
| the same with ?api-version=2024-10-21 or another date                  | /openai/deployments/MODEL/chat/completions?api-version=…   |
| …/openai/deployments/MODEL/chat/completions?api-version=… (as copied)  | the same; MODEL serves agents that name none               |

A key goes into the header `api-key`; a token of Entra ID, which is a JWT, is a bearer token.
"""

from __future__ import annotations

import re
import urllib.parse

from studio.engine.models.base import Account
from studio.engine.models.connections import Reach

HOSTS = re.compile(r"(?:^|\.)(?:openai\.azure\.(?:com|us|cn)|(?:cognitiveservices|services\.ai)\.azure\.(?:com|us|cn))$", re.IGNORECASE)
"""Hosts on which Azure serves models of OpenAI."""

_DATED = re.compile(r"\d{4}-\d{2}-\d{2}(?:-preview)?")
_DEPLOYMENT = re.compile(r"/deployments/([^/]+)(?:/.*)?$")
_TOKEN = re.compile(r"ey[\w-]+\.[\w-]+\.[\w-]+")


def is_azure(provider: str, base_url: str) -> bool:
    """Whether an account is one of Azure OpenAI: it says so, or its host does."""
    if provider.lower() == "azure":
        return True
    try:
        return HOSTS.search(urllib.parse.urlsplit(base_url).hostname or "") is not None
    except ValueError:
        return False


def reach_azure(account: Account, model: str) -> Reach:
    """Where the deployment `model` of an Azure account answers. The address may be given in any of the ways in which Azure shows it."""
    parts = urllib.parse.urlsplit(account.base_url or "")
    version = dict(urllib.parse.parse_qsl(parts.query)).get("api-version", "").strip()
    copied = _DEPLOYMENT.search(parts.path)
    model = model or (urllib.parse.unquote(copied.group(1)) if copied else "")
    before = re.sub(r"/openai(?:/.*)?$", "", (parts.path[: copied.start()] if copied else parts.path).rstrip("/"))
    base_url = urllib.parse.urlunsplit((parts.scheme, parts.netloc, f"{before}/openai", "", ""))
    query = {"api-version": version} if version else {}
    headers = credential(account.key)
    if _DATED.fullmatch(version):
        chat = f"/deployments/{urllib.parse.quote(model, safe='')}/chat/completions"
        return Reach(base_url, chat, "/models", query, headers, model)
    return Reach(f"{base_url}/v1", query=query, headers=headers, model=model)


def credential(key: str | None) -> dict[str, str]:
    """The header that shows who asks; none without a key."""
    if not key:
        return {}
    return {"Authorization": f"Bearer {key}"} if _TOKEN.fullmatch(key) else {"api-key": key}


def with_version(base_url: str, version: str) -> str:
    """The address with another API version in it; an empty one takes it out."""
    parts = urllib.parse.urlsplit(base_url)
    query = [(name, value) for name, value in urllib.parse.parse_qsl(parts.query) if name != "api-version"]
    if version.strip():
        query.append(("api-version", version.strip()))
    return urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(query)))


def version_in(base_url: str) -> str:
    """The API version that an address names, "" for none."""
    try:
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(base_url).query)).get("api-version", "")
    except ValueError:
        return ""
