"""Tests of consumers on any framework: communicators, captured broadcasts, pytest fixtures. Nothing for production.

What is offered here is loaded when it is asked for: pytest imports this package for its fixtures, before anything is
tested.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chanspec.testing.capture import BroadcastCapture, CapturedBroadcastEvent, capture_broadcast_events
    from chanspec.testing.communicator import WebsocketCommunicator
    from chanspec.testing.failures import (
        ClosedError,
        ContractError,
        NothingReceivedError,
        NotSettledError,
        ReceiveError,
        UnclosedCommunicatorWarning,
    )
    from chanspec.testing.fixtures import WsConnect

__all__ = [
    "EVENT_ACTION_COMPLETE",
    "GROUP_ACTION_COMPLETE",
    "MESSAGE_ACTION_COMPLETE",
    "BroadcastCapture",
    "CapturedBroadcastEvent",
    "ClosedError",
    "ContractError",
    "NotSettledError",
    "NothingReceivedError",
    "ReceiveError",
    "UnclosedCommunicatorWarning",
    "WebsocketCommunicator",
    "WsConnect",
    "capture_broadcast_events",
]

MESSAGE_ACTION_COMPLETE = "complete"
"""Sent when a message of the client's was handled, where ``send_completion`` is on."""
EVENT_ACTION_COMPLETE = "event_complete"
"""Sent when a channel event was handled."""
GROUP_ACTION_COMPLETE = "group_complete"
"""Sent when a broadcast was."""

_HOMES = {
    "CapturedBroadcastEvent": "capture",
    "BroadcastCapture": "capture",
    "WebsocketCommunicator": "communicator",
    "WsConnect": "fixtures",
    "capture_broadcast_events": "capture",
    **dict.fromkeys(
        (
            "ClosedError",
            "ContractError",
            "NotSettledError",
            "NothingReceivedError",
            "ReceiveError",
            "UnclosedCommunicatorWarning",
        ),
        "failures",
    ),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"chanspec.testing.{_HOMES[name]}"), name)
