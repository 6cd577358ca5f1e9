"""What an application in this process logs as failed while it is tested: errors with a traceback."""

from __future__ import annotations

import logging
import traceback
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from chanspec.terminal import shown

__all__ = ["Crash", "Crashes"]

MAX_KEPT = 20


@dataclass(frozen=True, slots=True)
class Crash:
    """An exception that nobody was to see.

    Attributes:
        kind: The exception's class.
        text: What it said, on one line of printable ASCII.
        where: The innermost place outside of installed packages, ``file:line in function``, or simply the innermost.
    """

    kind: str
    text: str
    where: str

    @classmethod
    def of(cls, error: BaseException) -> Crash:
        frames = traceback.extract_tb(error.__traceback__)
        own = [
            frame for frame in frames if "site-packages" not in frame.filename and "/lib/python" not in frame.filename
        ]
        where = ""
        if frames:
            frame = (own or frames)[-1]
            where = f"{_nearby(frame.filename)}:{frame.lineno} in {frame.name}"
        return cls(type(error).__qualname__, shown(str(error), 300), where)

    def __str__(self) -> str:
        said = f"{self.kind}: {self.text}" if self.text else self.kind
        return f"{said} ({self.where})" if self.where else said


class Crashes(logging.Handler):
    """Listens while it is entered; ``take`` returns what was heard since."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._heard: deque[Crash] = deque(maxlen=MAX_KEPT)
        self._loggers: list[logging.Logger] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self._heard.append(Crash.of(record.exc_info[1]))

    def take(self) -> list[Crash]:
        heard = list(self._heard)
        self._heard.clear()
        return heard

    def __enter__(self) -> Self:
        # Loggers that pass nothing on to the root are heard themselves.
        known = logging.Logger.manager.loggerDict.values()
        alone = [each for each in known if isinstance(each, logging.Logger) and not each.propagate]
        self._loggers = [logging.getLogger(), *alone]
        for each in self._loggers:
            each.addHandler(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._loggers:
            each.removeHandler(self)


def _nearby(filename: str) -> str:
    """A path from the current folder, if it is in there."""
    try:
        return str(Path(filename).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return filename
