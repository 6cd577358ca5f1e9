"""chanspec's typed consumer on Django Channels."""

from __future__ import annotations

from typing import Any

from benchmarks.apps.django_project import set_up


def make(kind: str, layer: str, redis: str | None, *, database: bool = False) -> Any:
    """Return the application.

    Args:
        kind: See :mod:`benchmarks.apps`.
        layer: As above.
        redis: As above.
        database: Whether the project has a database, with health checks, that each connection queries when it opens.
    """
    set_up("chanspec.channels", layer=layer, redis=redis, database=database)
    from benchmarks.apps.chanspec_bodies import consumers
    from chanspec.channels.websocket import AsyncJsonWebsocketConsumer

    base = AsyncJsonWebsocketConsumer
    if database:

        class Querying(AsyncJsonWebsocketConsumer):
            async def connect(self) -> None:
                await _query()
                await self.accept()

        base = Querying
    return consumers(base)[kind].as_asgi()


async def _query() -> None:
    from asgiref.sync import sync_to_async
    from django.db import connection

    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    await sync_to_async(run)()
