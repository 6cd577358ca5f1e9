"""Guesses which field names the messages of a consumer whose frames do not have the one that its contract says.

Plain consumers may name their messages by any field. Where the contract has another one, every frame contradicts it,
and whoever reads that should be told what to write. A guess reads a bounded part of a frame.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import islice
from typing import Any

from chanspec.terminal import shown

MAX_KEYS = 30
"""Fields of a frame that are looked at."""

MAX_NAME = 40
"""Characters of a field's name that are shown."""

COMMON = (
    *("action", "type", "command", "event", "msg_type", "message_type", "event_type", "cmd", "kind", "msgType"),
    *("messageType", "eventType", "method", "op", "topic", "name", "t"),
)
"""Fields that name messages in many APIs, the likeliest first."""


def field_meant(content: Mapping[str, Any], names: Collection[str], field: str) -> str:
    """Return the field that seems to name a frame instead of ``field``, in a form that may be logged; or nothing.

    That is one whose value is a declared name; where no field has such a value, and ``field`` is not there at all, one
    that is commonly used for it.

    Args:
        content: The frame's.
        names: Those that are declared.
        field: The field that the contract says.
    """
    for key, value in islice(content.items(), MAX_KEYS):
        if key != field and type(value) is str and value in names:
            return shown(key, MAX_NAME)
    if field in content:
        return ""
    return next((each for each in COMMON if type(content.get(each)) is str), "")
