"""Run and Stop, for the bar at the top, and the mark of a run that goes on."""

from __future__ import annotations

import reflex as rx


class RunControls(rx.Component):
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

    on_elsewhere: rx.EventHandler[rx.event.passthrough_event_spec(str, bool)]
    """(run, busy): a run of the flow was started elsewhere, while this tab has none; `busy`: the person is typing or in a dialog."""


class RunMark(rx.Component):
    """A dot on what leads to the conversation, while a run goes on there."""

    library = "$/public/studio/run_controls.jsx"
    tag = "StudioRunMark"


run_controls = RunControls.create
run_mark = RunMark.create
