"""Names in a document: readable, allowed by AsyncAPI, and each used once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from chanspec.contract import Contract
from chanspec.schemas.dialect import RESERVED_KEYS


def pascal(name: str) -> str:
    """``"ride.offer"`` → ``"RideOffer"``; a name in camel case keeps its humps."""
    words = re.findall(r"[A-Za-z0-9]+", _ascii(name))
    return "".join(word[0].upper() + word[1:] for word in words) or "Message"


def snake(name: str) -> str:
    """``"ride.offer"`` → ``"ride_offer"``; what AsyncAPI allows in an identifier stays as it is."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", _ascii(name)).strip("_") or "message"


def _ascii(name: str) -> str:
    """Letters without their accents; what is no Latin letter stays, for the caller to replace."""
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
    """A set of names, none of which is given twice."""

    def __init__(self) -> None:
        self._taken: set[str] = set(RESERVED_KEYS)

    def claim(self, name: str) -> bool:
        """Take exactly ``name``; False where it is taken already."""
        if name in self._taken:
            return False
        self._taken.add(name)
        return True

    def take(self, *candidates: str) -> str:
        """Return the first candidate not taken, or the last one with the lowest number that makes it new."""
        name = next((each for each in candidates if each not in self._taken), None)
        number = 2
        while name is None:
            numbered = f"{candidates[-1]}{number}"
            name = None if numbered in self._taken else numbered
            number += 1
        self._taken.add(name)
        return name
