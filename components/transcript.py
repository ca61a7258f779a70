"""The transcript of a run, and the totals of it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.library import MARKDOWN


class Transcript(rx.Component):
    """What was said and done in a run, live or old, with questions to answer and the box for the next task. It fills the box around it.

    It follows its run over `/api/channel` by itself; nothing of what is said passes through state.
    """

    library = "$/public/studio/transcript.jsx"
    tag = "StudioTranscript"
    lib_dependencies: list[str] = MARKDOWN

    run: rx.Var[str]
    """The run to show. Leave it empty and a run that is started in this tab shows itself."""

    flow: rx.Var[str]
    """The flow of which a task starts a run."""

    session: rx.Var[str]
    """The session that the next task goes on with when no run is shown. Empty begins a new one."""

    readonly: rx.Var[bool]
    """No task box (history). A waiting question can be answered all the same."""

    sample_tasks: rx.Var[list[str]]
    """Tasks to choose from while none is typed."""

    agents: rx.Var[list[dict[str, Any]]]
    """Whose colour is whose: [{name, kind, color, speaks?}], as in the nodes of a GraphView (which may be given as they are).

    `speaks` False keeps a name out of those who can be named as the next speaker.
    """

    max_turns: rx.Var[int]
    """For "turn 4 of 12"; 0 when there is no such limit."""

    repairs: rx.Var[int]
    """How many problems of the flow can be repaired at once: a refusal because of the drawing offers it then (`on_command`: repair)."""

    show_totals: rx.Var[bool]
    """Events, tokens and money in its own bar; False where `run_totals` stands elsewhere."""

    on_command: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    """account:NAME (open this model account), run:ID (open this run), new_session, conversation, repair."""

    on_run: rx.EventHandler[rx.event.passthrough_event_spec(str, str)]
    """(run, session) of a run that was started in this tab. Give it to the transcript or to the run controls, not to both."""


class RunTotals(rx.Component):
    """Events, tokens and money of the run that is shown."""

    library = "$/public/studio/run_controls.jsx"
    tag = "StudioRunTotals"


transcript = Transcript.create
run_totals = RunTotals.create
