"""chanspec's typed consumer for FastAPI, Starlette and any ASGI server."""

from __future__ import annotations

from typing import Any

from benchmarks.apps.chanspec_bodies import consumers
from chanspec.runtime.layers import register_layer
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer


def make(kind: str, layer: str, redis: str | None) -> Any:
    """Return the application."""
    if layer != "memory":
        from fast_channels.layers.redis import RedisChannelLayer, RedisPubSubChannelLayer

        assert redis is not None
        maker = RedisPubSubChannelLayer if layer == "pubsub" else RedisChannelLayer
        register_layer("default", maker(hosts=[redis]))
    return consumers(AsyncJsonWebsocketConsumer)[kind].as_asgi()
