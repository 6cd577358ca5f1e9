"""The two charts of the README: which figures go into them. How a chart looks is :mod:`benchmarks.chart`'s."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.chart import Bar, Panel, draw
from benchmarks.contenders import Contender
from benchmarks.figures import TIMES, Figure, figure, readable
from benchmarks.harness import Found, Results, to_floor
from benchmarks.protocol import shortened
from benchmarks.scenario import Metric, Options, Scenario

IMAGES = Path(__file__).parent.parent / "docs" / "images"

LONGEST_REASON = 56
"""Characters that fit beside the names."""

NOTE = "Medians, and the spread of runs that took turns. The floor is a bare ASGI callable that validates."

CHARTS = {
    "bench-echo.svg": (
        "One typed message answered",
        (
            ("echo", "message", f"In process: time for a message, {TIMES} the floor", True),
            ("echo-uvicorn", "messages", "Through uvicorn, {connections} connections: messages a second", False),
        ),
    ),
    "bench-fanout.svg": (
        "One message to everybody in a group",
        (
            ("fanout", "delivery", f"In process, {{members:,}} members: time for a delivery, {TIMES} the floor", True),
            ("fanout-uvicorn", "deliveries", "Through uvicorn, {crowd} connections: deliveries a second", False),
        ),
    ),
}

NAMES = tuple(CHARTS)


def drawn(scenarios: Sequence[Scenario], results: Results, options: Options) -> dict[Path, str]:
    """The charts by file, of those scenarios that were measured."""
    known = {each.key: each for each in scenarios if each.key in results}
    charts = {}
    for name, (title, panels) in CHARTS.items():
        made = [
            _panel(known[key], metric, heading.format(**options.as_dict()), results[key], is_ratio=is_ratio)
            for key, metric, heading, is_ratio in panels
            if key in known
        ]
        if made:
            charts[IMAGES / name] = draw(title, made, NOTE)
    return charts


def _panel(scenario: Scenario, key: str, title: str, found: dict[str, Found], *, is_ratio: bool) -> Panel:
    metric = next(each for each in scenario.metrics if each.key == key)
    contenders = [each for each in scenario.contenders if each.key in found]
    better = "shorter is better; each line is some 3 times the last" if is_ratio else "longer is better"
    return Panel(title, better, [_bar(metric, each, found, is_ratio=is_ratio) for each in contenders], is_ratio)


def _bar(metric: Metric, contender: Contender, found: dict[str, Found], *, is_ratio: bool) -> Bar:
    turns = found[contender.key].values(metric.key)
    scaled = [turn * metric.scale for turn in turns if turn is not None]
    kind = "floor" if contender.key == metric.floor else "ours" if contender.ours else "peer"
    if not scaled:
        reason = shortened(found[contender.key].failures[0].rpartition(": ")[2], LONGEST_REASON)
        return Bar(contender.name, None, 0, 0, f"did not finish: {reason}", kind)
    absolute = figure(scaled)
    times = to_floor(found[contender.key], found[metric.floor], metric.key) if metric.floor in found else None
    if is_ratio:
        times = times or Figure(1, 1, 1)
        text = f"{readable(times.median)} {TIMES} ({readable(absolute.median)} {metric.unit.split()[0]})"
        return Bar(contender.name, times.median, times.low, times.high, text, kind)
    text = readable(absolute.median)
    if times is not None and kind != "floor":
        text += f" ({readable(times.median)} {TIMES})"
    return Bar(contender.name, absolute.median, absolute.low, absolute.high, text, kind)
