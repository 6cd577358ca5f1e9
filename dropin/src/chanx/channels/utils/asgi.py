"""The project's ASGI application."""

from chanspec.channels.utils.asgi import get_websocket_application

__all__ = ["get_websocket_application"]
