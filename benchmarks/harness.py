"""Runs measurements one after the other, each in a process of its own, and the contenders of a scenario in turns.

ABCABC…, not AABBCC: a slow minute of the machine then hits everybody, and ratios are taken within a turn.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.contenders import Contender
from benchmarks.figures import Figure, ratio
from benchmarks.protocol import DidNotFinishError, read
from benchmarks.scenario import BESIDE, Options, Scenario
from benchmarks.server import ROOT

TRIES = 2
"""Failures after which a contender is not tried again in a scenario: most of them are found by waiting in vain."""

START = 0.3
"""Seconds that a process takes to start, roughly."""


@dataclass(slots=True)
class Found:
    """What the turns of one contender in one scenario found.

    Attributes:
        turns: The values by metric, or None for a turn that did not finish.
        failures: Why those did not.
    """

    turns: list[dict[str, float] | None] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def values(self, metric: str) -> list[float | None]:
        """What each turn found for a metric."""
        return [None if turn is None else turn.get(metric) for turn in self.turns]


def to_floor(contender: Found, floor: Found, metric: str) -> Figure | None:
    """Sum up the ratios of one contender to the floor: to what that did in the same measurement, else in the turn."""
    beside = contender.values(BESIDE + metric)
    is_beside = any(value is not None for value in beside)
    return ratio(contender.values(metric), beside if is_beside else floor.values(metric))


Results = dict[str, dict[str, Found]]
"""By scenario and contender."""


@dataclass(frozen=True, slots=True)
class Step:
    """A measurement that is about to be made.

    Attributes:
        turn: Which turn of the scenario, counted from 1.
        turns: How many there are.
    """

    scenario: Scenario
    contender: Contender
    turn: int
    turns: int


def steps(scenarios: Sequence[Scenario], runs: int) -> Iterator[Step]:
    """All measurements, in their order."""
    for scenario in scenarios:
        turns = min(runs, scenario.most_runs)
        for turn in range(1, turns + 1):
            for contender in scenario.contenders:
                yield Step(scenario, contender, turn, turns)


class Clock:
    """Guesses how long measurements take: as long as the last of their kind, or as the scenario says."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._took: dict[tuple[str, str], float] = {}

    def guess(self, step: Step) -> float:
        """Seconds for a measurement."""
        known = self._took.get((step.scenario.key, step.contender.key))
        return START + step.scenario.set_up + self.options.seconds if known is None else known

    def note(self, step: Step, took: float) -> None:
        """Learn from one."""
        self._took[step.scenario.key, step.contender.key] = took

    def left(self, ahead: Sequence[Step]) -> float:
        """Seconds for all that is to come."""
        return sum(self.guess(step) for step in ahead)


Measure = Callable[[Scenario, Contender, Options], dict[str, float]]
Watch = Callable[[Step, float], None]


def run(
    scenarios: Sequence[Scenario],
    runs: int,
    options: Options,
    watch: Watch = lambda step, left: None,
    measure: Measure | None = None,
) -> Results:
    """Measure everything.

    Args:
        scenarios: What.
        runs: How many turns.
        options: How much at once.
        watch: Called before each measurement, with it and the seconds that are left, roughly.
        measure: Makes a measurement or raises :class:`~benchmarks.protocol.DidNotFinishError`; by default in a process.
    """
    measure = measure or in_process_of_its_own
    results: Results = {each.key: {one.key: Found() for one in each.contenders} for each in scenarios}
    ahead = list(steps(scenarios, runs))
    clock = Clock(options)
    for number, step in enumerate(ahead):
        found = results[step.scenario.key][step.contender.key]
        if len(found.failures) >= TRIES:
            found.turns.append(None)
            clock.note(step, 0.0)
            continue
        watch(step, clock.left(ahead[number:]))
        began = time.perf_counter()
        try:
            found.turns.append(measure(step.scenario, step.contender, options))
        except DidNotFinishError as failure:
            found.turns.append(None)
            found.failures.append(str(failure))
        clock.note(step, time.perf_counter() - began)
    return results


def in_process_of_its_own(scenario: Scenario, contender: Contender, options: Options) -> dict[str, float]:
    """Make one measurement by :mod:`benchmarks.worker`, and end what it started, whatever happens."""
    command = [sys.executable, "-m", "benchmarks.worker", scenario.key, contender.key, json.dumps(options.as_dict())]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT, start_new_session=True
        )
        try:
            output, _ = process.communicate(timeout=scenario.most)
        except subprocess.TimeoutExpired:
            raise DidNotFinishError(f"nothing after {scenario.most:.0f} s") from None
        finally:
            with contextlib.suppress(ProcessLookupError):  # it has ended, and so has what it started
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        if not output.strip():
            log.seek(0)
            raise DidNotFinishError(
                f"it ended with {process.returncode}: {log.read().strip().rpartition(chr(10))[2][:100]}"
            )
    return read(output)


def as_json(results: Results) -> dict[str, Any]:
    """Results as JSON's values; ``from_json`` reads them."""
    return {
        scenario: {key: {"turns": found.turns, "failures": found.failures} for key, found in each.items()}
        for scenario, each in results.items()
    }


def from_json(values: dict[str, Any]) -> Results:
    """Results that ``as_json`` wrote."""
    return {
        scenario: {key: Found(found["turns"], found["failures"]) for key, found in each.items()}
        for scenario, each in values.items()
    }
