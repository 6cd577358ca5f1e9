"""What a connection tells whoever watches it through its scope: which consumer serves it, and what that refused.

Middleware that checks frames puts a witness into the scope; :mod:`chanspec.enforcement` has one. Consumers that check
what they are sent tell it what was wrong, so that nothing is validated twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

WITNESS = "chanspec.witness"
"""The key of the scope."""


class BroadcastText(str):
    """The text of a broadcast, which is its sender's and not that of the connections that it goes to."""

    __slots__ = ()


class Witness(Protocol):
    """See the module."""

    def serves(self, consumer: type, *, answers: bool = False) -> None:
        """Learn which class serves the connection. Of several that say so, the first is the one on the wire.

        Args:
            consumer: The class.
            answers: Whether it checks what the client sends, answers what is wrong, and calls ``refused``.
        """

    def refused(self, errors: list[dict[str, Any]], value: str | None = None, *, meant: str = "") -> None:
        """Learn that the consumer refused a frame.

        Args:
            errors: What it was answered: ``{"loc": [...], "msg": "...", "type": "..."}``, at least one.
            value: The discriminator's value, where it is one of the contract's.
            meant: Another field that seems to name the frame, in a form that may be logged.
        """

    def broadcasts(self, text: str) -> None:
        """Learn what the consumer is about to broadcast.

        Args:
            text: The frame's.

        Raises:
            Exception: It is not to be sent.
        """


def witness_of(scope: Mapping[str, Any]) -> Witness | None:
    """The witness of a connection, if there is one."""
    witness: Witness | None = scope.get(WITNESS)
    return witness
