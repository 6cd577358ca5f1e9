"""What the runtime writes to the logger ``chanspec``, with structured fields in ``extra``.

Whether messages are logged is asked once per connection, so that a message costs nothing where they are not. What a
client sent is shown escaped and cut: a log line stays one line.
"""

from __future__ import annotations

import logging
from typing import Any

from chanspec import terminal

INFO = logging.INFO

logger = logging.getLogger("chanspec")

MAX_TEXT = 1000


def shown(value: Any, length: int = MAX_TEXT) -> str:
    """Return text of a client's as one line of printable ASCII, at most about ``length`` characters."""
    return terminal.shown(value if isinstance(value, str) else repr(value), length)


def message(direction: str, action: str, text: str, fields: dict[str, Any]) -> None:
    """Log one message, ``direction`` being ``"received"`` or ``"sent"``."""
    logger.info(
        "%s %s",
        direction,
        action,
        extra={**fields, "direction": direction, "action": action, "size": len(text), "text": shown(text)},
    )
