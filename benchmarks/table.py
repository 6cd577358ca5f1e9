"""The results as rows of one table, and those as Markdown or for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.contenders import Contender
from benchmarks.figures import TIMES, Figure, Target, figure, readable
from benchmarks.harness import Found, Results, to_floor
from benchmarks.scenario import Metric, Options, Scenario

HEAD = ("who", "measured, median (lowest to highest)", f"{TIMES} floor", "target", "outcome")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: one figure of one contender.

    Attributes:
        what: The metric's title, with its unit.
        who: The contender's name.
        measured: Its figure, or None if no run finished.
        to_floor: The ratio to the floor, where there is one.
        target: What is aimed at.
        failure: Why runs did not finish, with how many did not.
        ours: Whether it is chanspec.
    """

    what: str
    who: str
    measured: Figure | None
    to_floor: Figure | None
    target: Target | None
    failure: str
    ours: bool

    @property
    def outcome(self) -> str:
        """Whether the target is met, or nothing where there is none."""
        if self.target is None:
            return ""
        judged = self.to_floor if self.target.of_ratio else self.measured
        if judged is None:
            return "missed"
        return "met" if self.target.is_met(judged.median) else "missed"

    def cells(self) -> tuple[str, ...]:
        """The row as text, in the order of ``HEAD``."""
        if self.measured is None:
            measured = f"did not finish: {self.failure}"
        else:
            measured = with_spread(self.measured) + (f"; {self.failure}" if self.failure else "")
        to_floor = "" if self.to_floor is None else with_spread(self.to_floor)
        return self.who, measured, to_floor, "" if self.target is None else str(self.target), self.outcome


def with_spread(found: Figure) -> str:
    """``4.63 (4.41 to 4.9)``, or the median alone where no run was another's equal."""
    if found.low == found.high:
        return readable(found.median)
    return f"{readable(found.median)} ({readable(found.low)} to {readable(found.high)})"


def rows(scenarios: Sequence[Scenario], results: Results, options: Options) -> list[Row]:
    """The table of what was measured."""
    return [
        _row(scenario, metric, contender, results[scenario.key], options)
        for scenario in scenarios
        if scenario.key in results
        for metric in scenario.metrics
        for contender in scenario.contenders
        if (metric.only is None or contender.key in metric.only) and contender.key in results[scenario.key]
    ]


def _row(scenario: Scenario, metric: Metric, contender: Contender, found: dict[str, Found], options: Options) -> Row:
    turns = found[contender.key].values(metric.key)
    scaled = [value * metric.scale for value in turns if value is not None]
    ratio = None
    if metric.floor is not None and metric.floor in found and contender.key != metric.floor:
        ratio = to_floor(found[contender.key], found[metric.floor], metric.key)
    return Row(
        what=f"{metric.title.format(**options.as_dict())}: {metric.unit}",
        who=contender.name,
        measured=figure(scaled) if scaled else None,
        to_floor=ratio,
        target=metric.targets.get(contender.key),
        failure=_failure(found[contender.key]),
        ours=contender.ours,
    )


def _failure(found: Found) -> str:
    if not found.failures:
        return ""
    if any(turn is not None for turn in found.turns):
        return f"{len(found.failures)} of {len(found.turns)} runs did not finish: {found.failures[0]}"
    return found.failures[0]


def groups(found: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The rows of each figure, with its title."""
    titles = list(dict.fromkeys(row.what for row in found))
    for title in titles:
        yield title, [row for row in found if row.what == title]


def markdown(found: Sequence[Row]) -> str:
    """The table; what is measured stands in a line of its own before those who were."""
    lines = [_line(HEAD), _line(["---"] * len(HEAD))]
    for title, members in groups(found):
        lines.append(_line((f"**{title}**", "", "", "", "")))
        for row in members:
            cells = [_escaped(cell) for cell in row.cells()]
            if row.ours:
                cells[0] = f"*{cells[0]}*"
            lines.append(_line(cells))
    return "\n".join(lines)


def show(found: Sequence[Row], console: Console) -> None:
    """Print the table: drawn on a terminal, as Markdown elsewhere."""
    if not console.is_terminal:
        console.print(markdown(found), markup=False, highlight=False, soft_wrap=True)
        return
    drawn = Table(*HEAD, title_justify="left", pad_edge=False)
    for title, members in groups(found):
        drawn.add_section()
        drawn.add_row(f"[bold]{_plain(title)}[/]")
        for row in members:
            style = "cyan" if row.ours else None
            *cells, outcome = map(_plain, row.cells())
            drawn.add_row(*cells, f"[red]{outcome}[/]" if outcome == "missed" else outcome, style=style)
    console.print(drawn)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
