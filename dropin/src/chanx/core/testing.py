"""Tools for tests that every framework has."""

from chanspec.testing import CapturedBroadcastEvent, WebsocketCommunicator, capture_broadcast_events

__all__ = ["CapturedBroadcastEvent", "WebsocketCommunicator", "capture_broadcast_events"]
