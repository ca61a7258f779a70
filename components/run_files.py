"""The files that the run which is shown left behind."""

from __future__ import annotations

import reflex as rx

from components.library import MARKDOWN


class RunFiles(rx.NoSSRComponent):
    """A list of the files and a look into the chosen one; it follows the run of the transcript beside it."""

    library = "$/public/studio/run_files.jsx"
    tag = "StudioRunFiles"
    lib_dependencies: list[str] = MARKDOWN


run_files = RunFiles.create
