"""Waits for what goes on in the background when connections have left: a hub waits for the layer a second at most."""

from __future__ import annotations

import asyncio

from chanspec.runtime.hub import Hub
from tests.redis import RedisServer
from tests.runtime.driver import eventually


async def end_of(*hubs: Hub) -> None:
    """Have everybody leave."""
    for hub in hubs:
        for member in list(hub.members.values()):
            await hub.unregister(member)


def own_tasks() -> list[str]:
    return [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("chanspec")]


async def all_is_left() -> None:
    """Wait until nothing is being left any more, and so no task of a hub's is there."""
    await eventually(lambda: not own_tasks())


async def is_empty(server: RedisServer) -> None:
    """Wait until there is neither a key nor a subscription in Redis.

    What was sent to a hub that stopped reading, its own beat for one, stays for as long as the layer keeps messages,
    which is a minute. And that a subscription has ended is written on another connection than this one.
    """
    await eventually(lambda: server.ask("DBSIZE") == b":0" and server.ask("PUBSUB CHANNELS") == b"*0", 90)
