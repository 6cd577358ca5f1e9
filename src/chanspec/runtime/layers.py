"""Channel layers by alias where no Django settings name them; what a layer must offer. It sends nothing itself."""

from __future__ import annotations

import threading
from typing import Any, Protocol, runtime_checkable

from chanspec.runtime.memory import ChannelFull, InMemoryChannelLayer

__all__ = [
    "DEFAULT_ALIAS",
    "ChannelFull",
    "ChannelLayer",
    "InMemoryChannelLayer",
    "UnknownLayerError",
    "forget_layers",
    "get_layer",
    "is_full",
    "is_mistake",
    "register_layer",
]

DEFAULT_ALIAS = "default"


@runtime_checkable
class ChannelLayer(Protocol):
    """The part of the Channel Layer Specification that groups and channel events need."""

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """Put ``message`` on a ``channel``."""

    async def receive(self, channel: str) -> dict[str, Any]:
        """Wait for the next message on a ``channel``."""
        raise NotImplementedError

    async def new_channel(self) -> str:
        """Return a name that no other channel has."""
        raise NotImplementedError

    async def group_add(self, group: str, channel: str) -> None:
        """Make a ``channel`` a member of a ``group``."""

    async def group_discard(self, group: str, channel: str) -> None:
        """End the membership of a ``channel`` in a ``group``."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Put ``message`` on every channel of a ``group``."""


class UnknownLayerError(LookupError):
    """No layer is registered under the alias; the message names those that are."""


_layers: dict[str, Any] = {}
_lock = threading.Lock()


def register_layer(alias: str, layer: Any) -> Any:
    """Make ``layer`` the one that consumers with ``channel_layer_alias = alias`` use, and return it.

    Registering an alias again replaces its layer for connections that open afterwards.

    Args:
        alias: The layer's name.
        layer: Any object that keeps the Channel Layer Specification.

    Raises:
        TypeError: The layer lacks a method of the specification.

    Example:
        >>> from fast_channels.layers.redis import RedisPubSubChannelLayer  # channels_redis has one too, for Django
        >>> register_layer("default", RedisPubSubChannelLayer(hosts=["redis://localhost:6379"]))
    """
    missing = [name for name in _METHODS if not callable(getattr(type(layer), name, None) or _instance(layer, name))]
    if missing:
        raise TypeError(
            f"register_layer({alias!r}, ...): {type(layer).__qualname__} has no {', '.join(missing)}; "
            "pass a channel layer that keeps the Channel Layer Specification"
        )
    with _lock:
        _layers[alias] = layer
    return layer


def get_layer(alias: str = DEFAULT_ALIAS) -> Any:
    """The layer registered as ``alias``. ``"default"`` is an in-memory layer until something else is registered.

    Args:
        alias: The layer's name.

    Raises:
        UnknownLayerError: None is registered as that.
    """
    with _lock:
        if alias not in _layers and alias == DEFAULT_ALIAS:
            _layers[alias] = InMemoryChannelLayer()
        try:
            return _layers[alias]
        except KeyError:
            known = ", ".join(sorted({*_layers, DEFAULT_ALIAS}))
            raise UnknownLayerError(
                f"no channel layer is registered as {alias!r} (registered: {known}); "
                f"call chanspec's register_layer({alias!r}, layer) before the first connection"
            ) from None


def forget_layers() -> None:
    """Unregister every layer, as tests want between two applications."""
    with _lock:
        _layers.clear()


def is_full(error: BaseException) -> bool:
    """Whether a layer refused a message because the channel is full.

    Told by the class's name: each library of layers has its own ``ChannelFull``, and importing Channels' needs Django.
    """
    return any(base.__name__ == "ChannelFull" for base in type(error).__mro__)


def is_mistake(error: BaseException) -> bool:
    """Whether a layer's error is about what it was asked, rather than about whether it can be reached."""
    return isinstance(error, (TypeError, ValueError, AssertionError, NotImplementedError))


_METHODS = ("send", "receive", "new_channel", "group_add", "group_discard", "group_send")


def _instance(layer: Any, name: str) -> Any:
    """A method that a layer makes in ``__getattr__``, as channels_redis' pub/sub layer does."""
    return getattr(layer, name, None)
