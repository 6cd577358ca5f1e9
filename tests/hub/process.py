"""A server process for tests: joins a group with some members and writes what one of them gets to standard output.

Arguments: the Redis URL, the kind of layer, the number of members, then how many broadcasts to send to the group.
"""

from __future__ import annotations

import asyncio
import sys

from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

from chanspec.runtime.hub import hub_for
from tests.hub.conftest import joined


async def main(url: str, kind: str, members: int, broadcasts: int) -> None:
    layer = (RedisChannelLayer if kind == "queue" else RedisPubSubChannelLayer)(hosts=[url], capacity=10_000)
    hub = hub_for(layer)
    everybody = [await joined(hub, "room") for _ in range(members)]
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for number in range(broadcasts):
        await hub.broadcast(["room"], f"{number}")
    seen = 0
    while True:
        await everybody[-1].got(seen + 1, within=60)
        for text in everybody[-1].texts[seen:]:
            print(text, flush=True)
        seen = len(everybody[-1].texts)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
