"""What applications raise to accept, deny or end a connection: the exceptions of Channels, and of fast-channels.

They are told by name. The core imports neither library, and a consumer that runs without them can raise none of these.
"""

from __future__ import annotations

_MODULES = ("channels.exceptions", "fast_channels.exceptions")


def accepts(error: BaseException) -> bool:
    """Whether ``connect`` raised ``AcceptConnection``."""
    return _is(error, "AcceptConnection")


def denies(error: BaseException) -> bool:
    """Whether ``connect`` raised ``DenyConnection``."""
    return _is(error, "DenyConnection")


def stops(error: BaseException) -> bool:
    """Whether ``StopConsumer`` was raised: the consumer wants to end, and to hear nothing more."""
    return _is(error, "StopConsumer")


def _is(error: BaseException, name: str) -> bool:
    return any(each.__name__ == name and each.__module__ in _MODULES for each in type(error).__mro__)
