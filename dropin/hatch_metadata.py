"""Makes the distribution depend on the chanspec of its own version. It is run by Hatch, never by the packages."""

from __future__ import annotations

from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class SameVersion(MetadataHookInterface):
    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        metadata["dependencies"] = [f"chanspec=={metadata['version']}"]
