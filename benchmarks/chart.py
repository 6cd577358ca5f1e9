"""Draws bars as SVG, legible on light and dark pages, with its figures in words for those who cannot see it.

What goes into a chart is :mod:`benchmarks.charts`'s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from benchmarks.figures import TIMES

WIDTH = 880
MARGIN = 24
LABELS = 290
"""Width of the names, to the left of the bars."""
VALUES = 150
"""Width kept free to the right, for the values at the ends of bars."""
ROW = 23
BAR = 13
HEAD = 62
"""Height of the chart's title."""
PANEL_HEAD = 40
AXIS = 30
GAP = 18

LEFT = MARGIN + LABELS
SPAN = WIDTH - LEFT - VALUES - MARGIN

# The page's scheme decides, inside <img> too; the background is the chart's own, because a site may have another scheme
# than the browser that shows it.
STYLE = """
svg { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; font-size: 13px; }
.page { fill: #ffffff; stroke: #d0d7de; }
text { fill: #1f2328; }
.title { font-size: 17px; font-weight: 600; }
.panel { font-weight: 600; }
.quiet { fill: #59636e; }
.small { font-size: 12px; }
.ours-name { font-weight: 600; }
.grid { stroke: #d8dee4; stroke-width: 1; }
.floor { fill: #59636e; }
.ours { fill: #0969da; }
.peer { fill: #afb8c1; }
.base { stroke: #59636e; stroke-width: 1.5; }
.spread { stroke: #1f2328; stroke-width: 1.5; opacity: 0.65; }
@media (prefers-color-scheme: dark) {
  .page { fill: #0d1117; stroke: #3d444d; }
  text { fill: #f0f6fc; }
  .quiet { fill: #9198a1; }
  .grid { stroke: #2a313a; }
  .floor { fill: #9198a1; }
  .ours { fill: #4493f8; }
  .peer { fill: #59636e; }
  .base { stroke: #9198a1; }
  .spread { stroke: #f0f6fc; }
}
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One contender's value.

    Attributes:
        name: Whose.
        value: How long the bar is, or None where there is no value.
        low: The lowest of the runs.
        high: The highest.
        text: What stands at its end; why there is no value, where there is none.
        kind: Which colour.
    """

    name: str
    value: float | None
    low: float
    high: float
    text: str
    kind: Literal["floor", "ours", "peer"]


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars on one axis.

    Attributes:
        title: What they show.
        better: Which are better, in words.
        bars: From top to bottom.
        is_ratio: Whether values are multiples of the floor, whose axis is logarithmic and begins at 1; else the axis is
            linear and begins at 0.
    """

    title: str
    better: str
    bars: Sequence[Bar]
    is_ratio: bool


class Axis:
    """Where a value is, from the left, and which values have a line.

    Args:
        values: All that must fit.
        is_ratio: See :class:`Panel`.
    """

    def __init__(self, values: Sequence[float], *, is_ratio: bool) -> None:
        self.is_ratio = is_ratio
        self.base = 1.0 if is_ratio else 0.0
        if is_ratio:
            self.ticks = _logarithmic(min([1.0, *values]), max([2.0, *values]))
        else:
            self.ticks = _linear(max(values, default=1.0))

    def at(self, value: float) -> float:
        """Pixels from the left of the chart."""
        low, high = self._scaled(self.ticks[0]), self._scaled(self.ticks[-1])
        return LEFT + SPAN * (self._scaled(value) - low) / (high - low)

    def label(self, tick: float) -> str:
        """What stands under a line."""
        return f"{tick:,g} {TIMES}" if self.is_ratio else f"{tick:,.0f}"

    def _scaled(self, value: float) -> float:
        return math.log10(max(value, 1e-9)) if self.is_ratio else value


def draw(title: str, panels: Sequence[Panel], note: str = "") -> str:
    """Return the chart as an SVG document.

    Args:
        title: What it is about, for everybody.
        panels: From top to bottom.
        note: A small line under the title.
    """
    height = HEAD + sum(PANEL_HEAD + ROW * len(panel.bars) + AXIS + GAP for panel in panels)
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {height}",
            "width": str(WIDTH),
            "height": str(height),
            "role": "img",
            "aria-labelledby": "title description",
        },
    )
    ElementTree.SubElement(root, "title", {"id": "title"}).text = title
    ElementTree.SubElement(root, "desc", {"id": "description"}).text = described(panels)
    ElementTree.SubElement(root, "style").text = STYLE
    _add(root, "rect", "page", x=0.5, y=0.5, width=WIDTH - 1, height=height - 1, rx=6)
    _text(root, MARGIN, 32, title, "title")
    if note:
        _text(root, MARGIN, 52, note, "quiet small")
    top = float(HEAD)
    for panel in panels:
        top = _draw_panel(root, panel, top)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def described(panels: Sequence[Panel]) -> str:
    """The figures in words."""
    return " ".join(
        f"{panel.title} ({panel.better}): " + "; ".join(f"{bar.name}, {bar.text}" for bar in panel.bars) + "."
        for panel in panels
    )


def _draw_panel(root: ElementTree.Element, panel: Panel, top: float) -> float:
    """Draw one, and return where the next begins."""
    _text(root, MARGIN, top + 22, panel.title, "panel")
    _text(root, WIDTH - MARGIN, top + 22, panel.better, "quiet small", anchor="end")
    measured = [bar for bar in panel.bars if bar.value is not None]
    axis = Axis([end for bar in measured for end in (bar.low, bar.high)], is_ratio=panel.is_ratio)
    first = top + PANEL_HEAD
    last = first + ROW * len(panel.bars)
    for tick in axis.ticks:
        at = axis.at(tick)
        _add(root, "line", "grid", x1=at, y1=first - 4, x2=at, y2=last)
        _text(root, at, last + 16, axis.label(tick), "quiet small", anchor="middle")
    base = axis.at(axis.base)
    for number, bar in enumerate(panel.bars):
        _draw_bar(root, bar, axis, first + ROW * number)
    _add(root, "line", "base", x1=base, y1=first - 4, x2=base, y2=last)
    return last + AXIS + GAP


def _draw_bar(root: ElementTree.Element, bar: Bar, axis: Axis, top: float) -> None:
    middle = top + ROW / 2
    name = "ours-name" if bar.kind == "ours" else ""
    _text(root, LEFT - 10, middle + 4.5, bar.name, name, anchor="end")
    if bar.value is None:
        _text(root, LEFT + 8, middle + 4.5, bar.text, "quiet small")
        return
    base, end = axis.at(axis.base), axis.at(bar.value)
    _add(root, "rect", bar.kind, x=min(base, end), y=middle - BAR / 2, width=abs(end - base), height=BAR)
    low, high = axis.at(bar.low), axis.at(bar.high)
    if high - low >= 1:
        _add(root, "line", "spread", x1=low, y1=middle, x2=high, y2=middle)
    _text(root, max(base, end, high) + 8, middle + 4.5, bar.text, "small")


def _text(root: ElementTree.Element, x: float, y: float, text: str, kind: str, anchor: str = "start") -> None:
    made = _add(root, "text", kind, x=x, y=y)
    made.text = text
    if anchor != "start":
        made.set("text-anchor", anchor)


def _add(root: ElementTree.Element, tag: str, kind: str, **numbers: float) -> ElementTree.Element:
    attributes = {name: f"{number:.1f}".removesuffix(".0") for name, number in numbers.items()}
    return ElementTree.SubElement(root, tag, {"class": kind, **attributes} if kind else attributes)


def _logarithmic(low: float, high: float) -> list[float]:
    """1, 3, 10, 30, … from the last that is not above ``low`` to the first that is not below ``high``."""
    steps = [step * 10.0**power for power in range(-6, 10) for step in (1, 3)]
    first = max(number for number, step in enumerate(steps) if step <= low)
    last = min(number for number, step in enumerate(steps) if step >= high)
    return steps[first : last + 1]


def _linear(high: float) -> list[float]:
    """0 and about five more, each 1, 2 or 5 times a power of ten apart, up to the first that is not below ``high``."""
    if high <= 0:
        return [0.0, 1.0]
    power = 10.0 ** math.floor(math.log10(high / 5))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor * 6 >= high)
    return [step * number for number in range(math.ceil(high / step) + 1)]
