"""A contender and the floor beside each other, in turns so short that a slow moment of the machine hits both alike.

On a shared machine a processor's speed may change by half from one second to the next, and from one process to the
next. Ratios are therefore taken of what was measured within a few hundredths of a second of each other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from benchmarks.scenario import BESIDE

Turn = Callable[[float], Awaitable[tuple[int, float]]]
"""Works for about so many seconds; returns how much was done, and the seconds that it took."""


@dataclass(slots=True)
class Sum:
    """What all turns of one party came to.

    Attributes:
        done: How much.
        taken: Seconds.
    """

    done: int = 0
    taken: float = 0.0

    @property
    def rate(self) -> float:
        """How much a second."""
        return self.done / self.taken


async def in_turns(parties: Sequence[Turn], seconds: float, turn: float) -> list[Sum]:
    """Let the parties work, one at a time, each for so many seconds in all.

    Args:
        parties: Who takes turns. Everybody is the first of a round equally often.
        seconds: For each.
        turn: Seconds of one turn.
    """
    sums = [Sum() for _ in parties]
    order = list(zip(sums, parties, strict=True))
    while any(each.taken < seconds for each in sums):
        for found, party in order:
            done, taken = await party(turn)
            found.done += done
            found.taken += taken
        order.reverse()
    return sums


def found(metric: str, measured: float, floor: float | None) -> dict[str, float]:
    """What a measurement returns for a metric: its value, and that of the floor beside it unless it is the floor's."""
    return {metric: measured} if floor is None else {metric: measured, BESIDE + metric: floor}
