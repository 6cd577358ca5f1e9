"""The ride's chat of the dispatch example, a typed consumer, over real sockets and from its HTTP side."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.demo.conftest import Connect, Contract, Demo
from tests.demo.test_story import offered, requested


@asynccontextmanager
async def accepted_ride(demo: Demo, connected: Connect, driver_token: str, minutes: int = 3) -> AsyncIterator[str]:
    """The id of a ride that the driver drives; it is cancelled afterwards."""
    async with (
        connected("dispatch", token=demo.token) as rider,
        connected("dispatch", token=driver_token) as driver,
    ):
        await driver.is_answered()
        ride_id = await requested(rider, driver)
        offer = await offered(rider, driver, ride_id, eta_minutes=minutes)
        await rider.send("accept_offer", ride_id=ride_id, driver_id=offer["driver_id"])
        await rider.hear("ride.accepted")
        yield ride_id
        await rider.send("cancel", ride_id=ride_id)
        await rider.hear("ride.cancelled")
        await rider.is_answered()  # the others have been told too: nothing of this reaches who connects next


async def test_a_rider_and_the_driver_who_comes_talk(
    demo: Demo, connected: Connect, document: dict[str, Any], seen: dict[str, set[str]]
) -> None:
    """Every documented event is heard in it, and none that is not documented."""
    session = await asyncio.to_thread(demo.browser, "rider")
    driving = await asyncio.to_thread(demo.browser, "driver")
    driver_token = await asyncio.to_thread(demo.token_of, "driver")
    async with (
        accepted_ride(demo, connected, driver_token) as ride_id,
        connected("ride_chat", cookie=session.cookie_header, ride_id=ride_id) as rider,
        connected("ride_chat", token=driver_token, ride_id=ride_id) as driver,
    ):
        for side in (rider, driver):
            assert (await side.hear("authentication"))["payload"]["status_code"] == 200
            await side.is_answered()

        await driver.send("typing")
        assert (await rider.hear("is_typing"))["payload"] == "Emeka"
        await driver.send("say", payload={"text": "<b>Which door?</b>"})
        for side in (rider, driver):
            said = (await side.hear("said"))["payload"]
            assert (said["author"], said["text"]) == ("Emeka", "<b>Which door?</b>")
        await rider.send("history")
        assert (await rider.hear("history_lines"))["payload"] == [said]

        # A stream goes on while other messages are answered.
        await rider.send_together("track", "ping")
        heard = [await rider.next() for _ in range(5)]
        assert [frame["payload"]["minutes_left"] for action, frame in heard if action == "tracked"] == [3, 2, 1, 0]
        assert "pong" in [action for action, _ in heard[:-1]]

        answer = await asyncio.to_thread(driving.post, f"/rides/{ride_id}/arrived/", {})
        assert json.loads(answer.text) == {"ride_id": ride_id}
        for side in (rider, driver):
            assert (await side.hear("arrived"))["payload"] == {"ride_id": ride_id, "driver_name": "Emeka"}

        for frame in ("{", '{"action": "fly"}', '{"action": "say", "payload": {"text": ""}}'):
            await rider.raw(frame)
            assert (await rider.hear("error"))["payload"][0]["msg"]
        for side in (rider, driver):
            await side.is_answered()
    assert seen["ride_chat"] == set(Contract.of(document, "ride_chat").events)


async def test_only_the_two_of_a_ride_come_in(demo: Demo, connected: Connect) -> None:
    driver_token = await asyncio.to_thread(demo.token_of, "driver")

    async def refused(ride_id: str, token: str | None) -> int:
        async with connected("ride_chat", token=token, ride_id=ride_id) as client:
            status: int = (await client.hear("authentication"))["payload"]["status_code"]
            with pytest.raises(ConnectionClosed) as closed:
                await client.socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4000 + status
        return status

    async with connected("dispatch", token=demo.token) as rider:
        await rider.send("request_ride", pickup_address="1 Marina Rd", fare="10", passenger_count=1)
        ride_id = (await rider.hear("ride.requested"))["ride_id"]
        assert await refused(ride_id, None) == 401
        assert await refused(ride_id, driver_token) == 403  # not yet the driver
        assert await refused(str(uuid.uuid4()), demo.token) == 404
        await rider.send("cancel", ride_id=ride_id)
        await rider.hear("ride.cancelled")
        await rider.is_answered()


async def test_only_the_driver_says_that_they_have_arrived(demo: Demo, connected: Connect) -> None:
    driver_token = await asyncio.to_thread(demo.token_of, "driver")
    riding = await asyncio.to_thread(demo.browser, "rider")
    async with accepted_ride(demo, connected, driver_token) as ride_id:
        answer = await asyncio.to_thread(riding.post, f"/rides/{ride_id}/arrived/", {})
        assert answer.status == 404
        assert (await asyncio.to_thread(riding.get, f"/rides/{ride_id}/arrived/")).status == 405
