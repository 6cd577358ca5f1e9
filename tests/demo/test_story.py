"""The whole story of the dispatch example, over real sockets: a request, an offer, a ride, a cancellation."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.demo.conftest import Client, Connect, Contract, Demo

RIDE = {"pickup_address": "23 Marina Rd, Lagos", "fare": "1500.00", "passenger_count": 2}


async def requested(rider: Client, driver: Client, **changes: Any) -> str:
    """A ride that waits and that both sides know of."""
    await rider.send("request_ride", **{**RIDE, **changes})
    ride_id = (await rider.hear("ride.requested"))["ride_id"]
    assert (await driver.hear("ride.available"))["ride_id"] == ride_id
    return ride_id


async def offered(rider: Client, driver: Client, ride_id: str, eta_minutes: int = 4) -> dict[str, Any]:
    await driver.send("offer_ride", ride_id=ride_id, eta_minutes=eta_minutes)
    assert (await driver.hear("offer.recorded"))["ride_id"] == ride_id
    return await rider.hear("ride.offer")


async def test_a_ride_from_request_to_cancellation(
    demo: Demo, connected: Connect, document: dict[str, Any], seen: dict[str, set[str]]
) -> None:
    """Every documented event is heard in it, and none that is not documented."""
    session = (await asyncio.to_thread(demo.browser, "rider")).cookie_header
    driver_token = await asyncio.to_thread(demo.token_of, "driver")
    async with (
        connected("dispatch", cookie=session) as rider,
        connected("dispatch", token=driver_token) as driver,
        connected("notifications", token=demo.token) as notified,
    ):
        await rider.is_answered()
        await driver.is_answered()
        await notified.is_answered()

        ride_id = await requested(rider, driver, note="Two suitcases.")
        offer = await offered(rider, driver, ride_id)
        assert (offer["ride_id"], offer["driver_name"], offer["eta_minutes"]) == (ride_id, "Emeka", 4)

        await rider.send("accept_offer", ride_id=ride_id, driver_id=offer["driver_id"])
        assert (await rider.hear("ride.accepted"))["driver_name"] == "Emeka"
        assert (await driver.hear("ride.accepted"))["ride_id"] == ride_id
        assert (await driver.hear("ride.withdrawn"))["reason"] == "accepted"

        told = await notified.hear("notification.created")
        assert "Emeka comes in 4 minutes" in told["text"]
        await notified.send("list_unread")
        listed = (await notified.hear("notification.list"))["notifications"]
        assert listed[0]["notification_id"] == told["notification_id"]
        await notified.send("mark_read", notification_id=told["notification_id"])
        await notified.hear("notification.read")
        await notified.send("list_unread")
        left = (await notified.hear("notification.list"))["notifications"]
        assert told["notification_id"] not in [each["notification_id"] for each in left]
        await notified.send("mark_read", notification_id=str(uuid.uuid4()))
        assert (await notified.hear("error"))["code"] == "refused"

        await rider.send("cancel", ride_id=ride_id, reason="too_slow")
        for side in (rider, driver):
            cancelled = await side.hear("ride.cancelled")
            assert (cancelled["ride_id"], cancelled["reason"]) == (ride_id, "too_slow")

        await rider.send("cancel", ride_id=ride_id)
        assert (await rider.hear("error"))["code"] == "refused"
        await rider.is_answered()
        await driver.is_answered()

    for channel, heard in seen.items():
        assert heard >= set(Contract.of(document, channel).events), channel


async def test_the_deprecated_action_cancels_the_newest_ride(demo: Demo, connected: Connect) -> None:
    driver_token = await asyncio.to_thread(demo.token_of, "driver")
    async with (
        connected("dispatch", token=demo.token) as rider,
        connected("dispatch", token=driver_token) as driver,
    ):
        await driver.is_answered()
        ride_id = await requested(rider, driver)
        await rider.send("cancel_ride")
        assert (await rider.hear("ride.cancelled"))["ride_id"] == ride_id
        withdrawn = await driver.hear("ride.withdrawn")
        assert (withdrawn["ride_id"], withdrawn["reason"]) == (ride_id, "cancelled")


async def test_a_driver_who_comes_later_is_told_of_rides_that_wait(demo: Demo, connected: Connect) -> None:
    driver_token = await asyncio.to_thread(demo.token_of, "driver")
    async with connected("dispatch", token=demo.token) as rider:
        await rider.send("request_ride", **RIDE)
        ride_id = (await rider.hear("ride.requested"))["ride_id"]
        async with connected("dispatch", token=driver_token) as driver:
            told = await driver.hear("ride.available")
            assert (told["ride_id"], told["fare"], told["passenger_count"]) == (ride_id, "1500.00", 2)
            assert told["note"] is None
        await rider.send("cancel", ride_id=ride_id)
        await rider.hear("ride.cancelled")
        await rider.is_answered()  # the drivers have been told too: nothing of this reaches who connects next


async def test_the_rules_are_kept(demo: Demo, connected: Connect) -> None:
    driver_token = await asyncio.to_thread(demo.token_of, "driver")
    async with (
        connected("dispatch", token=demo.token) as rider,
        connected("dispatch", token=driver_token) as driver,
    ):
        await driver.is_answered()
        ride_id = await requested(rider, driver)
        await rider.send("request_ride", **RIDE)
        assert "already wait" in (await rider.hear("error"))["message"]
        await rider.send("offer_ride", ride_id=ride_id, eta_minutes=1)
        assert "Only drivers" in (await rider.hear("error"))["message"]
        await rider.send("accept_offer", ride_id=ride_id, driver_id=str(uuid.uuid4()))
        assert "no such offer" in (await rider.hear("error"))["message"]
        await driver.send("cancel", ride_id=ride_id)
        assert "no such ride" in (await driver.hear("error"))["message"]

        offer = await offered(rider, driver, ride_id)
        for _ in range(2):  # a double click
            await rider.send("accept_offer", ride_id=ride_id, driver_id=offer["driver_id"])
        await rider.hear("ride.accepted")
        assert (await rider.hear("error"))["code"] == "refused"
        await driver.hear("ride.accepted")
        await driver.hear("ride.withdrawn")
        await driver.send("offer_ride", ride_id=ride_id, eta_minutes=9)
        assert "does not wait" in (await driver.hear("error"))["message"]
        await rider.send("cancel", ride_id=ride_id)
        await rider.hear("ride.cancelled")
        await rider.is_answered()


@pytest.mark.parametrize(
    ("frame", "code", "loc"),
    [
        ("{", "invalid_json", None),
        ("", "invalid_json", None),
        (b"\x00\xff", "invalid_json", None),
        ("[" * 20_000, "invalid_json", None),
        ("[]", "unknown_action", None),
        ("null", "unknown_action", None),
        ('{"action": 3}', "unknown_action", None),
        ('{"action": "fly"}', "unknown_action", None),
        ('{"action": "__class__"}', "unknown_action", None),
        (json.dumps({"action": "x" * 60_000}), "unknown_action", None),
        (json.dumps({"action": "request_ride"}), "invalid_payload", ["pickup_address"]),
        (json.dumps({"action": "request_ride", **RIDE, "fare": "-1"}), "invalid_payload", ["fare"]),
        (json.dumps({"action": "request_ride", **RIDE, "fare": "x" * 50_000}), "invalid_payload", ["fare"]),
        (json.dumps({"action": "request_ride", **RIDE, "passenger_count": 7}), "invalid_payload", ["passenger_count"]),
        (json.dumps({"action": "accept_offer", "ride_id": "7"}), "invalid_payload", ["ride_id"]),
        (json.dumps({"action": "cancel", "ride_id": None}), "invalid_payload", ["ride_id"]),
    ],
)
async def test_bad_input_is_answered_with_the_documented_error_and_the_connection_lives(
    connected: Connect, demo: Demo, frame: str | bytes, code: str, loc: list[str] | None
) -> None:
    async with connected("dispatch", token=demo.token) as rider:
        await rider.raw(frame)
        error = await rider.hear("error")
        assert error["code"] == code
        assert len(json.dumps(error)) < 1000  # what was sent does not come back
        if loc:
            assert error["errors"][0]["loc"] == loc
        await rider.is_answered()


async def test_a_frame_past_the_limit_closes_the_connection(connected: Connect, demo: Demo) -> None:
    async with connected("dispatch", token=demo.token) as rider:
        await rider.raw("x" * 70_000)
        with pytest.raises(ConnectionClosed) as closed:
            await rider.socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


@pytest.mark.parametrize("channel", ["dispatch", "notifications"])
@pytest.mark.parametrize("token", [None, "", "forged.token.here", "tampered"])
async def test_a_stranger_is_closed_with_4401(connected: Connect, demo: Demo, channel: str, token: str | None) -> None:
    if token == "tampered":
        token = demo.token[:-4] + "AAAA"
    async with connected(channel, token=token) as stranger:
        with pytest.raises(ConnectionClosed) as closed:
            await stranger.socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def test_a_bad_token_is_not_made_good_by_a_session(connected: Connect, demo: Demo) -> None:
    session = (await asyncio.to_thread(demo.browser, "rider")).cookie_header
    async with connected("dispatch", cookie=session, token="forged") as stranger:
        with pytest.raises(ConnectionClosed) as closed:
            await stranger.socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None])
async def test_a_foreign_origin_is_refused(connected: Connect, demo: Demo, origin: str | None) -> None:
    session = (await asyncio.to_thread(demo.browser, "rider")).cookie_header
    with pytest.raises(InvalidStatus) as refused:
        async with connected("dispatch", cookie=session, origin=origin):
            pass
    assert refused.value.response.status_code == 403
