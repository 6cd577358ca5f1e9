"""Shows what is measured now and how long it will take: a bar on a terminal, a line for each turn elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.harness import Step, Watch, steps
from benchmarks.scenario import Scenario


@contextlib.contextmanager
def shown(scenarios: Sequence[Scenario], runs: int) -> Iterator[Watch]:
    """Yield what ``run`` calls before each measurement."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[left]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        everything = sum(1 for _ in steps(scenarios, runs))
        task = progress.add_task("starting", total=everything, left="")
        order = {_name(step): number for number, step in enumerate(steps(scenarios, runs))}

        def watch(step: Step, left: float) -> None:
            description = f"{step.scenario.key}, run {step.turn} of {step.turns}: {step.contender.name}"
            progress.update(task, completed=order[_name(step)], description=description, left=in_words(left))

        yield watch


def in_words(seconds: float) -> str:
    """``about 6 min left``."""
    return f"about {seconds / 60:.0f} min left" if seconds >= 90 else f"about {seconds:.0f} s left"


def _lines() -> Watch:
    said: set[tuple[str, int]] = set()

    def watch(step: Step, left: float) -> None:
        turn = (step.scenario.key, step.turn)
        if turn not in said:
            said.add(turn)
            print(
                f"{step.scenario.key}: run {step.turn} of {step.turns}, {in_words(left)}", file=sys.stderr, flush=True
            )

    return watch


def _name(step: Step) -> tuple[str, int, str]:
    return step.scenario.key, step.turn, step.contender.key
