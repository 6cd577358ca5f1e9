"""The project's ASGI application, for tests and tools that connect to it in process. It routes nothing itself."""

from __future__ import annotations

from typing import Any

from channels.routing import ProtocolTypeRouter

from chanspec.channels.discovery import DiscoveryError, default_application, walk

__all__ = ["get_websocket_application"]


def get_websocket_application() -> Any | None:
    """Return what ``ASGI_APPLICATION`` serves WebSockets with, all middleware included; None where it serves none.

    Raises:
        DiscoveryError: ``ASGI_APPLICATION`` is not set, or cannot be imported.
    """
    application: Any = default_application()
    if isinstance(application, ProtocolTypeRouter):
        return application.application_mapping.get("websocket")
    try:
        walk(application)
    except DiscoveryError:
        return None
    return application  # a middleware around the router, which is for WebSockets too
