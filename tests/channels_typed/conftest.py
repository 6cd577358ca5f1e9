"""The servers that typed consumers on Channels are tested with."""

from __future__ import annotations

from tests.channels_typed.postgres import postgres
from tests.redis import redis_server, shared_redis

__all__ = ["postgres", "redis_server", "shared_redis"]
