"""A layer that is full, and one that is emptied."""

from __future__ import annotations

import asyncio

import pytest
from channels.exceptions import ChannelFull
from channels_redis.core import RedisChannelLayer

from chanspec.runtime.hub import hub_for
from chanspec.runtime.memory import InMemoryChannelLayer
from tests.redis import RedisServer


async def test_a_connection_elsewhere_that_does_not_keep_up_is_the_senders_to_know_and_counted(
    shared_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    shared_redis.ask("FLUSHALL")
    layer = RedisChannelLayer(hosts=[shared_redis.url], capacity=1)
    hub = hub_for(layer)
    nobody_reads = await layer.new_channel()
    await hub.send_event(nobody_reads, {"handler": "notify"})
    with pytest.raises(ChannelFull):
        await hub.send_event(nobody_reads, {"handler": "notify"})
    assert hub.losses.causes == {"the channel is full": 1}
    assert "the channel layer lost 1 message(s): the channel is full" in caplog.text
    await layer.close_pools()


async def test_flushing_forgets_messages_and_memberships() -> None:
    layer = InMemoryChannelLayer()
    await layer.group_add("group", "member")
    await layer.send("waits", {"type": "old"})
    waiting = asyncio.ensure_future(layer.receive("member"))
    await asyncio.sleep(0)
    await layer.flush()
    await layer.group_send("group", {"type": "old"})
    await layer.send("member", {"type": "new"})
    assert await asyncio.wait_for(waiting, 20) == {"type": "new"}
    await layer.send("waits", {"type": "new"})
    assert await layer.receive("waits") == {"type": "new"}
