"""Who is measured: the floor, chanspec and its peers, each by the module of :mod:`benchmarks.apps` that has it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.wire import Wire

REDIS_LAYERS = ("pubsub", "queue")
LAYER_NAMES = {"memory": "in memory", "pubsub": "Redis pub/sub", "queue": "Redis queue"}


@dataclass(frozen=True, slots=True)
class Contender:
    """A library in one configuration.

    Attributes:
        key: What the command line and the results call it.
        name: What tables and charts call it.
        module: In :mod:`benchmarks.apps`.
        layer: Which channel layer it gets, where it takes one.
        database: Whether its project has a database.
        ours: Whether targets are for it.
        loop: The event loop of its server, as uvicorn names it; where there is no server it says nothing.
    """

    key: str
    name: str
    module: str
    layer: str = "memory"
    database: bool = False
    ours: bool = False
    loop: str = "asyncio"

    @property
    def needs_redis(self) -> bool:
        return self.layer in REDIS_LAYERS

    def on(self, layer: str) -> Contender:
        """The same over a channel layer, which its name then says."""
        return replace(self, key=f"{self.key}-{layer}", name=f"{self.name}, {LAYER_NAMES[layer]}", layer=layer)

    def on_uvloop(self) -> Contender:
        """The same behind a server on uvloop; the scenario says so, and not the name."""
        return replace(self, loop="uvloop")

    def app(self, kind: str, redis: str | None) -> Any:
        """Import the library and make its ASGI application; see :mod:`benchmarks.apps`."""
        options = {"database": True} if self.database else {}
        return importlib.import_module(f"benchmarks.apps.{self.module}").make(kind, self.layer, redis, **options)

    def wire(self) -> Wire:
        """How it talks to clients."""
        return getattr(importlib.import_module(f"benchmarks.apps.{self.module}"), "WIRE", None) or Wire()


FLOOR = Contender("floor", "floor", "floor")
OURS = Contender("chanspec", "chanspec", "chanspec_asgi", ours=True)
OURS_CHANNELS = Contender("chanspec-channels", "chanspec on Channels", "chanspec_channels", ours=True)
OURS_DATABASE = Contender(
    "chanspec-database", "chanspec on Channels, a database", "chanspec_channels", database=True, ours=True
)
STARLETTE = Contender("starlette", "Starlette by hand", "starlette_by_hand")
SOCKETIO = Contender("socketio", "python-socketio", "socketio_by_hand")
CHANX_FAST = Contender("chanx-fast", "chanx on fast-channels", "chanx_fast")
CHANNELS = Contender("channels", "Channels by hand", "channels_by_hand")
CHANX_CHANNELS = Contender("chanx-channels", "chanx on Channels", "chanx_channels")
