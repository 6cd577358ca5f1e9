"""The configuration of the views, in the words of the project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from chanspec.migration.names import CONFIG_KEYS
from chanspec.starlette.config import AsyncAPIConfig as ChanspecConfig

__all__ = ["AsyncAPIConfig", "translated"]


class AsyncAPIConfig(ChanspecConfig, total=False):
    """As :class:`chanspec.starlette.config.AsyncAPIConfig`, with two names more."""

    server_url: str
    """The server's host, ``host``."""
    server_protocol: str
    """``"ws"`` or ``"wss"``, ``protocol``."""


def translated(config: Mapping[str, Any] | None, app: Any) -> ChanspecConfig:
    """Return the configuration in chanspec's words, with defaults from the application, which is FastAPI's or None."""
    title, version = getattr(app, "title", None), getattr(app, "version", None)
    told = {
        "title": f"{title} AsyncAPI documentation" if title else "AsyncAPI Documentation",
        "version": version,
        "description": getattr(app, "description", None),
        **{name: value for key, value in (config or {}).items() if (name := CONFIG_KEYS.get(key, key))},
    }
    return cast(ChanspecConfig, told)
