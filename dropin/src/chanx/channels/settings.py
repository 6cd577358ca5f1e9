"""``CHANX``, in chanspec's terms for chanspec, and in its own for the project."""

from __future__ import annotations

from typing import Any

from chanspec.channels.conf import Settings, settings
from chanspec.migration.names import CHANX_KEYS

__all__ = ["chanx_settings", "project_settings"]

project_settings = Settings(
    "CHANX",
    keys=CHANX_KEYS,
    defaults={"TITLE": "AsyncAPI Documentation", "LOG_IGNORED_ACTIONS": []},
    spare=settings,
)
"""The settings under the names of ``CHANSPEC``."""


class ChanxSettings:
    """The settings under the names of ``CHANX``: ``chanx_settings.ASYNCAPI_TITLE``."""

    def __getattr__(self, name: str) -> Any:
        return getattr(project_settings, CHANX_KEYS.get(name, name))


chanx_settings = ChanxSettings()
