"""Typed consumers on FastAPI, Starlette and any ASGI application."""

from __future__ import annotations

import sys
from typing import Any

from chanspec.runtime.sending import Event
from chanspec.starlette import websocket

__all__ = ["AsyncJsonWebsocketConsumer"]


class AsyncJsonWebsocketConsumer(websocket.AsyncJsonWebsocketConsumer[Event]):
    """As :class:`chanspec.starlette.websocket.AsyncJsonWebsocketConsumer`.

    Channel layers that were registered with fast-channels go before those that were with chanspec.
    """

    @classmethod
    def get_channel_layer(cls) -> Any:
        """The layer registered under the class's alias."""
        layers = sys.modules.get("fast_channels.layers")  # who registered one there has imported it
        layer = layers.get_channel_layer(cls.channel_layer_alias) if layers else None
        return super().get_channel_layer() if layer is None else layer
