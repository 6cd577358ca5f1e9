"""What a scenario is: what it measures, of whom, in which unit, and what is aimed at. It runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.contenders import Contender
from benchmarks.figures import Target


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured at once.

    Attributes:
        seconds: For which one measurement runs, besides what it sets up.
        members: Of a group, in process.
        connections: To a server, for one message answered.
        crowd: To a server, for fan-out.
        idle: To a server, for memory.
        consumers: In a document.
        redis: The address of a server that may be emptied; None where there is none.
    """

    seconds: float = 0.7
    members: int = 1_000
    connections: int = 50
    crowd: int = 500
    idle: int = 1_000
    consumers: int = 200
    redis: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


BESIDE = "floor beside "
"""Before a metric's key: what the floor did in the same measurement, in short turns with the contender."""

STOOD_STILL = "stood still"
"""The key of the longest time in seconds in which a measuring process did not look whether something came."""

QUICK = Options(seconds=0.1, members=200, connections=20, crowd=100, idle=200, consumers=20)


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a scenario.

    Attributes:
        key: In what :attr:`Scenario.measure` returns.
        title: What is measured.
        unit: Of the figure.
        scale: What a measured value is multiplied with to be in that unit.
        floor: The contender that ratios are to; None for no ratios.
        targets: By contender.
        only: The contenders that have this figure; all by default.
    """

    key: str
    title: str
    unit: str
    scale: float = 1.0
    floor: str | None = "floor"
    targets: Mapping[str, Target] = field(default_factory=dict)
    only: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that contenders do, measured in a process of its own each time.

    Attributes:
        key: What the command line calls it.
        about: A sentence on how it is measured, for the results.
        metrics: The figures.
        contenders: Who takes part, the floor first.
        measure: Called in that process; returns a value for each metric, and with :data:`BESIDE` before its key what
            its ratio is to, where that was measured with it; or raises
            :class:`~benchmarks.protocol.DidNotFinishError`.
        set_up: Seconds that a measurement takes besides the measuring, roughly.
        most: Seconds after which a measurement is ended.
        most_runs: How often it is measured at most; fewer where the figure is a count, or takes long.
        on_request: Whether it takes so long that it has to be asked for by ``--only``.
    """

    key: str
    about: str
    metrics: tuple[Metric, ...]
    contenders: tuple[Contender, ...]
    measure: Callable[[Contender, Options], dict[str, float]]
    set_up: float = 1.0
    most: float = 90.0
    most_runs: int = 1_000
    on_request: bool = False

    def contender(self, key: str) -> Contender:
        for each in self.contenders:
            if each.key == key:
                return each
        raise KeyError(f"{self.key} has no contender {key!r}")
