"""chanx on fast-channels, which is what it runs on without Django."""

from __future__ import annotations

from typing import Any

from chanx.fast_channels.websocket import AsyncJsonWebsocketConsumer
from fast_channels.layers import InMemoryChannelLayer, register_channel_layer
from fast_channels.layers.redis import RedisChannelLayer, RedisPubSubChannelLayer

from benchmarks.apps.chanx_bodies import consumers


def make(kind: str, layer: str, redis: str | None) -> Any:
    """Return the application."""
    if layer == "memory":
        register_channel_layer("default", InMemoryChannelLayer())
    else:
        assert redis is not None
        maker = RedisPubSubChannelLayer if layer == "pubsub" else RedisChannelLayer
        register_channel_layer("default", maker(hosts=[redis]))
    return consumers(AsyncJsonWebsocketConsumer)[kind].as_asgi()
