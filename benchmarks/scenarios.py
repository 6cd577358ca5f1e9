"""All scenarios, in the order of the table."""

from __future__ import annotations

from benchmarks import beside, connections, echo, fanout, flood, imports, outage, stalled
from benchmarks.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *echo.SCENARIOS,
    *fanout.SCENARIOS,
    *flood.SCENARIOS,
    *stalled.SCENARIOS,
    *outage.SCENARIOS,
    *connections.SCENARIOS,
    *imports.SCENARIOS,
    *beside.SCENARIOS,
)


def scenario(key: str) -> Scenario:
    """The scenario of that name.

    Raises:
        KeyError: There is none.
    """
    for each in SCENARIOS:
        if each.key == key:
            return each
    raise KeyError(key)
