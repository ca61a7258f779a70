"""Images that were made here and that nobody has used for long: they are removed, or there would be one more for every changed flow.

Docker does not say when an image was last used. A tag does: `convene/used:<image>-<day>`.
"""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

MADE_LABEL = "convene.made"
"""Label of every image that was made here; its value says of what: `dockerfile` or `packages`."""

KEPT = 20
"""Images that are kept, those that were used last."""

UNUSED_FOR = timedelta(days=30)
"""After this time an image is removed even where there are few."""

_OURS = re.compile(r"convene/(?:built|packages|used):")
_USED = "convene/used"
_DAY = "%Y%m%d"
_TAGGED = re.compile(r"convene/used:([0-9a-z]+)-(\d{8})\Z")


def note_use(client: Any, name: str, now: datetime | None = None) -> None:
    """Note that an image is used today. Blocks; where the engine does not take it, it is used all the same."""
    from docker.errors import APIError

    with contextlib.suppress(APIError, OSError):
        image = client.api.inspect_image(name)
        today = f"{_short(image)}-{(now or datetime.now(UTC)).strftime(_DAY)}"
        tags = image.get("RepoTags") or []
        if f"{_USED}:{today}" not in tags:
            client.api.tag(name, _USED, today)
            for tag in tags:
                if _TAGGED.match(tag):
                    client.api.remove_image(tag, noprune=True)


def remove_unused(client: Any, now: datetime | None = None) -> list[str]:
    """Remove images that were made here, carry no name of anybody else, and no container needs: all but the KEPT that were used last,
    and those that were used within UNUSED_FOR. Blocks. Returns the names of those that are gone.
    """
    from docker.errors import APIError

    at = now or datetime.now(UTC)
    found = [
        (_last_used(image), image)
        for image in client.api.images(filters={"label": MADE_LABEL})
        if all(_OURS.match(tag) for tag in image.get("RepoTags") or ())
    ]
    found.sort(key=lambda each: each[0], reverse=True)
    gone = []
    for place, (used, image) in enumerate(found):
        if (place < KEPT and at - used < UNUSED_FOR) or client.api.containers(all=True, filters={"ancestor": image["Id"]}):
            continue
        # An image is removed with its last name; what another image is made of stays.
        for name in sorted(image.get("RepoTags") or [image["Id"]], key=lambda tag: not tag.startswith(_USED)):
            with contextlib.suppress(APIError, OSError):
                client.api.remove_image(name)
                gone.append(name)
    return [name for name in gone if not name.startswith(_USED)]


def _last_used(image: dict[str, Any]) -> datetime:
    """The day on which an image was last used; when it was made, where that is not known."""
    days = [found[2] for tag in image.get("RepoTags") or () if (found := _TAGGED.match(tag))]
    made = datetime.fromtimestamp(image["Created"], UTC)
    return max([made, *(datetime.strptime(day, _DAY).replace(tzinfo=UTC) + timedelta(days=1) for day in days)])


def _short(image: dict[str, Any]) -> str:
    return str(image["Id"]).rpartition(":")[2][:24]
