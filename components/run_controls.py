"""Run and Stop, for the bar at the top."""

from __future__ import annotations

import reflex as rx


class RunControls(rx.NoSSRComponent):
    """Run starts the typed task, or asks for one (`on_command("conversation")` and the cursor in the task box)."""

    library = "$/public/studio/run_controls.jsx"
    tag = "StudioRunControls"

    flow: rx.Var[str]
    """The flow to run."""

    run: rx.Var[str]
    """The run to show and to stop. Leave it empty and the one that was started in this tab is meant."""

    session: rx.Var[str]
    """The session that the next task goes on with when no run is shown."""

    disabled: rx.Var[bool]
    """Nothing can be started now."""

    on_command: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    """conversation: show the transcript with its task box."""

    on_run: rx.EventHandler[rx.event.passthrough_event_spec(str, str)]
    """(run, session) of a run that was started in this tab."""


run_controls = RunControls.create
