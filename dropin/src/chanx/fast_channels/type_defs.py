"""The configuration of the views, in the words of the project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from chanspec.starlette.config import AsyncAPIConfig as ChanspecConfig

__all__ = ["AsyncAPIConfig", "translated"]


class AsyncAPIConfig(ChanspecConfig, total=False):
    """As :class:`chanspec.starlette.config.AsyncAPIConfig`, with two names more."""

    server_url: str
    """The server's host, ``host``."""
    server_protocol: str
    """``"ws"`` or ``"wss"``, ``protocol``."""


_KEYS = {"server_url": "host", "server_protocol": "protocol"}

# Consumers know whether they camelize and what they authenticate by; the page has its own files.
_NOT_NEEDED = {
    "camelize",
    "security_schemes",
    "docs_js_url",
    "docs_css_url",
    "docs_js_integrity",
    "docs_css_integrity",
}


def translated(config: Mapping[str, Any] | None, app: Any) -> ChanspecConfig:
    """Return the configuration in chanspec's words, with defaults from the application, which is FastAPI's or None."""
    title, version = getattr(app, "title", None), getattr(app, "version", None)
    told = {
        "title": f"{title} AsyncAPI documentation" if title else "AsyncAPI Documentation",
        "version": version,
        "description": getattr(app, "description", None),
        **{_KEYS.get(key, key): value for key, value in (config or {}).items() if key not in _NOT_NEEDED},
    }
    return cast(ChanspecConfig, told)
