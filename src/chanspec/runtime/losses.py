"""Counts messages that a channel layer lost and logs them at a bounded rate; decides nothing about delivery."""

from __future__ import annotations

import logging
import time

logger = logging.getLogger("chanspec.layer")

LOG_EVERY = 1.0  # seconds: a full channel loses thousands of messages, and one line says it as well as thousands


class Losses:
    """How many messages were lost, and by which cause. ``total`` is what a health check reads."""

    def __init__(self) -> None:
        self.total = 0
        self.causes: dict[str, int] = {}
        self._unlogged = 0
        self._next_line = 0.0

    def count(self, lost: int, cause: str, group: str | None = None) -> None:
        """Add ``lost`` messages; a warning follows at once unless the last one is less than a second old."""
        self.total += lost
        self.causes[cause] = self.causes.get(cause, 0) + lost
        self._unlogged += lost
        now = time.monotonic()
        if now < self._next_line:
            return
        self._next_line = now + LOG_EVERY
        fields = {"lost": self._unlogged, "total": self.total, "cause": cause, "group": group}
        logger.warning("the channel layer lost %d message(s): %s", self._unlogged, cause, extra=fields)
        self._unlogged = 0
