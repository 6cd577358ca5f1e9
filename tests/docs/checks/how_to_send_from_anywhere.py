"""What is sent arrives, by each way."""

import asyncio
import threading

import pytest
from announcements import HallConsumer, announce, announce_later
from asgiref.sync import sync_to_async
from chat import async_views, views
from chat.orders import Announcement, Order, OrderConsumer, OrderStatus
from chat.plain import PlainConsumer
from django.contrib.auth.models import AnonymousUser, User
from django.test import AsyncRequestFactory, RequestFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY = {"user": AnonymousUser()}


async def test_from_a_view(ws_connect) -> None:
    client = await ws_connect(OrderConsumer, scope=NOBODY)
    await sync_to_async(views.ship)(RequestFactory().post("/"), 7)
    assert await client.receive_message(OrderStatus) == OrderStatus(payload=Order(number=7, status="shipped"))


async def test_to_a_user(ws_connect) -> None:
    ada = await ws_connect(OrderConsumer, scope={"user": User(pk=7)})
    ben = await ws_connect(OrderConsumer, scope={"user": User(pk=8)})
    await sync_to_async(views.tell)(RequestFactory().post("/"), 7)
    assert await ada.receive_message(Announcement) == Announcement(payload="Tea is ready")
    await ben.settled()
    assert await ben.receive_nothing(timeout=0)


async def test_from_an_async_view(ws_connect) -> None:
    client = await ws_connect(OrderConsumer, scope=NOBODY)
    await async_views.announce(AsyncRequestFactory().post("/"))
    assert await client.receive_message(Announcement) == Announcement(payload="Tea is ready")
    with pytest.raises(RuntimeError, match="broadcast_event"):
        OrderConsumer.broadcast_event_sync(Announcement(payload="no"))


async def test_from_a_thread_and_to_one_connection(ws_connect) -> None:
    client = await ws_connect(OrderConsumer, scope=NOBODY)
    name = client._watch.connection.channel_name
    thread = threading.Thread(target=OrderConsumer.send_event_sync, args=(Announcement(payload="Hi"), name))
    thread.start()
    assert await client.receive_message(Announcement, timeout=20) == Announcement(payload="Hi")
    await asyncio.to_thread(thread.join)


async def test_on_fastapi(ws_connect) -> None:
    client = await ws_connect(HallConsumer)
    await announce("one")
    await asyncio.to_thread(announce_later, "two")
    heard = [(await client.receive_json_from(timeout=20))["payload"] for _ in range(2)]
    assert heard == ["one", "two"]


async def test_to_a_plain_consumer(ws_connect) -> None:
    client = await ws_connect(PlainConsumer, contract="off")
    await sync_to_async(views.ship)(RequestFactory().post("/"), 7)
    assert await client.receive_json_from(timeout=20) == {"type": "order.changed", "number": 7, "status": "shipped"}
