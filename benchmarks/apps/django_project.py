"""Sets up Django for the applications on Channels: no debugging, no logging, one channel layer."""

from __future__ import annotations

import os
import sys
import types
from typing import Any

SETTINGS = "benchmark_settings"

LAYERS = {
    "memory": "channels.layers.InMemoryChannelLayer",
    "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
    "queue": "channels_redis.core.RedisChannelLayer",
}


def set_up(*apps: str, layer: str, redis: str | None, database: bool = False) -> None:
    """Configure Django, once in a process.

    Args:
        apps: Installed besides ``channels``.
        layer: One of ``LAYERS``.
        redis: Its address.
        database: Whether there is one: SQLite, whose connections are kept and checked for each request.
    """
    channel_layer: dict[str, Any] = {"BACKEND": LAYERS[layer]}
    if redis is not None and layer != "memory":
        channel_layer["CONFIG"] = {"hosts": [redis]}
    module = types.ModuleType(SETTINGS)
    module.__dict__.update(
        SECRET_KEY="benchmark",
        DEBUG=False,
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "channels", *apps],
        CHANNEL_LAYERS={"default": channel_layer},
        LOGGING_CONFIG=None,
        USE_TZ=True,
    )
    if database:
        name = "file:benchmark?mode=memory&cache=shared"
        options = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
        module.__dict__["DATABASES"] = {
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": name, **options},
        }
    # A module and this variable, because chanx reads from it whether it is on Django.
    sys.modules[SETTINGS] = module
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    import django

    django.setup()
