"""The build hook: compiles the front end into a wheel, so that whoever installs it needs no JavaScript tools."""

from __future__ import annotations

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEndBuildHook(BuildHookInterface):
    """Runs before a wheel is packed. Editable installs compile when the studio first starts instead."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from studio.frontend.build import ensure

        ensure(self.app.display_info)
