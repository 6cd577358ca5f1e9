"""Whether the layers on Redis, and their client library, still are what shortcuts past them take them for."""

from __future__ import annotations

from typing import Any

LIBRARIES = (
    "channels.layers",
    "channels_redis.core",
    "channels_redis.pubsub",
    "fast_channels.layers.base",
    "fast_channels.layers.redis.core",
    "fast_channels.layers.redis.pubsub",
)


def is_as_released(thing: Any, *methods: str) -> bool:
    """Whether these methods are those of a library of layers, and nobody has put others in their place.

    Args:
        thing: A layer, or a part of one.
        methods: What is gone round.
    """
    modules = [getattr(getattr(type(thing), method, None), "__module__", "") for method in methods]
    return all(module in LIBRARIES for module in modules) and not any(method in vars(thing) for method in methods)


def pool_gives_connections() -> bool:
    """Whether redis-py's pool gives connections to whoever asks, without saying for which command: since 5.3."""
    import redis

    return redis.VERSION >= (5, 3)
