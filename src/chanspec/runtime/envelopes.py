"""The messages that chanspec puts on a channel layer: their shapes and their names. It sends and routes nothing.

A broadcast, already encoded for the clients, and a channel event, a plain dict that consumers decode::

    {"type": "chanspec.broadcast", "text": "{...}", "chanspec": {...}}
    {"type": "chanspec.event", "event": {...}, "chanspec": {...}}

Any process that reaches the layer may send these without ``chanspec``, which is the hubs' own and has, where it
applies::

    {"group": "room",                      # absent: it was sent to a channel's name
     "exclude": channel_name,              # absent: nobody is left out
     "sender": "...", "number": 7,         # absent: not numbered
     "once": "...", "groups": ["a", "b"],  # absent: it went to one group
     "token": "..."}                       # present where a test waits for the event

``number`` counts one sender's messages to one group, so that a receiver sees repetitions and gaps. The copies of one
broadcast to several groups share ``once``, so that a member of two of them gets it once.

Every other message on the layer is the application's. Nothing in it has a meaning here, whatever its keys are called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Message = dict[str, Any]
Marks = Mapping[str, Any]

BROADCAST = "chanspec.broadcast"
EVENT = "chanspec.event"
BEAT = "chanspec.beat"  # a hub to itself, to see whether the layer still delivers
PROBE = "chanspec.probe"  # to a channel of its own, to see whether Redis has taken a subscription

MARKS = "chanspec"
"""Where an envelope has what only hubs read."""

NO_MARKS: Marks = {}

_KINDS = {"group": str, "exclude": str, "sender": str, "number": int, "once": str, "groups": list, "token": str}


def marks_of(message: Message) -> Marks:
    """Check an envelope and return its marks; none for a message of the application's.

    This is the one place where what comes from a layer is checked, once for each envelope: whatever passes harms no
    member. That takes 0.4 µs.

    Raises:
        TypeError, KeyError, ValueError: The envelope is malformed.
    """
    kind = message.get("type")
    if kind == BROADCAST:
        text = message["text"]
        if not isinstance(text, str):
            raise TypeError(f"the text of a broadcast is {type(text).__name__}, not str")
        if not text.isascii():
            text.encode()  # a lone surrogate: every member's server would fail to send it, and close the connection
    elif kind == EVENT:
        event = message["event"]
        if not isinstance(event, dict):
            raise TypeError(f"a channel event is {type(event).__name__}, not dict")
    else:
        return NO_MARKS
    marks = message.get(MARKS, NO_MARKS)
    if not isinstance(marks, dict):
        raise TypeError(f"the marks of an envelope are {type(marks).__name__}, not dict")
    for name, value in marks.items():
        kind = _KINDS.get(name)
        if type(value) is not kind and kind is not None and not isinstance(value, kind):
            raise TypeError(f"the mark {name!r:.40} of an envelope is {type(value).__name__}, not {kind.__name__}")
    if "groups" in marks:
        for group in marks["groups"]:
            if not isinstance(group, str):
                raise TypeError(f"a group's name is {type(group).__name__}, not str")
    return marks
