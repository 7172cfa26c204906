"""Make the console's map library and basemap when Seavigil is installed or packed.

An installation succeeds without them: everything but the console's map works, and the console says
what is missing and how to mend it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent / "src"))

WITHOUT = "SEAVIGIL_WITHOUT_CONSOLE"


class ConsoleHook(BuildHookInterface):  # type: ignore[type-arg]
    """Fills ``src/seavigil/console/vendor`` before files are gathered."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Name what the basemap is made with; nothing where there is nothing to make."""
        from seavigil.console.build import fresh

        return [] if os.environ.get(WITHOUT) or fresh() else ["numpy>=1.26", "shapely>=2.1"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Make it, or say why not and go on."""
        from seavigil.console.build import build

        if os.environ.get(WITHOUT):
            return
        reason = build()
        if reason is not None:
            self.app.display_warning(f"the console will have no map: {reason}")
