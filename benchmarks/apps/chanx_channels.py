"""chanx on Django Channels."""

from __future__ import annotations

from typing import Any

from benchmarks.apps.django_project import set_up


def make(kind: str, layer: str, redis: str | None) -> Any:
    """Return the application."""
    set_up("rest_framework", "chanx.channels", layer=layer, redis=redis)
    from chanx.channels.websocket import AsyncJsonWebsocketConsumer

    from benchmarks.apps.chanx_bodies import consumers

    return consumers(AsyncJsonWebsocketConsumer)[kind].as_asgi()
