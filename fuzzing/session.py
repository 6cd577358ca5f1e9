"""One run of one fuzzer: its random numbers, when it ends, and what it found. It knows nothing of what is fuzzed."""

from __future__ import annotations

import json
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

FAILURES = Path(__file__).parent / "failures"
"""Where reproductions are written; git ignores it."""

MAX_FAILURES = 50  # distinct ones; a fuzzer that finds more than these finds one thing over and over

Case = dict[str, Any]
"""What a fuzzer needs to do the same once more: JSON."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One way to do harm.

    Attributes:
        fuzzer: Which found it.
        seed: Of its run.
        what: What happened, in a sentence.
        case: The smallest reproduction that was found.
    """

    fuzzer: str
    seed: int
    what: str
    case: Case

    def write(self, folder: Path = FAILURES) -> Path:
        """Keep it in a file for ``--replay``; the same failure has the same file."""
        text = json.dumps(asdict(self), indent=1)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.fuzzer}-{sha256(json.dumps(self.case).encode()).hexdigest()[:10]}.json"
        path.write_text(text + "\n", encoding="utf-8")
        return path

    @classmethod
    def read(cls, path: Path) -> Failure:
        """Read what :meth:`write` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def __str__(self) -> str:
        shown = json.dumps(self.case)
        return f"{self.fuzzer}: {self.what}\n    seed {self.seed}, {shown if len(shown) < 600 else shown[:600] + '…'}"


@dataclass(slots=True)
class Session:
    """See the module.

    Attributes:
        name: The fuzzer's.
        seed: What everything is made from. The same seed makes the same cases in the same order.
        count: How many cases at most; None for no limit.
        seconds: When to begin no further case; None for no limit.
        redis: Whether a Redis may be started.
        browser: Whether a browser may be.
        say: Told of progress.
        failures: What was found, by what makes two findings the same.
        hits: How often each was met.
        figures: What the README's table shows, besides the number of cases.
        done: How many cases there were.
    """

    name: str
    seed: int = 0
    count: int | None = None
    seconds: float | None = None
    redis: bool = True
    browser: bool = True
    say: Callable[[str], None] = lambda text: None
    failures: dict[str, Failure] = field(default_factory=dict)
    hits: Counter[str] = field(default_factory=Counter)
    figures: dict[str, str] = field(default_factory=dict)
    done: int = 0
    began: float = field(default_factory=time.monotonic)

    def cases(self) -> Iterator[Random]:
        """The random numbers of each case, until the session is over."""
        while self.goes_on:
            yield self.random(self.done)
            self.done += 1
            self.say(f"{self.done:,} cases, {len(self.failures)} failures")

    @property
    def goes_on(self) -> bool:
        """Whether there is to be another case."""
        if self.count is not None and self.done >= self.count:
            return False
        if self.seconds is not None and time.monotonic() - self.began >= self.seconds:
            return False
        return len(self.failures) < MAX_FAILURES

    def random(self, of: object) -> Random:
        """Random numbers that depend on the seed and on what they are for, and on nothing that ran before."""
        return Random(f"{self.seed} {self.name} {of}")

    def is_new(self, key: str) -> bool:
        """Whether a failure was not met yet; it counts as met from now on."""
        self.hits[key] += 1
        return self.hits[key] == 1

    def failed(self, key: str, what: str, case: Case) -> None:
        """Keep a failure."""
        self.hits[key] = max(1, self.hits[key])
        self.failures[key] = Failure(self.name, self.seed, what, case)


class Progress:
    """Says on standard error how far a fuzzer is: in place on a terminal, else now and then."""

    def __init__(self, name: str) -> None:
        self._name, self._is_terminal = name, sys.stderr.isatty()
        self._every = 0.2 if self._is_terminal else 15.0
        self._next = time.monotonic() + self._every

    def __call__(self, text: str) -> None:
        if (now := time.monotonic()) >= self._next:
            self._next = now + self._every
            line = f"{self._name}: {text}"
            print(
                f"\r\x1b[K{line}" if self._is_terminal else line, end="" if self._is_terminal else "\n", file=sys.stderr
            )
            sys.stderr.flush()

    def end(self) -> None:
        if self._is_terminal:
            print("\r\x1b[K", end="", file=sys.stderr)


def place_of(error: BaseException) -> str:
    """What an exception is and which function raised it: the same for what is the same fault."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if "/chanspec/" in each.filename] or list(frames)
    where = f" in {Path(ours[-1].filename).name}:{ours[-1].name}" if ours else ""
    return f"{type(error).__name__}{where}"


def in_general(text: str) -> str:
    """A sentence without what differs from one case to the next: quotations and numbers."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "…", text)[:160]


async def lump(items: list[Any], is_bad: Callable[[list[Any]], Awaitable[bool]], tries: int) -> list[Any]:
    """A short part of a list that is still bad: halves, quarters, … are left out while it is (delta debugging)."""
    size = max(1, len(items) // 2)
    while size:
        for start in range(0, len(items), size):
            fewer = items[:start] + items[start + size :]
            tries -= 1
            if tries < 0:
                return items
            if fewer and await is_bad(fewer):
                items = fewer
                break
        else:
            size //= 2
    return items
