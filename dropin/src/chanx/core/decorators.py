"""The decorators of typed consumers."""

from chanspec.decorators import channel, event_handler, ws_handler

__all__ = ["channel", "event_handler", "ws_handler"]
