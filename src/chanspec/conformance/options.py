"""What a run may be told, and who is told of its progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Protocol

from chanspec.conformance.document import Action, Channel
from chanspec.conformance.findings import Finding
from chanspec.conformance.transport import Handshake

__all__ = ["Observer", "Options", "Silent"]


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is made.

    Attributes:
        seed: What messages are made from; the same seed makes the same ones.
        max_examples: How many valid messages, and as many invalid ones, each action gets at most.
        max_seconds: How long the run may take, making messages included; what was sent then is still waited for.
        reply_seconds: How long a promised answer may take.
        handshake: What the client says when it connects.
        only: Names of actions, operations or channels, or patterns of them (``ride_*``); empty for all.
        channels: Keys of channels, or patterns of them; empty for all.
        exclude: Names of actions, operations or channels, or patterns of them, to leave out.
        messages: Texts to send in this order instead of made-up messages.
        frame: The name of a frame that is no message, to send instead.
        command: The words of the command that this run is, which findings add to.
    """

    seed: int = 0
    max_examples: int = 60
    max_seconds: float = 60.0
    reply_seconds: float = 5.0
    handshake: Handshake = field(default_factory=Handshake)
    only: Sequence[str] = ()
    channels: Sequence[str] = ()
    exclude: Sequence[str] = ()
    messages: Sequence[str] = ()
    frame: str | None = None
    command: Sequence[str] = ()

    def wants(self, channel: Channel, action: Action) -> bool:
        """Whether an action is to be tried."""
        return self._wants((action.message.value, action.operation, channel.key), channel)

    def wants_channel(self, channel: Channel) -> bool:
        """Whether anything of a channel is to be tried."""
        if channel.actions:
            return any(self.wants(channel, action) for action in channel.actions)
        return self._wants((channel.key,), channel)

    def _wants(self, names: Sequence[str], channel: Channel) -> bool:
        if self.channels and not _any(self.channels, (channel.key,)):
            return False
        return (not self.only or _any(self.only, names)) and not _any(self.exclude, names)


def _any(patterns: Sequence[str], names: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in names)


class Observer(Protocol):
    """Told what a run does, while it does it."""

    def begin(self, steps: int) -> None:
        """The run begins, and has so many steps."""

    def at(self, channel: str, what: str) -> None:
        """Something is begun: an action's name, or what else is looked at."""

    def step(self, steps: int = 1) -> None:
        """So many steps are done, or need not be done."""

    def found(self, finding: Finding) -> None:
        """There is a finding."""

    def end(self) -> None:
        """The run is over."""


class Silent:
    """Tells nobody."""

    def begin(self, steps: int) -> None: ...

    def at(self, channel: str, what: str) -> None: ...

    def step(self, steps: int = 1) -> None: ...

    def found(self, finding: Finding) -> None: ...

    def end(self) -> None: ...
