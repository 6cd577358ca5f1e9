"""Counts drifts and logs each distinct one once, however many connections have it."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from chanspec.contract import Direction
from chanspec.enforcement.drift import Drift

logger = logging.getLogger("chanspec.contract")

_INDEX = re.compile(r"\[\d+\]")


class Drifts(Mapping[Drift, int]):
    """The distinct drifts so far and how often each was met. Safe to read from any thread.

    Drifts that differ in nothing but an index are one.

    Args:
        limit: How many distinct ones are kept and logged in each direction, so that what clients make up cannot hide
            what the server does; further ones are only counted, in ``total``.

    Attributes:
        total: How many frames differed from a contract, all in all.
    """

    def __init__(self, limit: int = 500) -> None:
        self.total = 0
        self._limit = limit
        self._first: dict[Direction, dict[Drift, Drift]] = {"in": {}, "out": {}}
        self._counts: dict[Drift, int] = {}
        self._lock = threading.Lock()

    def add(self, drift: Drift, log: Callable[[Drift], None] | None = None) -> None:
        """Count a drift, and hand one that is new to ``log``."""
        kind = _kind(drift)
        known = self._first[drift.direction]
        with self._lock:
            self.total += 1
            first = known.get(kind)
            is_new = first is None and len(known) < self._limit
            if is_new:
                first = known[kind] = drift
            if first is not None:
                self._counts[first] = self._counts.get(first, 0) + 1
            is_last = is_new and len(known) == self._limit
        if is_new and log is not None:
            log(drift)
            if is_last:
                logger.warning("%d distinct drifts were logged; further ones are only counted", self._limit)

    def clear(self) -> None:
        """Forget everything: what was logged will be logged again."""
        with self._lock:
            self.total = 0
            self._counts.clear()
            for known in self._first.values():
                known.clear()

    def __getitem__(self, drift: Drift) -> int:
        return self._counts[drift]

    def __iter__(self) -> Iterator[Drift]:
        with self._lock:
            return iter(list(self._counts))

    def __len__(self) -> int:
        return len(self._counts)

    def __repr__(self) -> str:
        return f"<{self.total} drifts, {len(self)} distinct>"


def _kind(drift: Drift) -> Drift:
    """What tells drifts apart: neither an index, nor the name of a message that a client made up."""
    message = drift.message if drift.direction == "out" else None
    return replace(drift, message=message, path=_INDEX.sub("[]", drift.path), cure="")
