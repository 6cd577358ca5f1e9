"""A drift: one way in which a frame differs from its consumer's contract, as a value that people can read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chanspec.contract import Direction
from chanspec.runtime.log import shown

MAX_NAME = 64
MAX_PATH = 10

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Drift:
    """What is wrong with a frame. Nothing in it is longer than a few lines, and all of it is printable.

    Attributes:
        direction: ``"in"``: the client sent it. ``"out"``: the server did.
        consumer: The class that serves the connection, ``module:Class``.
        where: Where what was broken is declared, ``module:Class`` or ``module:Class.method``.
        message: The value of the discriminator, or None where there is none.
        path: The place in the frame, ``payload.items[3].name``; empty for the frame as a whole.
        what: What is wrong, in one line. It never quotes what a client sent.
        cure: What to write instead, as an imperative.
    """

    direction: Direction
    consumer: str
    where: str
    message: str | None
    path: str
    what: str
    cure: str

    def __str__(self) -> str:
        by = "" if self.where.startswith(self.consumer) else f" (in {self.consumer})"
        subject = "a frame" if self.message is None else f"'{self.message}'"
        at = f", at {self.path}" if self.path else ""
        return (
            f"{self.where}{by}: {subject} was {'received' if self.direction == 'in' else 'sent'}{at}: "
            f"{self.what}; {self.cure}"
        )


class DriftError(ValueError):
    """A message was not broadcast, because it is not as the contract says.

    Attributes:
        drift: What is wrong.
    """

    def __init__(self, drift: Drift) -> None:
        super().__init__(str(drift))
        self.drift = drift


def name_shown(value: str) -> str:
    """A discriminator's value as one bounded line of printable characters."""
    return shown(value, MAX_NAME)


def path_shown(places: Iterable[str | int]) -> str:
    """A path into JSON as people write it: ``payload.items[3]["a key"]``, cut after ten places."""
    written = ""
    for number, place in enumerate(places):
        if number == MAX_PATH:
            return f"{written}…"
        if isinstance(place, int):
            written += f"[{place}]"
        elif len(place) <= MAX_NAME and _NAME.fullmatch(place):
            written += f".{place}" if written else place
        else:
            written += f'["{shown(place, MAX_NAME)}"]'
    return written
