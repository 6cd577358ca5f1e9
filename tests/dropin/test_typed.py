"""The samples of typed consumers do what their text says, on both frameworks and under both names."""

from __future__ import annotations

import asyncio
import logging
from types import ModuleType
from typing import Any

import pytest
from channels.routing import URLRouter
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group as ChatRoom
from django.core.management import call_command
from django.test import RequestFactory, override_settings
from django.urls import path

from chanspec.asyncapi import AsyncAPIGenerator
from chanspec.runtime.layers import forget_layers
from tests.communicator import WebsocketCommunicator
from tests.dropin.conftest import Samples, Talk

User = get_user_model()


@pytest.fixture(params=["typed", "typed_fastapi"])
def typed(samples: Samples, request: pytest.FixtureRequest) -> ModuleType:
    return getattr(samples, request.param)


@pytest.fixture
def chat(samples: Samples) -> ModuleType:
    return samples.chat


@pytest.fixture(autouse=True)
def fresh_layers() -> Any:
    forget_layers()
    with override_settings(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}):
        yield
    forget_layers()


def operations(consumer: type) -> dict[str, tuple[str, bool]]:
    document = AsyncAPIGenerator(consumer).get_spec()
    return {name: (each["action"], "reply" in each) for name, each in document["operations"].items()}


async def test_handlers_answer_broadcast_or_say_nothing(
    typed: ModuleType, talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="samples")
    first, second = await talk(typed.ExampleConsumer.as_asgi()), await talk(typed.ExampleConsumer.as_asgi())
    assert await first.ask("ping") == {"action": "pong", "payload": None}
    assert (await first.ask("user_message", "hi")) == {"action": "system_echo", "payload": "hi"}
    assert (await first.ask("get_status"))["payload"]["status"] == "online"
    await first.say("log", "seen")
    await first.say("chat", {"message": "hello"})
    for each in (first, second):
        assert await each.hear() == {"action": "chat_notification", "payload": {"message": "User: hello"}}
    assert "Received: seen" in caplog.text


async def test_events_reach_clients_as_one_message_or_several(typed: ModuleType, talk: Talk) -> None:
    client = await talk(typed.ExampleConsumer.as_asgi())
    await typed.ExampleConsumer.broadcast_event(typed.JobResult(payload="42"), groups=["room_general"])
    assert (await client.hear())["payload"] == {"status": "result", "message": "42"}
    await typed.ExampleConsumer.broadcast_event(typed.ComplexEvent())
    assert [(await client.hear())["payload"] for _ in range(2)] == ["Processing...", "Complete!"]
    other = await talk(typed.NotificationConsumer.as_asgi())
    await typed.NotificationConsumer.broadcast_event(typed.SystemNotifyEvent(payload={"text": "soon"}))
    assert (await other.hear()) == {"action": "system_notification", "payload": {"text": "soon"}}


def test_the_document_has_the_operations_of_the_mapping(typed: ModuleType) -> None:
    assert operations(typed.ExampleConsumer) == {
        "ping": ("receive", True),
        "chat": ("receive", True),
        "user_message": ("receive", True),
        "log": ("receive", False),
        "get_status": ("receive", True),
        "job_status": ("send", False),
        "notification": ("send", False),
        "error": ("send", False),
    }
    document = AsyncAPIGenerator(typed.NotificationConsumer).get_spec()
    [channel] = document["channels"].values()
    assert (channel["title"], channel["description"]) == ("notifications", "User notification system")
    assert "SystemNotifyEvent" not in document["components"]["messages"]


async def test_passthrough_events_of_mixins_are_merged(typed: ModuleType, talk: Talk) -> None:
    client = await talk(typed.PassthroughConsumer.as_asgi())
    for event in (typed.UserJoinedNotification, typed.UserLeftNotification, typed.MessageUpdated):
        await typed.PassthroughConsumer.broadcast_event(event(payload={"who": "ada"}))
        assert (await client.hear())["payload"] == {"who": "ada"}
    assert hasattr(typed.PassthroughConsumer, "handle_passthrough_message_updated")


async def test_explicit_handlers_go_first_and_the_prefix_is_the_class_s(typed: ModuleType, talk: Talk) -> None:
    client = await talk(typed.ExplicitConsumer.as_asgi())
    await typed.ExplicitConsumer.broadcast_event(typed.UserJoinedNotification(payload="ada"))
    assert (await client.hear())["payload"] == "ada"
    assert typed.joined[-1] == "ada"
    assert hasattr(typed.ExplicitConsumer, "forward_user_left_notification")
    assert not hasattr(typed.ExplicitConsumer, "forward_user_joined_notification")


async def test_rooms_are_joined_by_their_path_parameter(typed: ModuleType, talk: Talk) -> None:
    application = typed.RoomConsumer.as_asgi()
    first = await talk(application, path_params={"room_id": "123"})
    await first.has_joined()
    second = await talk(application, path_params={"room_id": "123"})
    assert (await first.hear())["payload"] == {"user_id": "123"}
    await second.has_joined()
    await second.say("chat", {"message": "hello"})
    for each in (first, second):
        for _ in range(2):  # to its own groups, and to the group by name
            assert (await each.hear())["payload"] == {"message": "hello"}


async def test_an_authenticator_decides_who_connects(typed: ModuleType, talk: Talk) -> None:
    application = typed.MyConsumer.as_asgi()
    ada = await talk(application, "/?token=ada-token")
    assert (await ada.hear())["payload"]["status_code"] == 200
    assert (await ada.ask("user_message", "hi"))["payload"] == "ada: hi"
    stranger = WebsocketCommunicator(application, "/?token=forged")
    assert (await stranger.connect(timeout=20))[0]
    assert (await stranger.receive_json_from(timeout=20))["payload"]["status_code"] == 401
    assert (await stranger.receive_output(timeout=20))["code"] == 4401
    await stranger.wait()


@pytest.mark.django_db(transaction=True)
async def test_the_complete_chat(chat: ModuleType, talk: Talk) -> None:
    ada, bob = [await asyncio.to_thread(User.objects.create_user, name) for name in ("ada", "bob")]
    room = await ChatRoom.objects.acreate(name="kitchen")
    application = URLRouter([path("rooms/<int:pk>/", chat.RoomChatConsumer.as_asgi())])
    clients = [await talk(application, f"/rooms/{room.pk}/", user=user) for user in (ada, bob)]
    for client in clients:
        assert (await client.hear())["payload"]["status_code"] == 200
        await client.has_joined()
    await clients[0].say("chat", {"message": "hello"})
    for client in clients:
        assert (await client.hear())["payload"] == {"message": "hello", "username": "ada", "room_id": room.pk}
    event = chat.UserJoinedEvent(payload=chat.UserPayload(username="carol"))
    await asyncio.to_thread(chat.RoomChatConsumer.broadcast_event_sync, event, [f"room_{room.pk}"])
    for client in clients:
        assert (await client.hear())["payload"]["message"] == "carol joined the room"


async def test_views_tasks_and_commands_reach_clients(chat: ModuleType, talk: Talk) -> None:
    client = await talk(chat.NotificationConsumer.as_asgi())
    answer = await asyncio.to_thread(chat.create_post, RequestFactory().get("/", {"title": "News"}))
    assert answer.status_code == 200
    assert await client.hear() == {"action": "new_post", "payload": {"post_id": 7, "title": "News"}}
    await asyncio.to_thread(chat.process_payment, chat.NotificationConsumer.names[-1])
    assert await client.hear() == {"action": "payment_complete", "payload": {"status": "paid"}}
    await asyncio.to_thread(call_command, chat.Command(), "Closing soon")
    assert await client.hear() == {"action": "announcement", "payload": "Closing soon"}
