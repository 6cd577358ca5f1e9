"""Names in a document: readable, allowed by AsyncAPI, and each used once.

Those of the types in code that is generated from it are in :mod:`.type_names`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from chanspec.contract import Contract
from chanspec.schemas.dialect import RESERVED_KEYS


def pascal(name: str, default: str = "Message") -> str:
    """``"ride.offer"`` → ``"RideOffer"``; a name in camel case keeps its humps.

    Args:
        name: Any text.
        default: What a name without a Latin letter or digit becomes.
    """
    words = re.findall(r"[A-Za-z0-9]+", _ascii(name))
    return "".join(word[0].upper() + word[1:] for word in words) or default


def snake(name: str) -> str:
    """``"ride.offer"`` → ``"ride_offer"``; what AsyncAPI allows in an identifier stays as it is."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", _ascii(name)).strip("_") or "message"


def _ascii(name: str) -> str:
    """Letters without their accents; what is no Latin letter stays, for the caller to replace."""
    if name.isascii():
        return name
    return "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))


def channel_names(contract: Contract, path: str) -> Iterator[str]:
    """Yield names for a channel, the best first.

    That is the contract's own name; then its address's last segment, the last two, …; then the consumer's name.
    """
    if contract.name:
        yield snake(contract.name)
    segments = [snake(unquote(segment)) for segment in path.split("/") if segment and not segment.startswith("{")]
    if segments[:1] == ["ws"]:  # says nothing about the channel
        segments = segments[1:]
    for count in range(1, len(segments) + 1):
        yield "_".join(segments[-count:])
    consumer = contract.consumer.__name__.removesuffix("Consumer") or "channel"
    yield re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", consumer).lower()


class Names:
    """A set of names, none of which is given twice.

    Args:
        fold: Whether names that differ in case alone are the same, as they are to file systems and in some addresses.
    """

    def __init__(self, *, fold: bool = False) -> None:
        self._fold = fold
        self._taken: set[str] = set(map(self._key, RESERVED_KEYS))
        self._numbers: dict[str, int] = {}  # the last one given to a name

    def claim(self, name: str) -> bool:
        """Take exactly ``name``; False where it is taken already."""
        key = self._key(name)
        if key in self._taken:
            return False
        self._taken.add(key)
        return True

    def take(self, *candidates: str) -> str:
        """Return the first candidate not taken, or the last one with the lowest number that makes it new."""
        for each in candidates:
            if self.claim(each):
                return each
        number = self._numbers.get(candidates[-1], 1) + 1
        while not self.claim(name := f"{candidates[-1]}{number}"):
            number += 1
        self._numbers[candidates[-1]] = number
        return name

    def _key(self, name: str) -> str:
        return name.casefold() if self._fold else name
