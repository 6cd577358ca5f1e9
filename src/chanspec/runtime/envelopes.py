"""The messages that chanspec puts on a channel layer: their shapes and their names. It sends and routes nothing.

A broadcast, already encoded for the clients::

    {"type": "chanspec.broadcast", "text": "{...}", "group": "room",
     "exclude": channel_name,                      # absent: nobody is left out
     "sender": "...", "number": 7,                 # absent: not numbered
     "once": "...", "groups": ["room", "lobby"]}   # absent: it went to one group

A channel event, a plain dict that consumers decode::

    {"type": "chanspec.event", "event": {...}, "group": "room", ...}   # sent to a channel name: no group either,
                                                                       # and "token" where a test waits for it

Only ``type`` and ``text`` or ``event`` are required: any process that reaches the layer may send these. ``number``
counts one sender's messages to one group, so that a receiver sees repetitions and gaps; the copies of one broadcast to
several groups share ``once``, so that a member of two of them gets it once.
"""

from __future__ import annotations

from typing import Any

Message = dict[str, Any]

BROADCAST = "chanspec.broadcast"
EVENT = "chanspec.event"
BEAT = "chanspec.beat"  # a hub to itself, to see whether the layer still delivers


def broadcast_envelope(text: str, exclude: str | None = None) -> Message:
    """Wrap a frame's text for every member of a group, but for the channel ``exclude``."""
    envelope: Message = {"type": BROADCAST, "text": text}
    if exclude is not None:
        envelope["exclude"] = exclude
    return envelope


def event_envelope(event: Message) -> Message:
    """Wrap a channel event for the consumers of a group or of one channel."""
    return {"type": EVENT, "event": event}
