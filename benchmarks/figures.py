"""What alternating runs found, as the median, the spread, and the ratio to a floor; and whether a target is met."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

TIMES = "×"  # noqa: RUF001 - not the letter


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that was measured several times.

    Attributes:
        median: Of all runs.
        low: The least.
        high: The most.
    """

    median: float
    low: float
    high: float


def figure(found: Sequence[float]) -> Figure:
    """Sum up the runs, at least one."""
    return Figure(statistics.median(found), min(found), max(found))


def ratio(found: Sequence[float | None], floor: Sequence[float | None]) -> Figure | None:
    """Sum up the ratios of runs that alternated, each to the floor of the same turn; None where no turn has both.

    A slow moment of the machine then hits both sides of a ratio.
    """
    turns = [ours / base for ours, base in zip(found, floor, strict=True) if ours is not None and base]
    return figure(turns) if turns else None


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure, or its ratio to the floor, is meant to be.

    Attributes:
        limit: The most that it may be, or the least where ``at_least``.
        at_least: Which of the two.
        of_ratio: Whether it is about the ratio.
    """

    limit: float
    at_least: bool = False
    of_ratio: bool = True

    def is_met(self, measured: float) -> bool:
        """Whether a median keeps the limit."""
        return measured >= self.limit if self.at_least else measured <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:,g}{f' {TIMES} floor' if self.of_ratio else ''}"


def readable(number: float) -> str:
    """Three significant digits, and no more than are known: ``0.287``, ``4.63``, ``186``, ``37,000``."""
    if number == 0:
        return "0"
    size = abs(number)
    if size >= 999.5:
        digits = len(str(round(size))) - 3
        return f"{round(number, -digits):,.0f}"
    return f"{number:.0f}" if size >= 99.95 else f"{number:.1f}" if size >= 9.995 else f"{number:.{_places(size)}f}"


def _places(size: float) -> int:
    return 2 if size >= 1 else 3
