"""Build hook: the look of the site and its catalogues of words are built at installation (tools/build_assets.py)."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildHook(BuildHookInterface):
    """Builds before a wheel, an sdist or an editable installation is packed; a second call finds nothing to do."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build; say what could not be built and go on, since the engine needs no web."""
        root = Path(self.root)
        spec = importlib.util.spec_from_file_location(
            "framsyn_build_assets", root / "tools" / "build_assets.py"
        )
        if spec is None or spec.loader is None:
            return
        tool = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(tool)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", tool.NotBuiltWarning)
            tool.build(root, quiet=True)
        for warning in caught:
            self.app.display_warning(str(warning.message))
