"""The progress of a conformance run: a bar on a terminal, lines elsewhere. It goes to standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from chanspec.terminal import shown

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from chanspec.conformance.findings import Finding
    from chanspec.conformance.options import Observer

__all__ = ["observer"]

LONGEST = 120  # characters of a name


def observer(stream: TextIO | None = None) -> Observer:
    """Who shows the progress on a stream: a bar where a terminal reads, else lines."""
    out: TextIO = sys.stderr if stream is None else stream
    if out.isatty():
        try:
            return Bar(out)
        except ImportError:
            pass
    return Lines(out)


class Lines:
    """A line for each thing that is begun."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._last = ""

    def begin(self, steps: int) -> None:
        self._say(f"at most {steps} messages")

    def at(self, channel: str, what: str) -> None:
        if (line := _begun(channel, what)) != self._last:
            self._last = line
            self._say(line)

    def step(self, steps: int = 1) -> None: ...

    def found(self, finding: Finding) -> None:
        action = f", {shown(finding.action, LONGEST)}" if finding.action else ""
        self._say(f"found: {finding.kind}: {shown(finding.channel, LONGEST)}{action}")

    def end(self) -> None: ...

    def _say(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


class Bar:
    """A bar with what is tried at the moment, how long it may still take, and how many findings there are."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress: Progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[findings]}", markup=False),
            console=Console(file=stream),
            transient=True,
        )
        self._task: TaskID | None = None
        self.findings: list[Finding] = []

    def begin(self, steps: int) -> None:
        self._task = self._progress.add_task("", total=steps, findings="")
        self._progress.start()

    def at(self, channel: str, what: str) -> None:
        if self._task is not None:
            self._progress.update(self._task, description=_begun(channel, what)[:60])

    def step(self, steps: int = 1) -> None:
        if self._task is not None:
            self._progress.advance(self._task, steps)

    def found(self, finding: Finding) -> None:
        self.findings.append(finding)
        if self._task is not None:
            count = len(self.findings)
            self._progress.update(self._task, findings=f"{count} finding{'s'[: count != 1]}")

    def end(self) -> None:
        self._progress.stop()


def _begun(channel: str, what: str) -> str:
    return f"{shown(channel, LONGEST)}: {shown(what, LONGEST)}"
