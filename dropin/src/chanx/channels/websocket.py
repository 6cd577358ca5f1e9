"""Typed consumers on Django Channels, with what ``CHANX`` says."""

from chanspec.channels import websocket
from chanspec.runtime.sending import Event
from chanx.channels.settings import project_settings

__all__ = ["AsyncJsonWebsocketConsumer"]


class AsyncJsonWebsocketConsumer(websocket.AsyncJsonWebsocketConsumer[Event]):
    """As :class:`chanspec.channels.websocket.AsyncJsonWebsocketConsumer`."""

    _project = project_settings
