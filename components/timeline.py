"""The run that is shown, as time."""

from __future__ import annotations

from typing import Any

import reflex as rx


class Timeline(rx.NoSSRComponent):
    """A line for each speaker and a bar for each thing that was said or done; it follows the run of the transcript beside it."""

    library = "$/public/studio/shell/timeline.jsx"
    tag = "Timeline"
    agents: rx.Var[list[dict[str, Any]]]


timeline = Timeline.create
